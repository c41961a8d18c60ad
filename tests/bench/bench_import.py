"""Import, beside the pipeline one would write without redactfs, which redacts nothing: the recordings of bench mount,
large ones and small ones. Then both in one go,
which says what a core does over all of them."""
import itertools
import os
import resource
import shutil

import peers

RUNS = {False: 3, True: 1}
PIPELINE = '''
mkdir "$0"
for f in "$1"/*; do
    jq -c . "$f" | zstd -q -3 | openssl enc -aes-256-ctr -pass file:"$2" -pbkdf2 -iter 1 >"$0/${f##*/}.enc"
done
'''


def cpu():
    r = resource.getrusage(resource.RUSAGE_CHILDREN)
    return r.ru_utime + r.ru_stime


class Imports:
    """Imports of the same folders, each into a new store; cpu and login are seconds of a core for each."""

    def __init__(self, b, name, folders, mb):
        self.b, self.folders, self.mb = b, folders, mb
        self.made = peers.store(b, f'{name}-empty')
        # a new place each time: ext4 steps around inodes that were removed a moment ago, at a price
        self.stores = (b.work / f'{name}-store{i}' for i in itertools.count())
        self.cpu, self.login = [], []

    def once(self):
        """Wall seconds."""
        s = peers.redactfs.Store(next(self.stores))
        shutil.copytree(self.made.path, s.path)
        s.write_passfile()
        before = cpu()
        t = self.b.seconds([self.b.redactfs, 'import', s.path, '--passphrase-file', s.passfile, '--site',
                            'a.example.com', '--', *self.folders])
        self.cpu.append(cpu() - before)
        before = cpu()
        self.b.seconds([self.b.redactfs, 'ls', self.made.path, '--passphrase-file', self.made.passfile])
        self.login.append(cpu() - before)
        return t

    def tell(self, what):
        self.b.value(what, [self.mb / s for s in self.cpu], 'MB/s', goal=100, better='higher')
        self.b.value('  the same without the login', [self.mb / (s - x) for s, x in zip(self.cpu, self.login)], 'MB/s',
                     better='higher')


def beside_peer(b, name, folder, mb):
    ours = Imports(b, name, [folder], mb)
    outs = (b.work / f'{name}.out{i}' for i in itertools.count())

    def peer():
        return b.seconds(['bash', '-c', PIPELINE, next(outs), folder, ours.made.passfile])

    a, c = [], []
    for i in range(RUNS[b.quick]):
        for f, to in ((ours.once, a), (peer, c)) if i % 2 == 0 else ((peer, c), (ours.once, a)):
            to.append(f())
    b.ratio(f'import of {mb:.0f} MB of {name} recordings', [mb / s for s in a], [mb / s for s in c],
            'jq|zstd|openssl', goal=5, better='higher', unit='MB/s')
    ours.tell(f'  for each second of a core ({os.cpu_count()} here)')


def run(b):
    large, small = b.work / 'large', b.work / 'small'
    mb = [peers.large_set(b, large, 2 if b.quick else 20) / 1e6, peers.small_set(b, small, 100 if b.quick else 5000) / 1e6]
    beside_peer(b, 'large', large, mb[0])
    beside_peer(b, 'small', small, mb[1])
    both = Imports(b, 'both', [large, small], sum(mb))
    for _ in range(RUNS[b.quick]):
        both.once()
    both.tell(f'import of both, {sum(mb):.0f} MB, for each second of a core')
