"""Removing: what can be and what can't, through every usual tool, and what else is refused."""
import ctypes
import errno
import fcntl
import json
import mmap
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import made
from redactfs import wait_until

SITE = 'shop.example.com'
LIBC = ctypes.CDLL(None, use_errno=True)
UNLINKAT = {'x86_64': '263'}.get(os.uname().machine, '35')


@pytest.fixture(scope='module')
def template(empty_store, tmp_path_factory):
    base = tmp_path_factory.mktemp('remove')
    store = empty_store.copy(base / 'store')
    made.fill(store, base / 'a', SITE, days=2, each=3)
    made.fill(store, base / 'b', 'other.example.org', days=1, each=2, first=100)
    return store


@pytest.fixture
def filled(template, tmp_path):
    return template.copy(tmp_path / 'store')


def quietly(*cmd):
    """Status 0 and not a word."""
    p = subprocess.run(list(map(str, cmd)), capture_output=True, text=True, timeout=120, check=False)
    assert (p.returncode, p.stdout, p.stderr) == (0, '', ''), (cmd, p)


def fails(call, *args):
    """The errno of a call that must fail."""
    try:
        call(*args)
    except OSError as e:
        return errno.errorcode[e.errno]
    return 'nothing'


def c(name, *args):
    """A libc call that Python has no name for, or checks before it."""
    if getattr(LIBC, name)(*args) < 0:
        raise OSError(ctypes.get_errno(), name)


def texts(m):
    return {str(s.relative_to(m.path)): (s / 'events.json').read_bytes() for s in m.sessions()}


# ---- the table

def test_what_is_refused(template, mnt, tmp_path):
    with template.mount(mnt) as m:
        before = texts(m)
        day, s = m.sessions()[0].parent, m.sessions()[0]
        f, info = s / 'events.json', s / 'session.json'
        b = os.fsencode
        refused = {
            # contents never change
            'open for writing': (os.open, f, os.O_WRONLY),
            'open for both': (os.open, f, os.O_RDWR),
            'open to append': (os.open, f, os.O_WRONLY | os.O_APPEND),
            'open to truncate': (os.open, f, os.O_RDONLY | os.O_TRUNC),
            'truncate': (os.truncate, f, 0),
            'truncate to its size': (os.truncate, f, os.stat(f).st_size),
            # names neither
            'create': (os.open, s / 'new', os.O_WRONLY | os.O_CREAT, 0o600),
            'create in the root': (os.open, m / 'new', os.O_WRONLY | os.O_CREAT, 0o600),
            'mkdir': (os.mkdir, m / 'new'),
            'mkdir in a date': (os.mkdir, day / 'new'),
            'mkfifo': (os.mkfifo, s / 'new'),
            'symlink': (os.symlink, 'x', s / 'new'),
            'link': (os.link, f, s / 'new'),
            'rename a file': (os.rename, f, s / 'new'),
            'rename over': (os.rename, f, info),
            'rename a session': (os.rename, s, day / 'new'),
            'rename a session elsewhere': (os.rename, s, m / 'new'),
            'rename a site': (os.rename, day.parent, m / 'new'),
            # nor attributes
            'chmod': (os.chmod, f, 0o600),
            'chmod of a folder': (os.chmod, s, 0o700),
            'chown': (os.chown, f, 0, 0),
            'utime': (os.utime, f, (0, 0)),
            'setxattr': (os.setxattr, f, 'user.x', b'1'),
            'removexattr': (os.removexattr, f, 'user.x'),
        }
        got = {what: fails(*call) for what, call in refused.items()}
        assert got == dict.fromkeys(refused, 'EROFS')

        fd = os.open(f, os.O_RDONLY)
        others = {
            'a derived file alone': (os.unlink, info, 'EPERM'),
            'a live session': (os.rmdir, s, 'ENOTEMPTY'),
            'a date with sessions': (os.rmdir, day, 'ENOTEMPTY'),
            'a site with dates': (os.rmdir, day.parent, 'ENOTEMPTY'),
            'a session as a file': (os.unlink, s, 'EISDIR'),
            'a file as a folder': (os.rmdir, f, 'ENOTDIR'),
            'what is not there': (os.unlink, s / 'transcript.md', 'ENOENT'),
            'a folder that is not there': (os.rmdir, day / 'x', 'ENOENT'),
            'out of the mount by rename': (os.rename, f, tmp_path / 'moved', 'EXDEV'),
            'extended attributes': (os.getxattr, f, 'user.x', 'ENOTSUP'),
            'list them': (os.listxattr, f, 'ENOTSUP'),
            'a map to write': (mmap.mmap, fd, 0, 'EACCES'),
            'fallocate': (os.posix_fallocate, fd, 0, 10, 'EBADF'),
            'mount root': (os.rmdir, m.path, 'EBUSY'),
        }
        got = {what: fails(*call[:-1]) for what, call in others.items()}
        os.close(fd)
        assert got == {what: call[-1] for what, call in others.items()}
        assert texts(m) == before


