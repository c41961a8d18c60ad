"""redactfs as the tests see it: the program, a store made by it, a mount of that store.

Nothing here knows what is inside a store: that is tests/independent/decrypt.py. Nothing sleeps for
a fixed time: a mount is awaited on /proc/self/mountinfo (which polls readable whenever the mount
table changes) together with the daemon's own process.
"""
import ctypes
import hashlib
import os
import re
import select
import shutil
import signal
import subprocess
import threading
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
TOP = TESTS.parent
DATA = TESTS / 'data'
OPERATOR = 'dpo@store.example'
PASSPHRASE = 'otter violet lantern 7 granite parasol'
TIMEOUT = float(os.environ.get('REDACTFS_TEST_TIMEOUT', '120'))
SUSPICIOUS = re.compile(r'AddressSanitizer|LeakSanitizer|ThreadSanitizer|runtime error|Segmentation|'
                        r'[Aa]ssert|stack smashing|double free|corrupted|fuse: |Aborted')


def binary():
    """The program under test: REDACTFS_BIN, or the one in the build folder REDACTFS_BUILD."""
    if os.environ.get('REDACTFS_BIN'):
        return os.environ['REDACTFS_BIN']
    p = Path(os.environ.get('REDACTFS_BUILD') or TOP / 'build') / 'src/cli/redactfs'
    if not p.exists():
        raise RuntimeError(f'no {p}: build it, or set REDACTFS_BIN')
    return str(p)


def fuse_usable():
    """None, or why nothing can be mounted here."""
    try:
        os.close(os.open('/dev/fuse', os.O_RDWR | os.O_CLOEXEC))
    except OSError as e:
        return f'/dev/fuse: {e.strerror}'
    if os.geteuid() != 0 and not shutil.which('fusermount3'):
        return 'not root, and no fusermount3'
    return None


def mounts(under=None):
    """Mount points of type fuse.redactfs, decoded; only those below `under` where it is given."""
    found = []
    with open('/proc/self/mountinfo', encoding='utf-8', errors='surrogateescape') as f:
        for line in f:
            left, _, right = line.partition(' - ')
            if right.split(' ', 1)[0] != 'fuse.redactfs':
                continue
            where = re.sub(r'\\([0-7]{3})', lambda m: chr(int(m.group(1), 8)), left.split(' ')[4])
            if under is None or Path(under).resolve() in Path(where).parents:
                found.append(where)
    return found


def detach(where):
    """Takes a left-over mount away, dead daemon or not."""
    tool = ['umount', '-l'] if os.geteuid() == 0 else ['fusermount3', '-u', '-z']
    subprocess.run([*tool, where], capture_output=True, timeout=30, check=False)


def tree_digest(path, but=()):
    """One hash over names, modes, sizes and bytes below a folder. Not over SQLite's -shm, an index
    into the WAL that any reader may rebuild."""
    h = hashlib.sha256()
    top = Path(path)
    for p in sorted(top.rglob('*')):
        name = str(p.relative_to(top))
        if name.endswith('-shm') or name in but:
            continue
        st = p.lstat()
        h.update(f'{name}\0{st.st_mode:o}\0'.encode())
        if p.is_file():
            h.update(f'{st.st_size}\0'.encode())
            h.update(p.read_bytes())
    return h.hexdigest()


def _die_with_parent():
    """In the child: a killed test run takes its daemons along (SIGTERM unmounts)."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def check_stderr(text):
    """What a sanitizer or the C library would say fails a test whatever the exit status was."""
    found = [line for line in text.splitlines() if SUSPICIOUS.search(line)]
    assert not found, 'suspicious words on stderr:\n' + '\n'.join(found[:20]) + '\n--\n' + text[-4000:]


def run(*args, stdin=None, timeout=None, env=None, check=None, prefix=()):
    """Runs the program. `check`: the exit status that is expected, None for any. Bytes in and out
    stay bytes; stderr is text."""
    p = subprocess.run([*prefix, binary(), *map(str, args)], input=stdin or b'', capture_output=True,
                       timeout=timeout or TIMEOUT, check=False,
                       env={**os.environ, 'LC_ALL': 'C.UTF-8', **(env or {})})
    p.stderr = p.stderr.decode('utf-8', 'replace')
    check_stderr(p.stderr)
    assert p.returncode >= 0, f'{args[0]}: killed by signal {-p.returncode}\n{p.stderr}'
    if check is not None:
        assert p.returncode == check, (f'{" ".join(map(str, args))}: exit status {p.returncode}, '
                                       f'not {check}\n{p.stderr}{p.stdout[-2000:]!r}')
    return p


class Store:
    """A store in a folder, and the secrets to open it."""

    def __init__(self, path, operator=OPERATOR, passphrase=PASSPHRASE):
        self.path = Path(path)
        self.operator = operator
        self.passphrase = passphrase
        self.passfile = self.path.with_name(self.path.name + '.pass')

    def write_passfile(self):
        self.passfile.write_text(self.passphrase + '\n')
        self.passfile.chmod(0o600)
        return self

    def init(self):
        self.write_passfile()
        run('init', self.path, '--operator', self.operator, '--passphrase-file', self.passfile,
            check=0)
        return self

    def copy(self, path):
        """An independent copy: the same store at another place. No process may be writing."""
        other = Store(path, self.operator, self.passphrase)
        shutil.copytree(self.path, other.path)
        return other.write_passfile()

    def cli(self, command, *args, **kw):
        """`redactfs COMMAND STORE ARGS…`, logged in."""
        return run(command, self.path, '--passphrase-file', self.passfile, *args, **kw)

    def import_(self, *files, site=None, visitor=None, id=None, check=0, **kw):
        opts = []
        for name, value in (('--site', site), ('--visitor', visitor), ('--id', id)):
            if value is not None:
                opts += [name, value]
        return self.cli('import', *opts, '--', *files, check=check, **kw)

    def policy(self, site, ini):
        """Sets a site's policy from INI text."""
        f = self.path.with_name(self.path.name + '.policy.ini')
        f.write_text(ini)
        return self.cli('policy', 'set', site, f, check=0)

    def mount(self, where, **kw):
        return Mount(self, where, **kw)

    def files(self):
        return sorted(p for p in self.path.rglob('*') if p.is_file())

    def digest(self):
        return tree_digest(self.path)


