"""Import, beside the pipeline one would write without redactfs, which redacts nothing."""
import itertools
import os
import resource
import shutil

import peers

PIPELINE = '''
mkdir "$0"
for f in "$1"/*; do
    jq -c . "$f" | zstd -q -3 | openssl enc -aes-256-ctr -pass file:"$2" -pbkdf2 -iter 1 >"$0/${f##*/}.enc"
done
'''


def cpu():
    r = resource.getrusage(resource.RUSAGE_CHILDREN)
    return r.ru_utime + r.ru_stime


def one_set(b, what, folder, mb):
    made = peers.store(b, f'{what}-empty')
    # a new place each time: ext4 steps around inodes that were removed a moment ago, at a price
    outs = (b.work / f'{what}.out{i}' for i in itertools.count())
    stores = (b.work / f'{what}-store{i}' for i in itertools.count())
    cpus, logins = [], []

    def ours():
        s = peers.redactfs.Store(next(stores))
        shutil.copytree(made.path, s.path)
        s.write_passfile()
        before = cpu()
        t = b.seconds([b.redactfs, 'import', s.path, '--passphrase-file', s.passfile, '--site', 'a.example.com', '--',
                       folder])
        cpus.append(cpu() - before)
        before = cpu()
        b.seconds([b.redactfs, 'ls', made.path, '--passphrase-file', made.passfile])
        logins.append(cpu() - before)
        return t

    def peer():
        return b.seconds(['bash', '-c', PIPELINE, next(outs), folder, made.passfile])

    a, c = [], []
    for i in range(1 if b.quick else 3):
        for f, to in ((ours, a), (peer, c)) if i % 2 == 0 else ((peer, c), (ours, a)):
            to.append(f())
    b.ratio(f'import of {mb:.0f} MB of {what} recordings', [mb / s for s in a], [mb / s for s in c],
            'jq|zstd|openssl', goal=5, better='higher', unit='MB/s')
    b.value(f'  for each second of a core ({os.cpu_count()} here)', [mb / s for s in cpus], 'MB/s', goal=100,
            better='higher')
    b.value('  the same without the login', [mb / (s - x) for s, x in zip(cpus, logins)], 'MB/s', better='higher')


def run(b):
    folder = b.work / 'large'
    mb = peers.large_set(b, folder, 1 if b.quick else 10) / 1e6
    one_set(b, 'large', folder, mb)
    folder = b.work / 'small'
    mb = peers.small_set(b, folder, 100 if b.quick else 2000) / 1e6
    one_set(b, 'small', folder, mb)
