"""Each call that a program may try on a file system, with the answer expected of one whose contents and names can't
change but can be removed: a table, as pjdfstest has it. What merely reads must work however it is done."""
import array
import ctypes
import errno
import fcntl
import mmap
import os
import shutil
import signal
import socket
import stat
import struct
import subprocess
import sys
import threading

import pytest

import made
from redactfs import wait_until

SITE = 'shop.example.com'
LIBC = ctypes.CDLL(None, use_errno=True)
AT_FDCWD, AT_REMOVEDIR, AT_EMPTY_PATH = -100, 0x200, 0x1000
NOREPLACE, EXCHANGE, WHITEOUT = 1, 2, 4
FICLONE, FIFREEZE, FS_IOC_SETFLAGS = 0x40049409, 0xC0045877, 0x40086602
F_ADD_SEALS = 1033


@pytest.fixture(scope='module')
def m(fuse, empty_store, tmp_path_factory):
    base = tmp_path_factory.mktemp('calls')
    store = empty_store.copy(base / 'store')
    made.fill(store, base / 'a', SITE, days=2, each=2, words=4000)
    with store.mount(base / 'mnt', limit=600) as mount:
        yield mount


def c(name, *args):
    """A libc call, for what Python checks, hides or doesn't have."""
    conv = [os.fsencode(a) if isinstance(a, (str, os.PathLike)) else a for a in args]
    LIBC[name].restype = ctypes.c_long
    r = LIBC[name](*conv)
    if r < 0:
        raise OSError(ctypes.get_errno(), name)
    return r


def answer(call, *args):
    """The errno's name, or 'fine'. What was opened is closed."""
    try:
        r = call(*args)
    except OSError as e:
        return errno.errorcode[e.errno]
    if call is os.open:
        os.close(r)
    return 'fine'


def compare(table):
    got = {what: answer(*row[1:]) for what, row in table.items()}
    assert got == {what: row[0] for what, row in table.items()}


@pytest.fixture(autouse=True)
def opened():
    """Descriptors that a test's table needs: closed after it, so that the mount isn't busy."""
    del OPENED[:]
    yield
    for n in OPENED:
        os.close(n)


OPENED = []


def held(*args):
    OPENED.append(os.open(*args))
    return OPENED[-1]


@pytest.fixture
def s(m):
    return m.sessions()[0]


@pytest.fixture
def fd(s):
    n = os.open(s / 'events.json', os.O_RDONLY)
    yield n
    os.close(n)


def test_open(m, s):
    f = s / 'events.json'
    O = os.O_RDONLY
    compare({
        'reading': ('fine', os.open, f, O),
        'a folder': ('fine', os.open, s, O | os.O_DIRECTORY),
        'a path only': ('fine', os.open, f, os.O_PATH),
        'direct': ('fine', os.open, f, O | os.O_DIRECT),
        'without access times': ('fine', os.open, f, O | os.O_NOATIME),
        'synchronous': ('fine', os.open, f, O | os.O_SYNC),
        'appending, but reading': ('fine', os.open, f, O | os.O_APPEND),
        'create what is there': ('fine', os.open, f, O | os.O_CREAT),
        'create what is there, alone': ('EEXIST', os.open, f, O | os.O_CREAT | os.O_EXCL),
        'create': ('EROFS', os.open, s / 'new', os.O_RDWR | os.O_CREAT, 0o600),
        'create to read': ('EROFS', os.open, s / 'new', O | os.O_CREAT, 0o600),
        'create in the root': ('EROFS', os.open, m / 'new', os.O_RDWR | os.O_CREAT, 0o600),
        'create in the control folder': ('EROFS', os.open, m / '.redactfs/new', os.O_RDWR | os.O_CREAT, 0o600),
        'write': ('EROFS', os.open, f, os.O_WRONLY),
        'read and write': ('EROFS', os.open, f, os.O_RDWR),
        'truncate': ('EROFS', os.open, f, os.O_WRONLY | os.O_TRUNC),
        'truncate, but reading': ('EROFS', os.open, f, O | os.O_TRUNC),
        'write a control file': ('EROFS', os.open, m / '.redactfs/status.json', os.O_WRONLY),
        'without a name': ('ENOTSUP', os.open, s, os.O_TMPFILE | os.O_RDWR, 0o600),
        'a folder to write': ('EISDIR', os.open, s, os.O_WRONLY),
        'a file as a folder': ('ENOTDIR', os.open, f, O | os.O_DIRECTORY),
        'below a file': ('ENOTDIR', os.open, f / 'x', O),
        'a file with a slash': ('ENOTDIR', os.open, f'{f}/', O),
        'nothing': ('ENOENT', os.open, s / 'nothing', O),
        'no name': ('ENOENT', os.open, '', O),
        'too long a name': ('ENAMETOOLONG', os.open, s / ('x' * 256), O),
        'as long as it may be': ('ENOENT', os.open, s / ('x' * 255), O),
        'too long a path': ('ENAMETOOLONG', os.open, f"{s}/{'./' * 2048}events.json", O),
    })