def test_what_a_reader_may_call(template, mnt):
    """Calls that change nothing are no errors."""
    with template.mount(mnt) as m:
        f = m.sessions()[0] / 'events.json'
        fd, d = os.open(f, os.O_RDONLY), os.open(f.parent, os.O_RDONLY)
        try:
            os.fsync(fd)
            os.fdatasync(fd)
            os.fsync(d)
            c('syncfs', fd)
            assert os.access(f, os.R_OK | os.W_OK) and not os.access(f, os.X_OK)
            assert os.lseek(fd, 0, os.SEEK_DATA) == 0
            assert os.lseek(fd, 0, os.SEEK_HOLE) == os.stat(f).st_size, 'no holes'
            os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(fd)
            os.close(d)


# ---- erasing by the usual tools

def test_rm_r_of_a_session(filled, mnt):
    with filled.mount(mnt) as m:
        before = texts(m)
        victim = m.sessions(SITE)[0]
        quietly('rm', '-r', victim)
        assert not victim.exists() and victim.name not in os.listdir(victim.parent)
        del before[str(victim.relative_to(m.path))]
        assert texts(m) == before
    with filled.mount(mnt) as m:
        assert texts(m) == before, 'after a remount'


def test_rm_r_of_a_date(filled, mnt):
    with filled.mount(mnt) as m:
        day = m.sessions(SITE)[0].parent
        quietly('rm', '-r', day)
        assert not day.exists() and len(m.sessions(SITE)) == 3
        assert day.name not in os.listdir(m / SITE)


def test_rm_rf_of_a_site(filled, mnt):
    with filled.mount(mnt) as m:
        quietly('rm', '-rf', m / SITE)
        assert os.listdir(m.path) == ['other.example.org']
    with filled.mount(mnt) as m:
        assert os.listdir(m.path) == ['other.example.org']


def test_rm_r_of_everything(filled, mnt):
    with filled.mount(mnt) as m:
        quietly('sh', '-c', 'rm -r "$0"/*', m.path)
        assert os.listdir(m.path) == []
        quietly('find', m.path, '-mindepth', '1', '-delete')


def test_find_delete(filled, mnt):
    with filled.mount(mnt) as m:
        quietly('find', m / SITE, '-depth', '-delete')
        assert os.listdir(m.path) == ['other.example.org']


def test_find_files_then_folders(filled, mnt):
    """The recordings first, the rest much later."""
    with filled.mount(mnt) as m:
        quietly('find', m / SITE, '-name', 'events.json', '-delete')
        assert m.sessions(SITE) == []
        for day in (m / SITE).iterdir():
            assert os.listdir(day) == [], 'an erased session is not listed'
        quietly('find', m / SITE, '-depth', '-type', 'd', '-empty', '-delete')
        assert os.listdir(m.path) == ['other.example.org']


def test_find_older_than(filled, mnt):
    """-mtime goes by the end of the session."""
    with filled.mount(mnt) as m:
        young, old = sorted({s.parent for s in m.sessions(SITE)}, reverse=True)
        t = os.stat(next(young.iterdir()) / 'events.json').st_mtime - 60
        quietly('find', m / SITE, '-type', 'f', '!', '-newermt', f'@{t}', '-delete')
        assert [s.parent for s in m.sessions(SITE)] == [young] * 3 and os.listdir(old) == []


def test_shutil_rmtree(filled, mnt):
    with filled.mount(mnt) as m:
        shutil.rmtree(m.sessions(SITE)[0])
        shutil.rmtree(m / SITE / '2026-11-29')
        assert len(m.sessions(SITE)) == 2
        shutil.rmtree(m / SITE)
        assert os.listdir(m.path) == ['other.example.org']


