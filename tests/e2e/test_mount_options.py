"""How a mount is asked for: mount(8) and its helper, fstab, a service manager; and what the options do that a reader
notices."""
import ctypes
import errno
import fcntl
import json
import mmap
import os
import re
import resource
import select
import shutil
import signal
import socket
import subprocess
import threading
from pathlib import Path

import pytest

import made
import redactfs
from redactfs import wait_until

SITE = 'shop.example.com'
UNIT = redactfs.TOP / 'src/fs/redactfs@.service.in'
root_only = pytest.mark.skipif(os.getuid() != 0, reason='needs root')


@pytest.fixture(scope='module')
def template(empty_store, tmp_path_factory):
    base = tmp_path_factory.mktemp('options')
    store = empty_store.copy(base / 'store')
    made.fill(store, base / 'a', SITE, days=1, each=2, words=3000)
    return store


def options(store, *more):
    return ','.join([f'as={store.operator}', f'passphrase_file={store.passfile}', *more])


# ---- mount(8)

def test_the_helper(fuse, template, mnt):
    """As mount(8) calls it, with all that it passes on."""
    mnt.mkdir()
    helper = mnt.with_name('mount.redactfs')
    helper.symlink_to(redactfs.binary())
    p = subprocess.run([helper, template.path, mnt, '-s', '-n', '-v', '-o',
                        options(template, 'rw', 'noauto', 'nofail', '_netdev', 'x-systemd.automount', 'dmask=0077')],
                       capture_output=True, text=True, check=False, timeout=60)
    try:
        assert (p.returncode, p.stdout, p.stderr) == (0, '', '')
        assert os.listdir(mnt) == [SITE] and os.stat(mnt).st_mode == 0o40700
    finally:
        redactfs.detach(mnt)


@pytest.mark.parametrize('arguments,status,says', [
    (['-o', 'auto_unmount'], 1, "unknown mount option 'auto_unmount'"),
    (['-o', 'cache=much'], 1, "option 'cache' needs a size"),
    (['-o', 'erase=never'], 1, "option 'erase' can only be"),
    (['-Z'], 1, 'invalid option'),
    (['-o', 'as=nobody@store.example'], 32, 'no such operator'),
])
def test_the_helper_refuses(fuse, template, mnt, arguments, status, says):
    mnt.mkdir()
    helper = mnt.with_name('mount.redactfs')
    helper.symlink_to(redactfs.binary())
    p = subprocess.run([helper, template.path, mnt, '-o', f'passphrase_file={template.passfile}', *arguments],
                       capture_output=True, text=True, check=False, timeout=60)
    assert p.returncode == status and says in p.stderr and len(p.stderr.splitlines()) <= 2, p
    assert os.listdir(mnt) == []


IN_A_NAMESPACE = '''
set -e
mount --make-rprivate /
mkdir "$1/upper" "$1/work"
mount -t overlay overlay -o "lowerdir=/usr/sbin,upperdir=$1/upper,workdir=$1/work" /usr/sbin || exit 77
ln -s "$2" /usr/sbin/mount.redactfs
ln -s "$2" /usr/sbin/mount.fuse.redactfs
mount -t redactfs "$3" "$4" -o "$5"
grep " $4 " /proc/self/mounts
ls "$4"
umount "$4"
mount -t fuse.redactfs "$3" "$4" -o "${5%,ro}"
mount -o remount,ro "$4"
grep -o " $4 fuse.redactfs ro,nosuid,nodev,noexec,noatime," /proc/self/mounts
! mount -o remount,rw "$4"
! rm -f "$4"/*/*/*/events.json
ls "$4"
umount "$4"
! mount.redactfs "$3" "$4" -o remount,ro
echo "$3 $4 redactfs $5,noauto,nofail 0 0" >"$1/fstab"
mount --fstab "$1/fstab" "$4"
ls "$4"
umount "$4"
'''


@root_only
def test_mount_and_fstab(fuse, template, mnt):
    """mount(8) looks for helpers in /sbin only; there, a namespace of our own has one."""
    mnt.mkdir()
    own = mnt.with_name('own')
    own.mkdir()
    p = subprocess.run(['unshare', '-m', 'sh', '-c', 'mount -t tmpfs none "$1" && exec sh -c "$0" sh "$@"', IN_A_NAMESPACE,
                        own, redactfs.binary(), template.path, mnt, options(template, 'ro')],
                       capture_output=True, text=True, check=False, timeout=60)
    if p.returncode == 77:
        pytest.skip(f'no overlay here: {p.stderr.strip()}')
    assert p.returncode == 0, p
    line, *listed = p.stdout.splitlines()
    assert listed == [SITE, f' {mnt} fuse.redactfs ro,nosuid,nodev,noexec,noatime,', SITE, SITE]
    said = p.stderr.splitlines()
    assert said[0] == f"redactfs: only 'remount,ro' can be done: for other options unmount '{mnt}' and mount it anew"
    assert said[-1] == f"redactfs: no redactfs is mounted on '{mnt}'" and 'Read-only file system' in said[1]
    assert line.startswith(f'{template.path} {mnt} fuse.redactfs ro,nosuid,nodev,noexec,noatime,'), line
    assert 'default_permissions' in line and 'allow_other' not in line


