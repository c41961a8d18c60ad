"""redactfs policy: what is shown, set and edited, and what each mistake is called."""
import os
import pty
import re
import select
import subprocess

import pytest

from redactfs import TIMEOUT, binary, run

SITE = 'shop.example.com'


@pytest.fixture(scope='module')
def store(empty_store, tmp_path_factory):
    return empty_store.copy(tmp_path_factory.mktemp('policies') / 'store')


def editor(tmp_path, script):
    """An editor that is a shell script; $1 is the file."""
    f = tmp_path / 'editor'
    f.write_text('#!/bin/sh\n' + script)
    f.chmod(0o755)
    return {'VISUAL': str(f), 'EDITOR': '/bin/false'}


def show(store, site):
    return store.cli('policy', 'show', site, check=0).stdout.decode()


def test_defaults_can_be_set(store):
    site = 'defaults.example.com'
    text = show(store, site)
    assert text.startswith('; none set: the defaults hold\n[site]\ntimezone = UTC\nretention = forever\n')
    for line in ('forms = seal', 'blocked = drop', 'images = keep', 'canvas = keep', '[detect]', 'ips = on'):
        assert f'\n{line}\n' in text
    store.cli('policy', 'set', site, '-', stdin=text.encode(), check=0)
    assert show(store, site) == text


@pytest.mark.parametrize('ini,why', [
    (b'[record]\n\nemials = drop\n', "3: unknown key 'emials'"),
    (b'[record]\npasswords = seal\n', "2: 'password' is always dropped"),
    (b'[record]\n; a\ncards = show\n', "3: 'card' is always dropped"),
    (b'[record]\ncvc = seal\n', "2: 'cvc' is always dropped"),
    (b'[record]\notps = seal\n', "2: 'otp' is always dropped"),
    (b'[detect]\ncards = off\n', "2: 'card' is always looked for"),
    (b'[detect]\npesel = off\nnipp = off\n', "3: unknown key 'nipp'"),
    (b'[record]\nimages = show\n', "2: neither keep nor drop"),
    (b'[select]\nblock = p:hover\n', "2: block, character 2 of the value"),
    (b'[site]\n\ntimezone = Mars/Olympus\n', "3: no such time zone: 'Mars/Olympus'"),
    (b'\xff\n', '1: not UTF-8'),
], ids=lambda v: v[:30] if isinstance(v, str) else '')
def test_file_line_and_what(store, tmp_path, ini, why):
    f = tmp_path / 'p.ini'
    f.write_bytes(ini)
    before = store.digest()
    p = store.cli('policy', 'set', SITE, f, check=18)
    assert p.stderr.startswith(f'redactfs: {f}:{why}')
    assert p.stdout == b'' and store.digest() == before


def test_a_filter_says_it_the_same_way(tmp_path):
    f = tmp_path / 'p.ini'
    f.write_text('[record]\nemials = drop\n')
    p = run('redact', '--policy', f, check=18)
    assert p.stderr.startswith(f"redactfs: {f}:2: unknown key 'emials'")


def test_usage(store):
    for args, why in ((('frob', SITE), 'none of show, set, edit, apply'), (('set', SITE), 'which file?'),
                      (('apply', SITE, 'x'), "unexpected argument 'x'"), (('edit', SITE, 'x'), 'unexpected'),
                      (('show', 'Not A Site'), '')):
        p = store.cli('policy', *args)
        assert p.returncode == (2 if why else 18) and why in p.stderr
    assert b'applied 0, failed 0 (values 0)\n' == store.cli('policy', 'apply', 'no.example.com', check=0).stdout