def test_mv_out(filled, mnt, tmp_path):
    """A copy as it is shown, and an erasure."""
    with filled.mount(mnt) as m:
        s = m.sessions(SITE)[0]
        text = (s / 'events.json').read_bytes()
        quietly('mv', s, tmp_path / 'moved')
        assert (tmp_path / 'moved/events.json').read_bytes() == text
        assert sorted(os.listdir(tmp_path / 'moved')) == ['events.json', 'replay.html', 'session.json', 'transcript.txt']
        assert not s.exists() and len(m.sessions(SITE)) == 5


def test_rm_on_a_terminal_asks_nothing(filled, mnt):
    """rm asks before it removes files that look write-protected; these don't."""
    if os.getuid():
        pytest.skip('needs root')
    with filled.mount(mnt, options=['uid=65534', 'gid=65534', 'allow_other']) as m:
        for p in mnt.parents:
            os.chmod(p, os.stat(p).st_mode | 0o001) if not os.stat(p).st_mode & 0o001 else None
        victim = m.sessions(SITE)[0]
        pid, terminal = os.forkpty()
        if not pid:
            os.setgid(65534)
            os.setuid(65534)
            os.execvp('rm', ['rm', '-r', str(victim)])
        said = b''
        try:
            while True:
                piece = os.read(terminal, 1000)
                if not piece:
                    break
                said += piece
                assert b'?' not in said, said
        except OSError:
            pass                        # its end
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0 and said == b'', said
        assert not victim.exists()


# ---- what is left after the recording is gone

def test_ghosts(filled, mnt):
    with filled.mount(mnt) as m:
        s = m.sessions(SITE)[0]
        os.unlink(s / 'events.json')
        assert s.name not in os.listdir(s.parent), 'not listed'
        assert os.listdir(s) == ['session.json', 'transcript.txt', 'replay.html'], 'but what is left of it is'
        assert fails(os.rmdir, s) == 'ENOTEMPTY'
        assert fails(os.unlink, s / 'events.json') == 'ENOENT'
        assert fails((s / 'session.json').read_bytes) == 'ENOENT', 'it holds no data'
        assert os.stat(s / 'session.json').st_size == 0
        os.unlink(s / 'session.json')
        os.unlink(s / 'transcript.txt')
        assert os.listdir(s) == ['replay.html']
        os.unlink(s / 'replay.html')
        assert os.listdir(s) == []
        os.rmdir(s)
        assert fails(os.lstat, s) == 'ENOENT' and fails(os.rmdir, s) == 'ENOENT'


def test_ghosts_dont_keep_a_date(filled, mnt):
    with filled.mount(mnt) as m:
        day = m.sessions(SITE)[0].parent
        for s in m.sessions(SITE):
            os.unlink(s / 'events.json')
        os.rmdir(day)
        assert fails(os.lstat, day) == 'ENOENT'


def test_times_of_what_is_left(filled, empty_store, mnt, tmp_path):
    """A folder's time is its newest change, a removal too: it never goes back, and stays over a remount."""
    with empty_store.copy(tmp_path / 'empty').mount(mnt) as m:
        assert os.stat(m.path).st_mtime > 1_700_000_000, 'of an empty store, when it was made'
    with filled.mount(mnt) as m:
        day, site = m.sessions(SITE)[0].parent, m / SITE
        for gone in (m.sessions(SITE)[0], day, site, m / 'other.example.org'):
            before = os.stat(gone.parent).st_mtime_ns, os.stat(m.path).st_mtime_ns
            quietly('rm', '-r', gone)
            wait_until('a later time', lambda: os.stat(gone.parent).st_mtime_ns > before[0], 2)
            wait_until('a later time above', lambda: os.stat(m.path).st_mtime_ns > before[1], 2)
        last = os.stat(m.path).st_mtime_ns
    with filled.mount(mnt) as m:
        assert os.stat(m.path).st_mtime_ns == last


