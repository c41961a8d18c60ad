"""Images of the store after every single durable step of erasures: who has all of them, but for the root slots that were
overwritten, and every passphrase, opens exactly the sessions that are alive.

REDACTFS_FORENSICS=N does N erasures (scripts/soak: 50)."""
import os

import decrypt
import pytest
import filetrace as trace
from many import a_store

ERASURES = int(os.environ.get('REDACTFS_FORENSICS', '4'))


def key_of(store):
    """The operator's private key, by the passphrase: it is the same in every version of the record."""
    rows = decrypt.read_catalog(store.path / 'catalog.db')
    r = rows['operator'][0]
    return decrypt.Operator(r['email'], r['record'], rows['meta']['store_id']).login(store.passphrase).sk


def slots(root):
    return {bytes(root[i:i + 4096]) for i in (0, 4096) if root[i:i + 8] == b'RFSROOT1'}


def opened_by(evidence, roots, sk, blobs):
    """Which of the blobs open with these slots."""
    e = decrypt.Evidence()
    e.__dict__.update({k: (v.copy() if hasattr(v, 'copy') else v) for k, v in evidence.__dict__.items()})
    e.open_everything([], root_keys={decrypt.Slot(s).open(sk) for s in roots})
    e.other_keys.add(sk)
    return {i for i, b in blobs.items() if e.opens_blob(b)}


def test_every_image_of_many_erasures(fuse, tmp_path, rng):
    if not trace.module().exists():
        pytest.skip('trace.so is not built')
    store = a_store(tmp_path / 'store', 3 * ERASURES + 8, days=3)
    first = decrypt.Store(store.path, {store.operator: store.passphrase})
    blobs = {s.id: s.row['blob'] for s in first.sessions}
    rows = {s.id: s.row for s in first.sessions}
    sk = key_of(store)
    images = trace.Images(store)
    evidence = decrypt.Evidence()
    evidence.add_store(store.path, root=False)
    seen = slots(images.files['root'])
    alive, steps, work = set(blobs), 0, tmp_path / 'image'
    work.mkdir()

    def take(file):
        """Every image since the last time, without its root."""
        nonlocal steps
        for path in images.follow(file):
            steps += 1
            seen.update(slots(images.files['root']))
            if path.startswith('catalog.db'):
                for name in ('catalog.db', 'catalog.db-wal'):
                    (work / name).write_bytes(images.files.get(name, b''))
                evidence.add_catalog(work / 'catalog.db')
            elif path != 'root' and path in images.files:
                evidence.add_file(bytes(images.files[path]))

    mounted = tmp_path / 'mount.trace'
    names = {}
    with store.mount(tmp_path / 'mnt', env=trace.environment(store, mounted)) as m:
        for p in m.sessions():
            names[p.joinpath('session.json').read_text().split('"')[3]] = p
        assert set(names) == set(blobs)
        for i in range(ERASURES):
            victims = rng.sample(sorted(alive), rng.randint(1, 3) if i % 4 == 1 else 1)
            if i % 4 == 1:      # a batch, by another process
                file = tmp_path / f'cli{i}.trace'
                store.cli('erase', '--session', *victims, '--yes', '--reason', 'test', check=0,
                          env=trace.environment(store, file))
            else:
                file = mounted
                os.unlink(names[victims[0]] / 'events.json')
            alive -= set(victims)
            take(mounted)
            if file != mounted:
                take(file)
            # whoever seizes everything now, the root as it is included
            if i % 8 == 0 or i == ERASURES - 1:
                assert opened_by(evidence, slots(images.files['root']), sk, blobs) == alive
    take(mounted)
    assert bytes(images.files['root']) == (store.path / 'root').read_bytes(), 'the trace is complete'
    assert steps >= 4 * ERASURES and len(seen) > ERASURES
    assert set(blobs.values()) <= set(evidence.blobs) and all(r in evidence.rows for r in rows.values())
    assert opened_by(evidence, slots(images.files['root']), sk, blobs) == alive
    # Teeth: with the slots that were overwritten everything opens.
    assert opened_by(evidence, seen, sk, blobs) == set(blobs)
    print(f'{ERASURES} erasures, {steps} images, {len(seen)} root slots')
