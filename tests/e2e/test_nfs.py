"""The mount exported again by an NFS server (NFS-Ganesha, in user space) and read by a client (libnfs), and the
file handles that such a server lives on."""
import contextlib
import ctypes
import errno
import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

import made
from redactfs import wait_until

SITE = 'shop.example.com'
LIBC = ctypes.CDLL(None, use_errno=True)
AT_FDCWD, HANDLE_BYTES = -100, 128

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason='opening by file handle needs root')


@pytest.fixture
def filled(store, tmp_path):
    made.fill(store, tmp_path / 'a', SITE, days=2, each=3, words=9000)
    return store


class Handle(ctypes.Structure):
    _fields_ = [('bytes', ctypes.c_uint), ('type', ctypes.c_int), ('handle', ctypes.c_ubyte * HANDLE_BYTES)]


def handle_of(path):
    h, mount_id = Handle(bytes=HANDLE_BYTES), ctypes.c_int()
    if LIBC.name_to_handle_at(AT_FDCWD, os.fsencode(path), ctypes.byref(h), ctypes.byref(mount_id), 0):
        raise OSError(ctypes.get_errno(), f'name_to_handle_at {path}')
    return h


def opened(mount_fd, h):
    fd = LIBC.open_by_handle_at(mount_fd, ctypes.byref(h), os.O_RDONLY)
    if fd < 0:
        raise OSError(ctypes.get_errno(), 'open_by_handle_at')
    with open(fd, 'rb') as f:
        return f.read()


def drop_caches():
    os.sync()
    with contextlib.suppress(OSError):      # not every container may
        Path('/proc/sys/vm/drop_caches').write_text('2')


def test_a_file_handle_outlives_the_mount(filled, mnt):
    with filled.mount(mnt) as m:
        files = [s / 'events.json' for s in m.sessions()]
        texts, handles = [f.read_bytes() for f in files], [handle_of(f) for f in files]
    with filled.mount(mnt) as m:
        fd = os.open(m.path, os.O_RDONLY)
        try:
            assert [opened(fd, h) for h in handles] == texts
            drop_caches()
            shutil.rmtree(files[0].parent)
            with pytest.raises(OSError) as e:
                opened(fd, handles[0])
            assert e.value.errno == errno.ESTALE
            assert opened(fd, handles[1]) == texts[1]
        finally:
            os.close(fd)


class Nfs:
    """A server of one mount, and what its client sees."""

    def __init__(self, folder, path):
        plugins = [p for p in Path('/usr/lib').rglob('libfsalvfs.so') if p.parent.name == 'ganesha']
        assert plugins, 'no nfs-ganesha-vfs: scripts/deps --test installs it'
        with socket.socket() as s:
            s.bind(('127.0.0.1', 0))
            self.port = s.getsockname()[1]
        (folder / 'recovery').mkdir(parents=True)
        self.log = folder / 'log'
        conf = folder / 'ganesha.conf'
        conf.write_text(f'''
NFS_CORE_PARAM {{ Protocols = 4; NFS_Port = {self.port}; Enable_NLM = false; Enable_RQUOTA = false;
                  Bind_addr = 127.0.0.1; Plugins_Dir = {plugins[0].parent}; }}
NFSV4 {{ Graceless = true; RecoveryBackend = fs; RecoveryRoot = {folder}/recovery; }}
NFS_KRB5 {{ Active_krb5 = false; }}
EXPORT {{ Export_Id = 1; Path = {path}; Pseudo = /recordings; Access_Type = RO; Squash = No_Root_Squash; SecType = sys;
          Filesystem_id = 1.1; Protocols = 4; Attr_Expiration_Time = 0; FSAL {{ Name = VFS; }} }}
''')
        self.proc = subprocess.Popen(['ganesha.nfsd', '-F', '-f', conf, '-L', self.log, '-p', folder / 'pid'],
                                     stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def __enter__(self):
        wait_until('the server answers', lambda: self.proc.poll() is not None or not self.call('ls', '').returncode, timeout=60)
        assert self.proc.poll() is None, self.log.read_text()[-4000:]
        return self

    def __exit__(self, *_):
        self.proc.terminate()
        try:
            self.proc.wait(30)
        except subprocess.TimeoutExpired:
            self.proc.kill()
            self.proc.wait()

    def call(self, what, path):
        return subprocess.run([f'nfs-{what}', f'nfs://127.0.0.1/recordings/{path}?nfsport={self.port}&version=4'],
                              capture_output=True, timeout=60, check=False)

    def names(self, path):
        p = self.call('ls', path)
        assert not p.returncode, p.stderr
        return sorted(line.split()[-1] for line in p.stdout.decode().splitlines())

    def read(self, path):
        p = self.call('cat', path)
        return None if p.returncode or b'Failed' in p.stderr else p.stdout


def test_exported_again_by_nfs(filled, mnt, tmp_path):
    with filled.mount(mnt) as m, Nfs(tmp_path / 'nfs', m.path) as nfs:
        sessions = [str(s.relative_to(m.path)) for s in m.sessions()]
        assert nfs.names('') == [SITE]
        assert sorted(f'{SITE}/{d}/{n}' for d in nfs.names(SITE) for n in nfs.names(f'{SITE}/{d}')) == sessions
        for s in sessions:
            assert nfs.names(s) == ['events.json', 'replay.html', 'session.json', 'transcript.txt']
            assert nfs.read(f'{s}/events.json') == (m / s / 'events.json').read_bytes()
        drop_caches()                       # the server's handles are all that is left of the names
        for s in sessions:
            assert nfs.read(f'{s}/session.json') == (m / s / 'session.json').read_bytes()
        gone = sessions[2]
        shutil.rmtree(m / gone)
        assert nfs.read(f'{gone}/events.json') is None
        assert nfs.read(f'{sessions[1]}/events.json') is not None
