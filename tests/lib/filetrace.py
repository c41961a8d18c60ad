"""What a process does to a store's files, change by change: tests/crash/trace.c preloaded into the program."""
import os
import struct
import types
from pathlib import Path

import redactfs

CREATE, WRITE, SIZE, SYNC, UNLINK, MKDIR, RMDIR, RENAME, MARK = range(1, 10)
HEAD = struct.Struct('<IIQQ')


def module():
    return Path(redactfs.binary()).resolve().parents[2] / 'tests/crash/trace.so'


def environment(store, file):
    """For redactfs.run and Mount: everything below the store's folder goes into `file`."""
    return {'LD_PRELOAD': str(module()), 'REDACTFS_TRACE': str(file), 'REDACTFS_TRACE_ROOT': str(store.path)}


class Images:
    """The store's files as they were after each durable step."""

    def __init__(self, store):
        self.files = {str(p.relative_to(store.path)): bytearray(p.read_bytes())
                      for p in store.path.rglob('*') if p.is_file() and not p.name.endswith('-shm')}
        self.read = {}          # of trace files: bytes that have been taken

    def _apply(self, kind, path, off, data):
        f = self.files
        if kind == CREATE:
            f[path] = bytearray()
        elif kind == WRITE and path in f:
            if len(f[path]) < off:
                f[path].extend(bytes(off - len(f[path])))
            f[path][off:off + len(data)] = data
        elif kind == SIZE and path in f:
            f[path] = f[path][:off].ljust(off, b'\0')
        elif kind == UNLINK:
            f.pop(path, None)
        elif kind == RENAME:
            f[data.decode()] = f.pop(path)

    def follow(self, file):
        """Takes what is new in a trace, and yields the path of each sync: `files` is the image then."""
        raw = Path(file).read_bytes()
        at = self.read.get(file, 0)
        while at + HEAD.size <= len(raw):
            kind, n, off, length = HEAD.unpack_from(raw, at)
            end = at + HEAD.size + n + length
            if end > len(raw):
                break
            path = os.fsdecode(raw[at + HEAD.size:at + HEAD.size + n])
            data = raw[at + HEAD.size + n:end]
            at = end
            self._apply(kind, path, off, data)
            if kind == SYNC:
                yield path
        self.read[file] = at


def images_of(base, file, store, args, what):
    """Runs a command, and returns the files below `base` as they were before it and after each sync of it: those that differ in
    the files `what`. Without what is no file to outlive a crash."""
    out, seen = [], set()
    images = Images(types.SimpleNamespace(path=base))

    def take():
        now = {k: bytes(v) for k, v in images.files.items() if not {'mounts', 'reserve'} & set(Path(k).parts)}
        key = tuple(now.get(k) for k in what)
        if key not in seen:
            seen.add(key)
            out.append(now)
    take()
    store.cli(*args, check=0, env=environment(types.SimpleNamespace(path=base), file))
    for _ in images.follow(file):
        take()
    return out


def put_back(base, files):
    """One of those, where it was taken."""
    for p in base.rglob('*'):
        if p.is_file() and str(p.relative_to(base)) not in files:
            p.unlink()
    for name, data in files.items():
        (base / name).write_bytes(data)