def test_a_folder_that_is_somebodys_own(filled, mnt):
    """The working folder of a process is removed under it."""
    with filled.mount(mnt) as m:
        s = m.sessions(SITE)[0]
        fd = os.open(s, os.O_RDONLY)
        try:
            quietly('rm', '-r', s)
            assert fails(os.listdir, fd) == 'ENOENT', 'as on a disk: rm -f takes nothing else for gone'
            assert fails(lambda: os.open('events.json', os.O_RDONLY, dir_fd=fd)) == 'ENOENT'
            assert fails(lambda: os.unlink('session.json', dir_fd=fd)) == 'ENOENT'
        finally:
            os.close(fd)


def test_several_at_once(made_store, mnt, tmp_path):
    """Each rm -rf finds that others were faster, and says nothing of it."""
    store = made_store(days=2, each=15).copy(tmp_path / 'many')
    with store.mount(mnt) as m:
        all_ = [subprocess.Popen(['rm', '-rf', m / SITE], stderr=subprocess.PIPE, text=True) for _ in range(4)]
        assert [(p.communicate(timeout=120)[1], p.returncode) for p in all_] == [('', 0)] * 4
        assert os.listdir(m.path) == []


# ---- who has it open

READER = '''
import mmap, os, sys
how, events, info = sys.argv[1:]
fds = [os.open(p, os.O_RDONLY) for p in (events, info)]
maps = [mmap.mmap(fd, 0, prot=mmap.PROT_READ) for fd in fds]
for fd, m in zip(fds, maps):
    assert os.pread(fd, 20, 0) == m[:20]
print('ready', flush=True)
sys.stdin.readline()
if how == 'map':
    print(maps[0][:20])
errors = []
for fd in fds:
    try:
        print(os.pread(fd, 20, 0))
    except OSError as e:
        errors.append(e.errno)
print(errors)
'''


