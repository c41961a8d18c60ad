"""What benchmarks of a mount have in common: sets of recordings, a mounted store of ours, and gocryptfs with the same
files, not redacted. A mount is new for each cold measurement, so that no daemon's own cache helps."""
import gzip
import os
import re
import shutil
import subprocess
from pathlib import Path

import redactfs

HOUR_MS = 3_600_000
STAMP = re.compile(rb'("timestamp": ?)(\d{13})')


def later(text, ms):
    """A recording as a visit of its own: all its events, at another time."""
    return STAMP.sub(lambda m: m.group(1) + str(int(m.group(2)) + ms).encode(), text)


def recordings(b, names):
    """The texts of recordings of tests/data."""
    folder = b.top / 'tests/data/recordings'
    for name in names:
        f = folder / name
        yield gzip.decompress(f.read_bytes()) if f.suffix == '.gz' else f.read_bytes()


def large_set(b, folder, n):
    """n recordings of some 10 MB each; returns their bytes."""
    folder.mkdir()
    text = next(recordings(b, ['large-dashboard.json.gz']))
    for i in range(n):
        (folder / f'large-{i}.json').write_bytes(later(text, i * HOUR_MS))
    return n * len(text)


# not those in which jq finds fault with a lone surrogate
SMALL = ('account-settings.json', 'canvas-css-fonts.json', 'chat-widget.json', 'contact-newsletter.json',
         'login-2fa.ndjson', 'mobile-voucher.ndjson', 'recorder-masked.json', 'shop-checkout.json',
         'medical-marks.json.gz', 'search-people.json')


def small_set(b, folder, n):
    """n recordings of 9 to 110 KB each; returns their bytes."""
    folder.mkdir()
    texts = list(recordings(b, SMALL))
    total = 0
    for i in range(n):
        text = later(texts[i % len(texts)], i // len(texts) * 61_000)
        (folder / f'small-{i}.json').write_bytes(text)
        total += len(text)
    return total


def store(b, name='store'):
    s = redactfs.Store(b.work / name)
    return s.init()


class Ours:
    """A store's mount that can be made anew."""
    name = 'redactfs'

    def __init__(self, b, store, **kw):
        # what the peer holds too: it has no player
        self.b, self.store, self.kw = b, store, {'options': ['views=events+session'], **kw}
        self.path = b.work / f'{store.path.name}.mnt'
        self.mount = None

    def __enter__(self):
        self.mount = self.store.mount(self.path, **self.kw).start()
        return self

    def __exit__(self, *_):
        self.mount.__exit__(None, None, None)

    def anew(self):
        self.__exit__()
        self.b.cold()
        self.__enter__()


class Gocryptfs:
    """The same files in a gocryptfs. `fill` gets the plain folder once."""
    name = 'gocryptfs'

    def __init__(self, b, name, fill):
        self.b = b
        self.cipher, self.path = b.work / f'{name}.cipher', b.work / f'{name}.plain'
        self.pass_file = b.work / f'{name}.pass'
        self.cipher.mkdir()
        self.path.mkdir()
        self.pass_file.write_text('otter violet lantern 7 granite parasol\n')
        # a cheap scrypt: its price is paid while nobody measures
        self._run('gocryptfs', '-q', '-init', '-scryptn', '10', '-passfile', self.pass_file, self.cipher)
        self._mount()
        fill(self.path)
        self._unmount()

    @staticmethod
    def _run(*cmd):
        subprocess.run(list(map(str, cmd)), check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)

    def _mount(self):
        self._run('gocryptfs', '-q', '-nosyslog', '-passfile', self.pass_file, self.cipher, self.path)

    def _unmount(self):
        self._run('umount', self.path) if os.geteuid() == 0 else self._run('fusermount3', '-u', self.path)

    def __enter__(self):
        self._mount()
        return self

    def __exit__(self, *_):
        self._unmount()

    def anew(self):
        self._unmount()
        self.b.cold()
        self._mount()


def copy_tree(src):
    """A `fill` that copies a folder's contents."""
    return lambda to: shutil.copytree(src, to, dirs_exist_ok=True)


def as_mounted(ours, originals):
    """A `fill` that gives a peer the mount's tree with the originals in it. Which of them lies where makes no
    difference to a measurement of all."""
    def fill(to):
        places = sorted(p.relative_to(ours.path) for p in ours.path.glob('*/*/*'))
        for place, f in zip(places, sorted(originals.iterdir()), strict=True):
            (to / place).mkdir(parents=True)
            shutil.copyfile(f, to / place / 'events.json')
    return fill


def used(path):
    """Bytes that a tree takes on the disk."""
    return int(subprocess.run(['du', '-s', '-B1', str(path)], capture_output=True, check=True,
                              text=True).stdout.split()[0])


def many(b, path, sessions, *options):
    """A store of very many made by tests/bench/many.c."""
    s = redactfs.Store(path).write_passfile()
    program = Path(b.redactfs).parent.parent.parent / 'tests/bench/many'
    subprocess.run([str(program), str(s.path), str(sessions), '--passphrase-file', str(s.passfile),
                    *map(str, options)], check=True)
    return s