class Mount:
    """A mounted store; as a context manager it unmounts and checks how the daemon ended."""

    def __init__(self, store, where, options=(), args=(), how='umount', env=None, expect_exit=0,
                 limit=None, prefix=()):
        self.store = store
        self.path = Path(where)
        self.options = list(options)
        self.args = list(args)
        self.how = how              # 'umount' or 'term': who ends it
        self.env = env or {}
        self.expect_exit = expect_exit
        self.limit = limit or TIMEOUT * 5
        self.prefix = list(prefix)  # a program that becomes the daemon
        self.hung = False
        self.proc = None
        self._err = None
        self._watchdog = None

    def __truediv__(self, name):
        return self.path / name

    def stderr(self):
        self._err.flush()
        return Path(self._err.name).read_text('utf-8', 'replace')

    def start(self):
        self.path.mkdir(exist_ok=True)
        log = self.path.with_name(self.path.name + '.stderr')
        self._err = open(log, 'w+b')
        opts = ['-o', ','.join(self.options)] if self.options else []
        self.proc = subprocess.Popen(
            [*self.prefix, binary(), 'mount', str(self.store.path), str(self.path), '-f', *opts,
             '--passphrase-file', str(self.store.passfile), *self.args],
            stdin=subprocess.DEVNULL, stdout=self._err, stderr=self._err,
            env={**os.environ, 'LC_ALL': 'C.UTF-8', **self.env}, preexec_fn=_die_with_parent)
        self._watchdog = threading.Timer(self.limit, self._bite)
        self._watchdog.daemon = True
        self._watchdog.start()
        try:
            self._await_mount()
        except BaseException:
            self.kill()
            raise
        return self

    def _bite(self):
        """A request that never gets its reply can't be interrupted by anything but the daemon's end."""
        self.hung = True
        self.proc.kill()

    def _await_mount(self):
        end = time.monotonic() + TIMEOUT
        pid_fd = os.pidfd_open(self.proc.pid)
        try:
            with open('/proc/self/mountinfo', 'rb') as table:
                poll = select.poll()
                poll.register(table, select.POLLPRI)
                poll.register(pid_fd, select.POLLIN)
                while str(self.path.resolve()) not in mounts():
                    assert self.proc.poll() is None, \
                        f'mount ended with {self.proc.returncode}:\n{self.stderr()}'
                    left = end - time.monotonic()
                    assert left > 0, f'not mounted within {TIMEOUT} s:\n{self.stderr()}'
                    poll.poll(left * 1000)
        finally:
            os.close(pid_fd)
        os.statvfs(self.path)       # answered only after INIT

    def unmount(self):
        """Ends the mount and returns the daemon's exit status."""
        if self.how == 'term':
            self.proc.terminate()
        else:
            tool = ['umount'] if os.geteuid() == 0 else ['fusermount3', '-u']
            end = time.monotonic() + 10
            while True:     # who looks into all mounts of the machine (a file manager, say) keeps it busy for a moment
                p = subprocess.run([*tool, str(self.path)], capture_output=True, text=True,
                                   timeout=TIMEOUT, check=False)
                if p.returncode == 0 or 'busy' not in p.stderr or time.monotonic() > end:
                    break
                time.sleep(0.05)
            assert p.returncode == 0, f'cannot unmount: {p.stderr}'
        return self.wait()

    def wait(self):
        try:
            status = self.proc.wait(TIMEOUT)
        finally:
            self._watchdog.cancel()
        assert not self.hung, 'the mount hung, its daemon was killed'
        return status

    def kill(self):
        """kill -9 and clean the mount table; for tests of crashes, and after a failure."""
        if self._watchdog:
            self._watchdog.cancel()
        if self.proc.poll() is None:
            self.proc.kill()
            self.proc.wait()
        if str(self.path.resolve()) in mounts():
            detach(self.path)

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, value, tb):
        try:
            if kind is None:
                if self.proc.poll() is None or str(self.path.resolve()) in mounts():
                    status = self.unmount()
                else:
                    status = self.wait()
                assert status == self.expect_exit, f'exit status {status}:\n{self.stderr()}'
            else:
                self.kill()
            check_stderr(self.stderr())
            if kind is None:
                assert str(self.path.resolve()) not in mounts(), 'still mounted'
        finally:
            if self.proc.poll() is None:
                self.kill()
            self._watchdog.cancel()
            self._err.close()

    # ---- what is in it

    def sessions(self, site='*'):
        """Folders SITE/DATE/SESSION, sorted."""
        return sorted(p.parent for p in self.path.glob(f'{site}/*/*/events.json'))

    def session(self, site='*'):
        """The one session of a site."""
        found = self.sessions(site)
        assert len(found) == 1, f'{len(found)} sessions, not 1'
        return found[0]


def wait_until(what, condition, timeout=10.0):
    """Polls what has no notification; returns the condition's value, and how long it took."""
    t0 = time.monotonic()
    while True:
        value = condition()
        if value:
            return value, time.monotonic() - t0
        assert time.monotonic() - t0 < timeout, f'{what}: not within {timeout} s'
        time.sleep(0.01)