def test_names(m, s, tmp_path):
    f, info, day = s / 'events.json', s / 'session.json', s.parent
    other = m.sessions()[1]
    outside = tmp_path / 'outside'
    outside.write_text('x')
    (tmp_path / 'folder').mkdir()
    dev = os.makedev(1, 3)
    compare({
        'mkdir': ('EROFS', os.mkdir, s / 'new'),
        'mkdir of a site': ('EROFS', os.mkdir, m / 'new.example.com'),
        'mkdir of what is there': ('EEXIST', os.mkdir, s),
        'a fifo': ('EROFS', os.mkfifo, s / 'new'),
        'a plain file by mknod': ('EROFS', os.mknod, s / 'new', stat.S_IFREG | 0o600),
        'a device': ('EROFS' if os.getuid() == 0 else 'EPERM', os.mknod, s / 'new', stat.S_IFCHR | 0o600, dev),
        'mknod of what is there': ('EEXIST', os.mknod, f, stat.S_IFREG | 0o600),
        'a socket': ('EROFS', lambda: socket.socket(socket.AF_UNIX).bind(short(s) + '/new')),
        'a symbolic link': ('EROFS', os.symlink, 'x', s / 'new'),
        'one where something is': ('EEXIST', os.symlink, 'x', f),
        'a link': ('EROFS', os.link, f, s / 'new'),
        'a link to another session': ('EROFS', os.link, f, other / 'new'),
        'a link of what is there': ('EEXIST', os.link, f, info),
        'a link out of it': ('EXDEV', os.link, f, tmp_path / 'link'),
        'a link into it': ('EXDEV', os.link, outside, s / 'link'),
        'a link by descriptor': ('EROFS', c, 'linkat', held(f, os.O_PATH), '', AT_FDCWD, s / 'new', AT_EMPTY_PATH),
        'rename': ('EROFS', os.rename, f, s / 'new'),
        'rename to itself': ('fine', os.rename, f, f),
        'rename over another': ('EROFS', os.rename, f, info),
        'rename over another session': ('EROFS', os.rename, f, other / 'events.json'),
        'rename a session': ('EROFS', os.rename, s, day / 'new'),
        'rename a session over another': ('EROFS', os.rename, s, other),
        'rename a date': ('EROFS', os.rename, day, day.parent / '2026-01-01'),
        'rename a site': ('EROFS', os.rename, m / SITE, m / 'new.example.com'),
        'rename into itself': ('EINVAL', os.rename, day, s / 'new'),
        'rename a file over a folder': ('EISDIR', os.rename, f, other),
        'rename a folder over a file': ('ENOTDIR', os.rename, s, other / 'events.json'),
        'rename nothing': ('ENOENT', os.rename, s / 'nothing', s / 'new'),
        'rename out of it': ('EXDEV', os.rename, f, tmp_path / 'new'),
        'rename into it': ('EXDEV', os.rename, outside, s / 'new'),
        'rename and replace nothing': ('EROFS', c, 'renameat2', AT_FDCWD, f, AT_FDCWD, s / 'new', NOREPLACE),
        'rename where something is': ('EEXIST', c, 'renameat2', AT_FDCWD, f, AT_FDCWD, info, NOREPLACE),
        'exchange': ('EROFS', c, 'renameat2', AT_FDCWD, f, AT_FDCWD, info, EXCHANGE),
        'leave a whiteout': ('EROFS', c, 'renameat2', AT_FDCWD, f, AT_FDCWD, s / 'new', WHITEOUT),
    })
    assert sorted(os.listdir(s)) == ['events.json', 'replay.html', 'session.json', 'transcript.txt'] and sorted(os.listdir(m.path)) == [SITE]


