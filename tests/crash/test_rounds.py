"""kill -9 at random moments of mixed import, reading and erasing. REDACTFS_ROUNDS=N makes N of them (scripts/soak: 200)."""
import os

from rounds import Rounds


def test_kill_9(fuse, tmp_path, rng):
    r = Rounds(tmp_path, rng)
    n = int(os.environ.get('REDACTFS_ROUNDS', '6'))
    for i in range(n):
        r.one()
        if i % 20 == 19 or i == n - 1:
            r.check_all()
    print(f'{n} rounds, {r.kills} processes killed, {r.imports} recordings imported, {len(r.gone)} sessions erased, '
          f'{len(r.text)} there')
