"""Programs that replace a file: they can't, and so must not remove it either, which would be erasure."""
import os
import shutil
import subprocess
import sys

import pytest

from made import SITE


@pytest.fixture(scope='module')
def template(made_store):
    return made_store(days=2, each=3)


@pytest.fixture
def m(fuse, template, tmp_path):
    with template.copy(tmp_path / 'store').mount(tmp_path / 'mnt') as mount:
        yield mount


def run(*cmd, **kw):
    return subprocess.run(list(map(str, cmd)), capture_output=True, text=True, timeout=60, check=False,
                          stdin=subprocess.DEVNULL, env={**os.environ, 'LC_ALL': 'C'}, **kw)


def texts(m):
    return {s.name: (s / 'events.json').read_bytes() for s in m.sessions()}


def test_cp_by_force(m, tmp_path):
    new = tmp_path / 'new'
    new.write_text('x')
    before = texts(m)
    for s in m.sessions():
        p = run('cp', '-f', new, s / 'events.json')
        assert p.returncode == 1 and 'Read-only file system' in p.stderr, p
    assert texts(m) == before
    assert run('rm', '-r', m.sessions()[0]).returncode == 0, 'who only removes may at once'


@pytest.mark.skipif(not shutil.which('vim'), reason='no vim')
def test_a_forced_write_of_an_editor(m):
    before = texts(m)
    run('vim', '-N', '-u', 'NONE', '-n', '-es', '-c', 'normal x', '-c', 'w!', '-c', 'q!', m.sessions()[0] / 'events.json')
    assert texts(m) == before


BY_OTHER_THREADS = '''
import errno, os, sys, threading, time
def answer(call, *args):
    try:
        call(*args)
    except OSError as e:
        print(errno.errorcode[e.errno], flush=True)
    else:
        print('fine', flush=True)
def on_a_thread(*what):
    t = threading.Thread(target=answer, args=what)
    t.start()
    t.join()
one, two = sys.argv[1:]
on_a_thread(open, one, 'r+')
on_a_thread(os.remove, two)
end = time.monotonic() + 60
while os.path.exists(two) and time.monotonic() < end:
    time.sleep(6)
    try:
        os.remove(two)
    except OSError:
        pass
print(os.path.exists(two))
'''


def test_threads_of_one_process_and_later(m):
    """A file manager that lives on can remove again after a few seconds."""
    one, two = (s / 'events.json' for s in m.sessions()[:2])
    p = run(sys.executable, '-c', BY_OTHER_THREADS, one, two)
    assert p.stdout.split() == ['EROFS', 'EROFS', 'False'], p


def test_a_backup_that_is_unpacked_onto_the_mount(m, tmp_path):
    """tar removes first: what tells it from rm is that it then wants to write. No second session is lost."""
    before = texts(m)
    assert run('tar', '-C', m.path, '-cf', tmp_path / 'backup.tar', SITE).returncode == 0
    p = run('tar', '-C', m.path, '-xf', tmp_path / 'backup.tar')
    assert p.returncode != 0 and 'Read-only file system' in p.stderr, p
    left = texts(m)
    assert len(left) >= len(before) - 1 and left.items() <= before.items()