def short(folder):
    """A path that fits into a socket's address."""
    return f'/proc/self/fd/{held(folder, os.O_PATH)}'


def test_removing_what_cannot_be(m, s):
    f, day = s / 'events.json', s.parent
    compare({
        'a derived file alone': ('EPERM', os.unlink, s / 'session.json'),
        'a live session': ('ENOTEMPTY', os.rmdir, s),
        'a date with sessions': ('ENOTEMPTY', os.rmdir, day),
        'a site with dates': ('ENOTEMPTY', os.rmdir, m / SITE),
        'the mount': ('EBUSY', os.rmdir, m.path),
        'a session as a file': ('EISDIR', os.unlink, s),
        'a file as a folder': ('ENOTDIR', os.rmdir, f),
        'a file with a slash': ('ENOTDIR', os.unlink, f'{f}/'),
        'a folder by its dot': ('EINVAL', os.rmdir, f'{s}/.'),
        'a folder by its dots': ('ENOTEMPTY', os.rmdir, f'{s}/..'),
        'nothing': ('ENOENT', os.unlink, s / 'nothing'),
        'no folder': ('ENOENT', os.rmdir, day / 'nothing'),
        'below a file': ('ENOTDIR', os.unlink, f / 'x'),
        'too long a name': ('ENAMETOOLONG', os.unlink, s / ('x' * 256)),
        'the control folder': ('EPERM', os.rmdir, m / '.redactfs'),
        'a control file': ('EPERM', os.unlink, m / '.redactfs/status.json'),
        'a session, at': ('ENOTEMPTY', c, 'unlinkat', AT_FDCWD, s, AT_REMOVEDIR),
        'wrong flags': ('EINVAL', c, 'unlinkat', AT_FDCWD, f, 0x4000),
    })
    assert f.exists() and (s / 'session.json').exists()


def test_attributes(m, s, fd):
    f = s / 'events.json'
    me = os.getuid(), os.getgid()
    compare({
        'chmod': ('EROFS', os.chmod, f, 0o600),
        'chmod to what it is': ('EROFS', os.chmod, f, stat.S_IMODE(os.stat(f).st_mode)),
        'chmod of a folder': ('EROFS', os.chmod, s, 0o700),
        'chmod of the mount': ('EROFS', os.chmod, m.path, 0o700),
        'fchmod': ('EROFS', os.fchmod, fd, 0o600),
        'chown': ('EROFS', os.chown, f, *me),
        'lchown': ('EROFS', os.lchown, f, *me),
        'fchown': ('EROFS', os.fchown, fd, *me),
        'utimes': ('EROFS', os.utime, f),
        'utimes of a folder': ('EROFS', os.utime, s, (1, 1)),
        'futimes': ('EROFS', os.utime, fd, (1, 1)),
        'truncate': ('EROFS', os.truncate, f, 0),
        'truncate to its size': ('EROFS', os.truncate, f, os.stat(f).st_size),
        'lengthen': ('EROFS', os.truncate, f, os.stat(f).st_size + 1),
        'truncate a folder': ('EISDIR', os.truncate, s, 0),
        'truncate what is open to read': ('EINVAL', os.ftruncate, fd, 0),
        'set an extended attribute': ('EROFS', os.setxattr, f, 'user.x', b'1'),
        'set one of a folder': ('EROFS', os.setxattr, s, 'user.x', b'1'),
        'set an access list': ('EROFS', os.setxattr, f, 'system.posix_acl_access', b'\x02\0\0\0'),
        'remove one': ('EROFS', os.removexattr, f, 'user.x'),
        'get one': ('ENOTSUP', os.getxattr, f, 'user.x'),
        'list them': ('ENOTSUP', os.listxattr, f),
        'set flags': ('ENOTTY', fcntl.ioctl, fd, FS_IOC_SETFLAGS, struct.pack('L', 0)),
    })