@pytest.mark.parametrize('how', ['read', 'map'])
@pytest.mark.parametrize('remover', ['unlink', 'rm', 'erase'])
def test_open_in_another_process(filled, mnt, how, remover):
    """At once where it is removed here; by another process, within a second of its end."""
    with filled.mount(mnt) as m:
        s = m.sessions(SITE)[0]
        ident = s.joinpath('session.json').read_text().split('"')[3]
        p = subprocess.Popen([sys.executable, '-c', READER, how, s / 'events.json', s / 'session.json'],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            assert p.stdout.readline() == 'ready\n'
            if remover == 'unlink':
                os.unlink(s / 'events.json')
            elif remover == 'rm':
                quietly('rm', '-r', s)
            else:
                filled.cli('erase', '--session', ident, '--yes', '--reason', 'test', check=0)
                _, took = wait_until('gone', lambda: not os.path.exists(s), timeout=10)
                assert took < 1
            out, _ = p.communicate('go\n', timeout=30)
        finally:
            p.kill()
            p.wait()
        if how == 'map':
            assert p.returncode == -signal.SIGBUS and out == ''
        else:
            assert p.returncode == 0 and out == f'{[errno.ESTALE] * 2}\n'


def test_readers_dont_hold_an_erasure_up(filled, mnt, tmp_path):
    """Slow ones, and many."""
    filled.import_(made.write(tmp_path / 'big', 900, words=100_000), site='big.example')
    with filled.mount(mnt) as m:
        s = m.session('big.example')
        program = ('import os,sys\n'
                   'fd=os.open(sys.argv[1],os.O_RDONLY)\n'
                   'print("ready",flush=True)\n'
                   'try:\n'
                   ' while True:\n'
                   '  os.posix_fadvise(fd,0,0,os.POSIX_FADV_DONTNEED)\n'
                   '  for off in range(0,os.fstat(fd).st_size,5000): os.pread(fd,5000,off)\n'
                   'except OSError as e: print(e.errno)\n')
        ps = [subprocess.Popen([sys.executable, '-c', program, s / 'events.json'],
                               stdout=subprocess.PIPE, text=True) for _ in range(6)]
        try:
            for p in ps:
                assert p.stdout.readline() == 'ready\n'
            subprocess.run(['rm', '-r', s], check=True, timeout=20)
            for p in ps:
                assert p.communicate(timeout=20)[0] == f'{errno.ESTALE}\n'
        finally:
            for p in ps:
                p.kill()
                p.wait()


# ---- who may

def test_removals_that_wait_leave_readers_alone(made_store, mnt, tmp_path):
    """More of them than the daemon has threads, while another process writes, and takes its time."""
    store = made_store(days=2, each=15).copy(tmp_path / 'many')
    with store.mount(mnt, limit=120) as m, open(store.path / 'lock', 'r+b') as lock:
        *gone, kept = m.sessions(SITE)
        fcntl.flock(lock, fcntl.LOCK_EX)
        removers = [subprocess.Popen(['rm', '-r', s], stderr=subprocess.PIPE, text=True) for s in gone]
        try:
            wait_until('removers to wait', lambda: all(
                Path(f'/proc/{p.pid}/syscall').read_text().split()[0] == UNLINKAT for p in removers))
            reader = subprocess.run(['cat', kept / 'events.json'], capture_output=True, timeout=30, check=False)
            assert reader.stdout == (kept / 'events.json').read_bytes() and kept.name in os.listdir(kept.parent)
        finally:
            fcntl.flock(lock, fcntl.LOCK_UN)
        assert [(p.communicate(timeout=60)[1], p.returncode) for p in removers] == [('', 0)] * len(gone)
        assert m.sessions(SITE) == [kept]


def test_a_removal_that_was_given_up(made_store, mnt, tmp_path):
    """Killed while it still waited for its turn: then nothing is erased."""
    cpus = os.cpu_count()
    threads = 8 if cpus < 2 else 32 if cpus > 8 else 4 * cpus
    store = made_store(days=2, each=24).copy(tmp_path / 'many')
    with store.mount(mnt, limit=120) as m, open(store.path / 'lock', 'r+b') as lock:
        all_ = m.sessions(SITE)
        fcntl.flock(lock, fcntl.LOCK_EX)
        removers = [subprocess.Popen(['rm', '-r', s], stderr=subprocess.DEVNULL) for s in all_]
        try:
            wait_until('removers to wait', lambda: all(
                Path(f'/proc/{p.pid}/syscall').read_text().split()[0] == UNLINKAT for p in removers))
            for p in removers:
                p.kill()
            for _ in range(20):     # interruptions come before requests
                (m / '.redactfs/status.json').read_bytes()
        finally:
            fcntl.flock(lock, fcntl.LOCK_UN)
        for p in removers:
            p.wait(60)
        assert len(all_) - len(m.sessions(SITE)) <= threads - threads // 4


def test_read_only(template, mnt):
    with template.mount(mnt, options=['ro']) as m:
        s = m.sessions(SITE)[0]
        assert fails(os.unlink, s / 'events.json') == 'EROFS'
        assert fails(os.rmdir, s) == 'EROFS'
        assert os.stat(s).st_mode == 0o40555 and os.stat(s / 'events.json').st_mode == 0o100444
        assert (s / 'events.json').read_bytes()


def test_a_held_session_stays(filled, mnt):
    """rm -r of its day takes the others; it, and only it, is 'busy', and goes when it is let go."""
    rows = [r for r in json.loads(filled.cli('ls', '--format=json', '--site', SITE, check=0).stdout)]
    day = rows[0]['date']
    of_day = [r for r in rows if r['date'] == day]
    held = of_day[1]
    with filled.mount(mnt) as m:
        folder = m.path / SITE / day
        filled.cli('hold', 'add', '--session', held['id'], '--reason', 'court', check=0)
        p = subprocess.run(['rm', '-r', str(folder)], capture_output=True, text=True, check=False)
        assert p.returncode == 1
        assert [x for x in p.stderr.splitlines() if 'busy' in x] == p.stderr.splitlines()[:1]
        assert held['name'] in p.stderr and not any(r['name'] in p.stderr for r in of_day if r is not held)
        assert os.listdir(folder) == [held['name']]
        file = folder / held['name'] / 'events.json'
        assert fails(os.unlink, file) == 'EBUSY'
        assert file.read_bytes().startswith(b'[\n')
        filled.cli('hold', 'remove', '--session', held['id'], '--reason', 'settled', check=0)
        quietly('rm', '-r', folder)


def test_without_the_recording_nothing_is_erased(template, mnt):
    with template.mount(mnt, options=['views=session']) as m:
        f = next((m / SITE).glob('*/*/session.json'))
        assert fails(os.unlink, f) == 'EPERM'
        assert f.read_bytes()