# ---- a service manager

def filled_unit(folder):
    f = folder / 'redactfs@.service'
    f.write_text(UNIT.read_text().replace('@bindir@', str(Path(redactfs.binary()).parent)))
    return f


def test_the_unit_is_sound(tmp_path):
    if not shutil.which('systemd-analyze'):
        pytest.skip('no systemd-analyze')
    unit = filled_unit(tmp_path)
    p = subprocess.run(['systemd-analyze', 'verify', '--man=no', '--recursive-errors=no',
                        unit.rename(tmp_path / 'redactfs@x.service')],
                       capture_output=True, text=True, check=False, timeout=60)
    assert p.returncode == 0 and 'redactfs@' not in p.stderr, p.stderr
    p = subprocess.run(['systemd-analyze', 'security', '--offline=true', '--threshold=45', '--no-pager',
                        tmp_path / 'redactfs@x.service'], capture_output=True, text=True, check=False, timeout=60)
    assert p.returncode == 0, p.stdout[-300:] + p.stderr


def command_of(unit, **env):
    """ExecStart= as systemd makes words of it."""
    lines = dict(line.split('=', 1) for line in unit.read_text().splitlines() if '=' in line and line[0] != '#')
    name, value = lines['Environment'].split('=', 1)
    env = {name: value, **env}
    return [re.sub(r'\$\{(\w+)\}', lambda m: str(env[m.group(1)]), word) for word in lines['ExecStart'].split()]


@pytest.mark.parametrize('env', [{}, {'OPTIONS': ''}, {'OPTIONS': 'ro,views=events'}], ids=['default', 'none', 'some'])
def test_readiness_and_credentials(fuse, template, mnt, env):
    """READY comes when the mount answers, STOPPING before it goes; the passphrase is a credential."""
    mnt.mkdir()
    credentials = mnt.with_name('credentials')
    credentials.mkdir()
    shutil.copy(template.passfile, credentials / 'redactfs.passphrase')
    command = command_of(filled_unit(mnt.parent), STORE=template.path, MOUNTPOINT=mnt, **env)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.bind(str(mnt.with_name('notify')))
        s.settimeout(60)
        p = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                             env={**os.environ, 'NOTIFY_SOCKET': str(mnt.with_name('notify')),
                                  'CREDENTIALS_DIRECTORY': str(credentials)})
        try:
            assert b'READY=1' in s.recv(4096)
            assert os.listdir(mnt) == [SITE]
            assert bool(os.statvfs(mnt).f_flag & os.ST_RDONLY) == ('ro' in env.get('OPTIONS', ''))
            p.terminate()
            assert b'STOPPING=1' in s.recv(4096)
            assert p.wait(60) == 0
            assert p.stderr.read() == '' and os.listdir(mnt) == []
        finally:
            p.kill()
            p.wait()
            if str(mnt) in redactfs.mounts():
                redactfs.detach(mnt)


def children(pid):
    return [c for t in Path(f'/proc/{pid}/task').iterdir() for c in (t / 'children').read_text().split()]


def test_a_daemon_keeps_nothing_of_its_parent(template, mnt):
    """Neither a script's lock nor a reader of its output waits for the daemon's end; and it leaves no dead child behind."""
    mnt.mkdir()
    r, w = os.pipe()
    lock = os.open(mnt.with_name('lock'), os.O_RDWR | os.O_CREAT)
    fcntl.flock(lock, fcntl.LOCK_EX)
    secret = os.open(template.passfile, os.O_RDONLY)
    try:
        p = subprocess.run([redactfs.binary(), 'mount', template.path, mnt, '--passphrase-fd', str(secret)],
                           pass_fds=(w, lock, secret), stdin=subprocess.DEVNULL, capture_output=True, check=False,
                           timeout=60)
        assert (p.returncode, p.stdout, p.stderr) == (0, b'', b'')
        os.close(w), os.close(lock)
        assert select.select([r], [], [], 10)[0] and os.read(r, 1) == b'', 'nobody writes any more'
        with open(mnt.with_name('lock')) as again:
            fcntl.flock(again, fcntl.LOCK_EX | fcntl.LOCK_NB)
        daemon, = (p.name for p in Path('/proc').iterdir() if p.name.isdigit()
                   and str(mnt).encode() in (p / 'cmdline').read_bytes().split(b'\0'))
        wait_until('no child', lambda: not children(daemon))
    finally:
        os.close(r), os.close(secret)
        subprocess.run(['umount' if os.getuid() == 0 else 'fusermount3', *(['-u'] if os.getuid() else []), mnt],
                       check=True, timeout=60)