def test_writing_to_what_is_open(s, fd, tmp_path):
    out = os.open(tmp_path / 'x', os.O_RDWR | os.O_CREAT, 0o600)
    os.write(out, b'x' * 5000)
    compare({
        'write': ('EBADF', os.write, fd, b'x'),
        'pwrite': ('EBADF', os.pwrite, fd, b'x', 0),
        'fallocate': ('EBADF', os.posix_fallocate, fd, 0, 10),
        'punch a hole': ('EBADF', c, 'fallocate', fd, 3, ctypes.c_long(0), ctypes.c_long(10)),
        'copy a range into it': ('EBADF', os.copy_file_range, out, fd, 10, 0, 0),
        'clone into it': ('EXDEV', fcntl.ioctl, fd, FICLONE, out),
        'a map to write': ('EACCES', mmap.mmap, fd, 0),
        'seal it': ('EPERM', fcntl.fcntl, fd, F_ADD_SEALS, 1),
    })
    os.close(out)


def test_every_way_to_read_gives_the_same(s, fd, tmp_path):
    whole = (s / 'events.json').read_bytes()
    size = len(whole)
    assert size > 3 * 4096
    off, n = 4000, 5000
    want = whole[off:off + n]
    assert os.pread(fd, n, off) == want
    bufs = [bytearray(1000), bytearray(4000)]
    assert os.preadv(fd, bufs, off) == n and b''.join(bufs) == want
    os.lseek(fd, off, os.SEEK_SET)
    bufs = [bytearray(1), bytearray(4999)]
    assert os.readv(fd, bufs) == n and b''.join(bufs) == want
    with mmap.mmap(fd, 0, prot=mmap.PROT_READ) as shared, \
            mmap.mmap(fd, 0, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ | mmap.PROT_WRITE) as private:
        assert shared[:] == whole
        private[0:1] = b'!'
        assert private[1:] == whole[1:] and shared[:] == whole, 'a private change stays private'
    with open(tmp_path / 'sent', 'w+b', buffering=0) as out:
        assert os.sendfile(out.fileno(), fd, off, n) == n
        assert os.pread(out.fileno(), n + 1, 0) == want
        assert answer(os.copy_file_range, fd, out.fileno(), n, off, 0) == 'EXDEV', 'then programs read'
    r, w = os.pipe()
    got = b''
    while len(got) < n:
        k = os.splice(fd, w, n - len(got), offset_src=off + len(got)) if hasattr(os, 'splice') else \
            c('splice', fd, ctypes.byref(ctypes.c_long(off + len(got))), w, None, ctypes.c_size_t(n - len(got)), 0)
        got += os.read(r, k)
    assert got == want
    os.close(r), os.close(w)
    page = mmap.mmap(-1, 8192)          # aligned, as O_DIRECT wants it
    direct = os.open(s / 'events.json', os.O_RDONLY | os.O_DIRECT)
    for at in (0, 4096, size // 4096 * 4096, size + 4096):
        k = os.preadv(direct, [page], at)
        assert page[:k] == whole[at:at + 8192]
    os.close(direct)


def test_ends_and_seeks(s, fd):
    size = os.fstat(fd).st_size
    assert os.pread(fd, 10, size) == b'' and os.pread(fd, 10, size - 3) == b'\n]\n'[-3:]
    assert os.pread(fd, 10, 2**62) == b''
    assert os.lseek(fd, 0, os.SEEK_END) == size
    assert os.lseek(fd, 5, os.SEEK_DATA) == 5 and os.lseek(fd, 5, os.SEEK_HOLE) == size
    compare({
        'before the start': ('EINVAL', os.lseek, fd, -1, os.SEEK_SET),
        'data past the end': ('ENXIO', os.lseek, fd, size, os.SEEK_DATA),
        'read a folder': ('EISDIR', os.read, held(s, os.O_RDONLY), 10),
        'read a path': ('EBADF', os.read, held(s / 'events.json', os.O_PATH), 10),
    })


def test_what_changes_nothing_is_no_error(m, s, fd):
    d, watcher = held(s, os.O_RDONLY), c('inotify_init')
    OPENED.append(watcher)
    lock = struct.pack('hhqqi', fcntl.F_RDLCK, 0, 0, 0, 0)
    compare({
        'fsync': ('fine', os.fsync, fd),
        'fdatasync': ('fine', os.fdatasync, fd),
        'fsync of a folder': ('fine', os.fsync, d),
        'syncfs': ('fine', c, 'syncfs', fd),
        'flock': ('fine', fcntl.flock, fd, fcntl.LOCK_EX | fcntl.LOCK_NB),
        'a lock to read': ('fine', fcntl.fcntl, fd, fcntl.F_SETLK, lock),
        'access to read': ('fine', c, 'access', s / 'events.json', os.R_OK),
        'access to write': ('fine', c, 'access', s / 'events.json', os.W_OK),
        'advice': ('fine', os.posix_fadvise, fd, 0, 0, os.POSIX_FADV_WILLNEED),
        'readahead': ('fine', c, 'readahead', fd, ctypes.c_long(0), ctypes.c_size_t(100_000)),
        'bytes to read': ('fine', fcntl.ioctl, fd, 0x541B, array.array('i', [0])),
        'watch': ('fine', c, 'inotify_add_watch', watcher, s, 0xFFF),
        'enter': ('fine', c, 'faccessat', d, 'events.json', os.R_OK, 0),
    })
    here, root = os.statvfs(s), os.statvfs(m.path)
    assert (here.f_blocks, here.f_files, here.f_namemax) == (root.f_blocks, root.f_files, 255)
    assert here.f_bsize == 4096 and here.f_bavail <= here.f_bfree <= here.f_blocks


def test_folders_can_be_read_from_anywhere(m):
    """Two cursors in one folder, one that goes back, one that goes on while names are looked up."""
    day = m.sessions()[0].parent
    names = sorted(p.name for p in day.iterdir())
    with os.scandir(day) as one, os.scandir(day) as two:
        got = [next(one).name, *(e.name for e in two if e.stat().st_nlink == 1), *(e.name for e in one)]
    assert sorted(got) == sorted(2 * names)
    seen = []
    ts = [threading.Thread(target=lambda: seen.append(sorted(os.listdir(day)))) for _ in range(8)]
    for t in ts:
        t.start()
    for t in ts:
        t.join()
    assert seen == [names] * 8


def test_direct_reads_of_any_place(s):
    """O_DIRECT at odd offsets, lengths and addresses: the bytes are made in memory, no disk asks for blocks."""
    whole = (s / 'events.json').read_bytes()
    size = len(whole)
    direct = held(s / 'events.json', os.O_RDONLY | os.O_DIRECT)
    for at in (0, 1, 511, 4095, 4097, size - 500, size - 1, size, size + 1):
        for n in (1, 511, 1000, 4096, size + 9999):
            buf = bytearray(n + 1)
            k = os.preadv(direct, [memoryview(buf)[1:]], at)
            assert buf[1:k + 1] == whole[at:at + n] and k == len(whole[at:at + n]), (at, n)


PAST_THE_END = '''
import ctypes, os, sys
libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
fd = os.open(sys.argv[1], os.O_RDONLY)
size, page = os.fstat(fd).st_size, os.sysconf('SC_PAGE_SIZE')
p = libc.mmap(None, ctypes.c_size_t((size // page + 3) * page), 1, 1, fd, ctypes.c_long(0))
print(ctypes.string_at(p + size, page - size % page) == bytes(page - size % page), flush=True)
ctypes.string_at(p + (size // page + 2) * page, 1)
'''


def test_a_map_ends_with_the_file(s):
    p = subprocess.run([sys.executable, '-c', PAST_THE_END, s / 'events.json'], capture_output=True, text=True, check=False)
    assert (p.stdout, p.returncode) == ('True\n', -signal.SIGBUS), 'zeros to the end of the page, nothing behind it'


class Handle(ctypes.Structure):
    _fields_ = [('n', ctypes.c_uint), ('type', ctypes.c_int), ('bytes', ctypes.c_ubyte * 128)]


def handle_of(path):
    h, mount_id = Handle(n=128), ctypes.c_int()
    c('name_to_handle_at', AT_FDCWD, path, ctypes.byref(h), ctypes.byref(mount_id), 0)
    return h


@pytest.mark.skipif(os.getuid() != 0, reason='only root may open by handle')
def test_handles(m, s):
    top = held(m.path, os.O_RDONLY)
    for p in (m.path, m / SITE, s.parent, s, s / 'events.json', s / 'session.json', m / '.redactfs', m / '.redactfs/status.json'):
        OPENED.append(c('open_by_handle_at', top, ctypes.byref(handle_of(p)), os.O_RDONLY))
        assert os.fstat(OPENED[-1]).st_ino == os.stat(p).st_ino
    h = ctypes.byref(handle_of(s / 'events.json'))
    compare({
        'to write': ('EROFS', c, 'open_by_handle_at', top, h, os.O_RDWR),
        'of what never was': ('ESTALE', c, 'open_by_handle_at', top, ctypes.byref(bent(handle_of(s))), os.O_RDONLY),
    })


def bent(h):
    """Of a node with the same kind and another number."""
    h.bytes[0] ^= 0xFF
    h.bytes[1] ^= 0xFF
    h.bytes[5] ^= 0x7F
    return h


def test_names_of_any_bytes(m, s):
    for folder in (m.path, m / SITE, s.parent, s, m / '.redactfs', m / '.redactfs/policy', m / '.redactfs/notice'):
        for name in (b'\xff', b'\x80' * 255, b'...', b'-', b' ', b'\n', b'*', b'%s%n', b"' or 1=1 --", b'EVENTS.JSON', b'events.json ',
                     b'.ini', b'.en.txt', b'SHOP.example.com', b'shop.example.com.', '\u0142'.encode()):
            assert answer(os.lstat, os.fsencode(folder) + b'/' + name) == 'ENOENT', (folder, name)
    assert os.stat(s / '..' / '..' / '..').st_ino == 1 and os.stat(m.path / '..').st_ino == os.stat(m.path.parent).st_ino
    assert os.path.realpath(m / '.redactfs' / '..') == str(m.path.resolve())


def test_control_calls(s, fd, tmp_path):
    """What a disk that isn't one answers: programs fall back."""
    compare({
        'flags': ('ENOTTY', fcntl.ioctl, fd, 0x80086601, bytes(8)),
        'its extents': ('ENOTSUP', fcntl.ioctl, fd, 0xC020660B, bytes(64)),
        'trim': ('ENOTTY', fcntl.ioctl, fd, 0xC0185879, bytes(24)),
        'clone out of it': ('EXDEV', fcntl.ioctl, held(tmp_path / 'x', os.O_RDWR | os.O_CREAT, 0o600), FICLONE, fd),
        'run it': ('EACCES', os.execv, s / 'events.json', ['x']),
        'enter it as root': ('ENOTDIR', os.chdir, s / 'events.json'),
        'mount it as a disk': ('EPERM' if os.getuid() else 'ENOTBLK', c, 'mount', s / 'events.json', tmp_path, b'ext4', 1, None),
        'lock to write': ('EBADF', fcntl.lockf, fd, fcntl.LOCK_EX | fcntl.LOCK_NB),
        'lock of an open file': ('fine', fcntl.fcntl, fd, 37, struct.pack('hhqqi', fcntl.F_RDLCK, 0, 0, 0, 0)),
    })


class Entry(ctypes.Structure):
    _fields_ = [('ino', ctypes.c_ulong), ('off', ctypes.c_long), ('len', ctypes.c_ushort), ('type', ctypes.c_ubyte),
                ('name', ctypes.c_char * 256)]


class Folder:
    """readdir(3) and its places, which Python hides."""

    def __init__(self, path):
        LIBC.opendir.restype, LIBC.telldir.restype = ctypes.c_void_p, ctypes.c_long
        LIBC.readdir.restype = ctypes.POINTER(Entry)
        self.d = ctypes.c_void_p(LIBC.opendir(os.fsencode(path)))

    def next(self):
        e = LIBC.readdir(self.d)
        return (e.contents.name.decode(), e.contents.type) if e else None

    def rest(self):
        return list(iter(self.next, None))

    def tell(self):
        return LIBC.telldir(self.d)

    def seek(self, place):
        LIBC.seekdir(self.d, ctypes.c_long(place))

    def close(self):
        LIBC.closedir(self.d)


def test_places_in_a_folder(fuse, made_store, tmp_path):
    """They stay right while entries before and behind them go, and others come."""
    store = made_store(days=1, each=40).copy(tmp_path / 'store')
    with store.mount(tmp_path / 'mnt') as m:
        day = m.sessions()[0].parent
        d = Folder(day)
        places, names = [d.tell()], []
        while e := d.next():
            assert e[1] == 4, 'a folder, as d_type says'
            names.append(e[0])
            places.append(d.tell())
        assert names[:2] == ['.', '..'] and len(names) == 42
        for i in (41, 0, 17, 2, 42, 1):
            d.seek(places[i])
            assert [n for n, _ in d.rest()] == names[i:]
        d.seek(places[0])
        seen = []
        while e := d.next():        # each second is removed as it comes by
            seen.append(e[0])
            if len(seen) % 2 and len(seen) > 2:
                shutil.rmtree(day / e[0])
        assert seen == names
        left = names[:2] + [n for i, n in enumerate(names) if i > 1 and i % 2]
        d.seek(places[21])
        assert [n for n, _ in d.rest()] == [n for n in names[21:] if n in left]
        d.seek(places[0])
        assert [n for n, _ in d.rest()] == left
        store.import_(made.write(tmp_path / 'in', 900, made.NOON + 5_000_000), site=made.SITE)
        new = d.next() or wait_until('the import', d.next)[0]
        assert new[0] not in names and d.next() is None, 'behind all others'
        d.close()


@pytest.mark.skipif(os.getuid() != 0, reason='needs root to become somebody else')
def test_what_others_may(fuse, made_store, tmp_path):
    """With allow_other: read, and nothing else; the group may erase where dmask= leaves it the bit."""
    store = made_store(days=1, each=40).copy(tmp_path / 'store')

    def as_nobody(where, *calls):
        r, w = os.pipe()
        pid = os.fork()
        if not pid:
            try:
                os.chdir(where)     # the folders above are nobody else's
                os.setgroups([])
                os.setgid(65534)
                os.setuid(65534)
                os.write(w, ' '.join(answer(*call) for call in calls).encode())
            finally:
                os._exit(0)         # whatever happened: there is one pytest
        os.close(w)
        with open(r, encoding='utf-8') as f:
            got = f.read().split()
        os.waitpid(pid, 0)
        return got

    with store.mount(tmp_path / 'mnt', options=['allow_other']) as m:
        s, f = m.sessions()[0], 'events.json'
        assert as_nobody(s, (os.open, f, os.O_RDONLY), (os.listdir, '.'), (os.listdir, '../../../.redactfs'),
                         (c, 'access', f, os.R_OK)) == ['fine'] * 4
        assert as_nobody(s, (os.unlink, f), (os.rmdir, f'../{s.name}'), (os.unlink, 'session.json'), (os.open, f, os.O_WRONLY),
                         (os.rename, f, 'x'), (os.truncate, f, 0), (c, 'access', f, os.W_OK),
                         (c, 'access', f, os.X_OK)) == ['EACCES'] * 8
        assert as_nobody(s, (os.chmod, f, 0o777), (os.chown, f, 65534, 65534), (os.utime, f, (1, 1)),
                         (os.open, f, os.O_RDONLY | os.O_NOATIME)) == ['EPERM'] * 4
    with store.mount(tmp_path / 'mnt', options=['allow_other', 'gid=65534', 'dmask=0007', 'fmask=0117']) as m:
        s = m.sessions()[0]
        assert as_nobody(s.parent, (shutil.rmtree, s.name)) == ['fine'] and not s.exists()
