"""Wrong use: one line on stderr that names it, status 2, nothing on stdout, nothing changed."""
import os
import re

import pytest

from redactfs import TOP, run


def one_line(p, code, *words):
    lines = p.stderr.splitlines()
    assert p.returncode == code, (p.returncode, p.stderr)
    assert len([x for x in lines if not x.startswith('hint: ')]) == 1, p.stderr
    assert lines[0].startswith('redactfs: ') and not lines[0].endswith('.')
    assert p.stdout == b''
    for w in words:
        assert w in lines[0], lines[0]
    return lines


@pytest.mark.parametrize('args, words', [
    ([], ['which command']),
    (['frobnicate'], ["unknown command 'frobnicate'", 'redactfs --help']),
    (['verifying', 'x'], ["unknown command 'verifying'"]),
    (['--frobnicate'], ["unknown option '--frobnicate'"]),
    (['-x'], ["unknown option '-x'"]),
    (['ls'], ['argument is missing', 'redactfs ls --help']),
    (['ls', 'a', 'b'], ["unexpected argument 'b'"]),
    (['ls', 'a', '--frobnicate'], ["unknown option '--frobnicate'"]),
    (['ls', 'a', '-xy'], ["unknown option '-x'"]),
    (['ls', 'a', '--format', 'xml'], ["'xml'", 'json']),
    (['ls', 'a', '--since', 'yesterday'], ["'yesterday'"]),
    (['ls', 'a', '--since', '2026-02-30'], ["'2026-02-30'"]),
    (['ls', 'a', '--until', '2026-2-3'], ["'2026-2-3'"]),
    (['ls', 'a', '--passphrase-file', 'x', '--passphrase-fd', '3'], ['exclude each other']),
    (['ls', 'a', '--passphrase-fd', '3x'], ["'3x'"]),
    (['ls', 'a', '--passphrase-fd', '-1'], ["'-1'"]),
    (['init', 'a'], ['--operator']),
    (['import', 'a'], ['argument is missing']),
    (['import', 'a', 'f', '--visitor', 'x' * 200], ['visitor']),
    (['import', 'a', 'f', '--visitor', 'a\nb'], ['visitor']),
    (['import', 'a', 'f', '--id', 'seven'], ["'seven'"]),
    (['mount', 'a'], ['argument is missing']),
    (['policy', 'a', 'show'], ['argument is missing']),
    (['policy', 'a', 'change', 's.example'], ["'change'"]),
    (['policy', 'a', 'set', 's.example'], ['which file']),
    (['policy', 'a', 'show', 's.example', 'f'], ["'f'"]),
    (['redact', 'file'], ["unexpected argument 'file'"]),
    (['erase', 'a'], ['which?']),
    (['erase', 'a', '--before', '2026-01-01'], ['--reason']),
    (['erase', 'a', '--site', 's.example'], ['--reason']),
    (['erase', 'a', '--site', 's.example', '--reason', 'x' * 201], ['reason']),
    (['erase', 'a', '--site', 's.example', 'b'], ["unexpected argument 'b'"]),
    (['erase', 'a', '--session', 'x', '--site', 's.example'], ['--session']),
    (['erase', 'a', '--visitor', ''], ['--visitor']),
])
def test_usage(args, words, tmp_path):
    p = run(*args, prefix=['env', '-C', tmp_path])
    one_line(p, 2, *words)
    assert os.listdir(tmp_path) == []


def test_two_dashes_end_the_options(tmp_path):
    p = run('ls', '--', '--help')
    one_line(p, 3, "'--help'")


def test_no_escape_sequence_reaches_the_terminal():
    p = run('ls', '/nowhere/\x1b]0;title\x07\x9b31m\xc2\x9b')
    assert not re.search(r'[\x00-\x09\x0b-\x1f\x7f-\x9f]', p.stderr), p.stderr


def test_full_disk():
    with open('/dev/full', 'wb') as full:
        import subprocess
        from redactfs import binary
        p = subprocess.run([binary(), '--help'], stdout=full, stderr=subprocess.PIPE, text=True, timeout=20,
                           check=False)
    assert p.returncode == 1 and 'cannot write to standard output' in p.stderr


# ---- what the docs promise

def test_exit_statuses_are_documented():
    """err.h, err.c and SCRIPTING.md name the same numbers."""
    header = (TOP / 'include/redactfs/err.h').read_text()
    code = (TOP / 'src/base/err.c').read_text()
    names = dict(re.findall(r'\b(EXIT_[A-Z_]+) = (\d+)', header))
    rows = re.findall(r'^\| (\d+) \| (\w*)', (TOP / 'docs/SCRIPTING.md').read_text(), re.M)
    assert {n for n, _ in rows} == set(names.values())
    for errno, name in re.findall(r'case (E\w+):\s+return (EXIT_\w+);', code):
        assert (names[name], errno) in rows


def test_commands_of_the_docs_exist():
    """Every `redactfs COMMAND` in README and the docs for users is one, with options it has."""
    text = run('--help', check=0).stdout.decode()
    commands = set(re.findall(r'^  ([a-z]+) {2,}\S', text, re.M))
    for doc in ('README.md', 'docs/SCRIPTING.md'):
        for block in re.findall(r'^```.*?^```', (TOP / doc).read_text(), re.M | re.S):
            for command, rest in re.findall(r'\bredactfs ([a-z]+)\b([^|\n]*)', block):
                assert command in commands, f'{doc}: redactfs {command}'
                known = run(command, '--help').stdout.decode()
                for name in re.findall(r'--[a-z-]+', rest):
                    assert f'{name} ' in known or f'{name}\n' in known, f'{doc}: {command} {name}'
