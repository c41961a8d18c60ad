"""Walking very many sessions, beside gocryptfs with as many files; cold. Making both takes longer than measuring."""
import peers
from bench_mount import cold_pair, shell


def run(b):
    n = 2000 if b.quick else 100_000
    plain = b.work / 'tree'
    store = peers.many(b, b.work / 'tree-store', n, '--days', '20', '--plain', plain)
    with peers.Ours(b, store) as ours, peers.Gocryptfs(b, 'tree-peer', peers.copy_tree(plain)) as peer:
        a, c = cold_pair(b, ours, peer, shell(b, 'find . -ls >/dev/null'), 3)
        b.ratio(f'find -ls over {n} sessions', a, c, peer.name, goal=0.5)