def test_many_open_files(made_store, mnt, tmp_path):
    """More than the soft limit of open files, which is there for others."""
    store = made_store(days=2, each=15).copy(tmp_path / 'many')
    fds = []
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 500:
        pytest.skip('not even others may have many')
    with store.mount(mnt, prefix=['prlimit', f'--nofile=48:{hard}']) as m:
        try:
            for _ in range(3):
                fds += [os.open(s / 'events.json', os.O_RDONLY) for s in m.sessions()]
            assert len(fds) == 90 and all(os.pread(fd, 2, 0) == b'[\n' for fd in fds)
        finally:
            for fd in fds:
                os.close(fd)


@pytest.mark.parametrize('more', range(8, 40))
def test_want_of_memory_doesnt_end_it(made_store, mnt, tmp_path, more):
    """An empty folder would look like mass deletion to a backup. Megabytes that a daemon gets beyond what it has."""
    ready = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    ready.bind(str(tmp_path / 'ready'))
    ready.settimeout(60)
    with ready, made_store(days=1, each=8).mount(mnt, env={'NOTIFY_SOCKET': str(tmp_path / 'ready')}) as m:
        assert b'READY=1' in ready.recv(4096)   # all of its threads are there: without them it may not start
        status = Path(f'/proc/{m.proc.pid}/status').read_text()
        has = int(re.search(r'VmSize:\s+(\d+)', status)[1]) << 10
        if has > 1 << 40:
            pytest.skip('a sanitizer has reserved all there is')
        files = [s / name for s in m.sessions() for name in ('events.json', 'session.json', 'replay.html')]
        hard = resource.prlimit(m.proc.pid, resource.RLIMIT_AS)[1]
        resource.prlimit(m.proc.pid, resource.RLIMIT_AS, (has + (more << 20), hard))
        answers = set()

        def read():
            for f in files * 5:
                try:
                    f.read_bytes()
                except OSError as e:
                    answers.add(errno.errorcode[e.errno])
        ts = [threading.Thread(target=read) for _ in range(16)]
        for t in ts:
            t.start()
        # those that wait for memory get their answer when there is some again
        ts[0].join(3)
        resource.prlimit(m.proc.pid, resource.RLIMIT_AS, (hard, hard))
        for t in ts:
            t.join(60)
        # some libraries don't say what they lacked; a request that a worker had in hand when the loop began anew may
        # come back as the last one
        assert answers <= {'ENOMEM', 'EIO', 'ECONNABORTED'}, answers
        assert [len(f.read_bytes()) for f in files] == [f.stat().st_size for f in files]
        said = m.stderr().splitlines()
        assert len(said) < 20, said
        os.truncate(f'{m.path}.stderr', 0)      # what libfuse says of it is no fault


def test_a_login_without_memory_says_so(template, mnt):
    """Not an error of input or output, which would be the store's."""
    mnt.mkdir()
    little = ['prlimit', f'--as={200 << 20}']
    if subprocess.run([*little, redactfs.binary(), '--version'], capture_output=True, check=False).returncode:
        pytest.skip('a sanitizer has no room there')
    p = redactfs.run('mount', template.path, mnt, '--passphrase-file', template.passfile, prefix=little)
    assert p.returncode == 1 and p.stderr == 'redactfs: cannot log in: Cannot allocate memory\n', p


def test_mounted_again_at_once(template, mnt):
    """umount returns before the daemon is gone: the next mount waits for it."""
    with template.mount(mnt) as m:
        subprocess.run(['umount' if os.getuid() == 0 else 'fusermount3', *(['-u'] if os.getuid() else []), mnt],
                       check=True, timeout=60)
        with template.mount(mnt) as again:
            assert os.listdir(again.path) == [SITE]
        assert m.wait() == 0


@root_only
def test_mounted_anew_over_a_reader(template, mnt):
    """Detached from under an open file, a mount lives on for that; the place is free."""
    with template.mount(mnt) as m:
        f = m.sessions()[0] / 'events.json'
        whole = f.read_bytes()
        with open(f, 'rb') as reader:
            subprocess.run(['umount', '-l', mnt], check=True, timeout=60)
            with template.mount(mnt) as again:
                assert os.listdir(again.path) == [SITE]
            assert reader.read() == whole
        assert m.wait() == 0