def test_edit(store, tmp_path):
    site = 'edit.example.com'
    seen = tmp_path / 'seen'
    env = editor(tmp_path, f'ls -l "$1" > {seen}; cat "$1" >> {seen}; '
                           f'sed -i "s/^emails = seal/emails = drop/" "$1"\n')
    p = store.cli('policy', 'edit', site, env=env, check=0)
    assert p.stderr == '' and '\nemails = drop\n' in show(store, site)
    text = seen.read_text()
    assert text.startswith('-rw-------') and '\nforms = seal\n' in text, 'the defaults, for nobody else'
    left = re.search(r'\S+redactfs-edit.example.com-\S+\.ini', text)[0]
    assert not os.path.exists(left), 'the file is gone afterwards'
    # again: what was set, as it was set
    p = store.cli('policy', 'edit', site, env=editor(tmp_path, 'exec sed -i "s/drop/drop/" "$1"\n'), check=0)
    assert p.stderr == 'redactfs: nothing changed\n'


def test_edit_with_arguments_and_a_failing_editor(store, tmp_path):
    site = 'edit2.example.com'
    env = editor(tmp_path, 'echo "[record]\nips = $1" > "$2"\n')
    env['VISUAL'] += ' drop'
    store.cli('policy', 'edit', site, env=env, check=0)
    assert show(store, site) == '[record]\nips = drop\n'
    for script in ('echo "[record]" > "$1"; exit 3\n', 'kill -9 $$\n'):
        p = store.cli('policy', 'edit', site, env=editor(tmp_path, script))
        assert p.returncode == 1 and 'the editor failed, nothing changed' in p.stderr
    assert show(store, site) == '[record]\nips = drop\n'


def test_edit_gone_wrong_without_a_terminal(store, tmp_path):
    p = store.cli('policy', 'edit', SITE, env=editor(tmp_path, 'echo "[record]\nips = no" > "$1"\n'), check=18)
    assert re.search(r"redactfs: \S+\.ini:2: not a disposition: 'no'\n", p.stderr)
    assert p.stderr.endswith('redactfs: nothing changed\n')
    assert show(store, SITE).startswith('; none set')


def on_a_terminal(store, args, env, answers):
    """Runs on a pty; gives each answer when a question is asked. Returns (status, what was said)."""
    master, slave = pty.openpty()
    proc = subprocess.Popen([binary(), 'policy', str(store.path), *args, '--passphrase-file', str(store.passfile)],
                            stdin=slave, stdout=slave, stderr=slave, env={**os.environ, **env})
    os.close(slave)
    said, given = b'', 0
    while select.select([master], [], [], TIMEOUT)[0]:
        try:
            got = os.read(master, 4096)
        except OSError:
            break
        said += got
        if given < min(said.count(b'[Y/n] '), len(answers)):
            os.write(master, answers[given])
            given += 1
        if not got:
            break
    os.close(master)
    return proc.wait(TIMEOUT), said.decode()


def test_edit_again(store, tmp_path):
    """Wrong twice, then right; the editor gets back what was wrong."""
    site = 'again.example.com'
    count = tmp_path / 'count'
    env = editor(tmp_path, f'echo x >> {count}; grep -q wrong "$1" && test $(wc -l < {count}) = 3 && '
                           f'echo "[record]\nips = drop" > "$1" && exit 0; '
                           f'echo "[record]\nwrong = 1" > "$1"\n')
    status, said = on_a_terminal(store, ('edit', site), env, [b'\n', b'y\n'])
    assert status == 0, said
    assert said.count('edit it again?') == 2 and said.count(":2: unknown key 'wrong'") == 2
    assert show(store, site) == '[record]\nips = drop\n'
    count.write_text('')
    status, said = on_a_terminal(store, ('edit', site), editor(tmp_path, 'echo "[x]" > "$1"\n'), [b'n\n'])
    assert status == 18 and 'nothing changed' in said
    assert show(store, site) == '[record]\nips = drop\n'


def test_stored_for_the_program(store):
    """Others may have changed it while the editor was open: that is told, and theirs stays."""
    site = 'race.example.com'
    script = (f'{binary()} policy {store.path} set {site} - --passphrase-file {store.passfile} <<E\n'
              '[record]\nips = drop\nE\necho "[record]\nips = seal\nphones = drop" > "$1"\n')
    p = store.cli('policy', 'edit', site, env=editor(store.path.parent, script))
    assert p.returncode != 0 and 'changed by somebody else' in p.stderr
    assert show(store, site) == '[record]\nips = drop\n'