def test_sighup_reads_policies(store, mnt, tmp_path):
    """In place of waiting; and nothing that is open minds."""
    store.policy(SITE, '[record]\nemails = show\n')
    events = made.events(1, made.NOON)
    events[1]['data']['node']['childNodes'][0]['childNodes'][0]['childNodes'].append(
        {'type': 3, 'textContent': 'write to office@mail.example', 'id': 9})
    f = tmp_path / 'r.json'
    f.write_text(json.dumps(events))
    store.import_(f, site=SITE)
    with store.mount(mnt) as m:
        e = m.session() / 'events.json'
        assert b'office@' in e.read_bytes()
        store.policy(SITE, '[record]\nemails = drop\n')
        m.proc.send_signal(signal.SIGHUP)
        wait_until('the policy', lambda: b'office@' not in e.read_bytes())
        assert m.proc.poll() is None


# ---- what a reader notices

def given_out(m):
    return json.loads((m / '.redactfs/status.json').read_bytes())['read_bytes']


def test_the_page_cache_is_used_or_not(template, mnt):
    """Text that is read once more comes out of the page cache; with direct_io it isn't in there."""
    for opts, asked in (([], False), (['direct_io'], True)):
        with template.mount(mnt, options=opts) as m:
            f = m.sessions()[0] / 'events.json'
            whole = f.read_bytes()
            before = given_out(m)
            assert f.read_bytes() == whole and f.read_bytes() == whole
            assert (given_out(m) - before >= len(whole)) == asked
            assert (m.sessions()[1] / 'events.json').read_bytes()[:2] == b'[\n'


def test_a_private_map_leaves_nothing_in_the_page_cache(template, mnt):
    """With direct_io a shared one is refused. A private one has its pages there, as long as it is."""
    libc = ctypes.CDLL(None, use_errno=True)

    def cached(fd):
        found = (ctypes.c_uint64 * 5)()
        if libc.syscall(451, fd, (ctypes.c_uint64 * 2)(), found, 0) < 0:
            pytest.skip('no cachestat(2)')
        return found[0]

    with template.mount(mnt, options=['direct_io']) as m:
        fds = [os.open(m.sessions()[0] / 'events.json', os.O_RDONLY) for _ in range(2)]
        try:
            assert os.pread(fds[0], 100, 0) and cached(fds[1]) == 0
            with pytest.raises(OSError, match='No such device'):
                mmap.mmap(fds[0], 0, prot=mmap.PROT_READ)
            with mmap.mmap(fds[0], 0, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ) as mapped:
                assert mapped[:] == os.pread(fds[0], len(mapped) + 1, 0)
            os.close(fds.pop(0))
            wait_until('its pages to go', lambda: cached(fds[0]) == 0)
        finally:
            for fd in fds:
                os.close(fd)


@root_only
def test_read_ahead_is_raised(template, mnt):
    with template.mount(mnt) as m:
        dev = os.stat(m.path).st_dev
        bdi = Path(f'/sys/class/bdi/{os.major(dev)}:{os.minor(dev)}/read_ahead_kb')
        wait_until('read-ahead', lambda: bdi.read_text() == '2048\n')


def test_a_cache_of_the_least_size(template, mnt):
    with template.mount(mnt, options=['cache=1K', 'direct_io']) as m:
        want = [(s / 'events.json').read_bytes() for s in m.sessions()]
        assert all(w.endswith(b']\n') for w in want)
        assert [(s / 'events.json').read_bytes() for s in m.sessions()] == want


def test_a_reading_opens_and_reads_its_blob_once(template, mnt):
    """What a short session costs at the disk, counted by strace."""
    if not shutil.which('strace'):
        pytest.skip('no strace')
    with template.mount(mnt) as m:
        files = [s / 'events.json' for s in m.sessions()]
        log = mnt.with_name('strace')
        tracer = subprocess.Popen(['strace', '-f', '-q', '-y', '-e', 'trace=openat,pread64', '-o', log, '-p',
                                   str(m.proc.pid)], stderr=subprocess.PIPE)
        try:
            wait_until('strace', lambda: int(next(
                line for line in Path(f'/proc/{m.proc.pid}/status').read_text().splitlines()
                if line.startswith('TracerPid')).split()[1]) != 0)
            for f in files:
                f.read_bytes()
        finally:
            tracer.terminate()
            tracer.wait()
        blobs = [line for line in log.read_text().splitlines() if '/blobs' in line and 'resumed>' not in line]
        assert sum('openat(' in line for line in blobs) == len(files), blobs
        assert sum('pread64(' in line for line in blobs) == len(files)
