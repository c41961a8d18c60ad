"""Any slice of a file is that slice of the whole, however it is read. The whole comes from the second
reader, so that a daemon that is consistently wrong is found out as well."""
import mmap
import os
import threading

import pytest

import corpus

RECORDINGS = corpus.recordings()
by_name = pytest.mark.parametrize('rec', RECORDINGS, ids=lambda r: r.name)
CHUNK = 32768


@pytest.fixture(scope='module')
def uncached(corpora):
    """The default store mounted once more, without the kernel's page cache in between."""
    store = corpora['default'].store
    with store.mount(store.path.with_name('direct.mnt'), options=['direct_io'], limit=3600) as m:
        yield m


def ranges(rng, size, n):
    """Offsets and lengths that look for trouble: chunk borders, page borders, the end, one byte."""
    for _ in range(n):
        kind = rng.randrange(6)
        if kind == 0:
            off = rng.randrange(size + 1)
            length = rng.randrange(1, 200)
        elif kind == 1:
            off = max(0, rng.randrange(size // CHUNK + 1) * CHUNK + rng.randrange(-9, 10))
            length = rng.randrange(1, 2 * CHUNK)
        elif kind == 2:
            off = max(0, rng.randrange(size // 4096 + 1) * 4096 + rng.randrange(-2, 3))
            length = rng.choice([1, 4095, 4096, 4097, 8192])
        elif kind == 3:
            off = max(0, size - rng.randrange(1, 5000))
            length = rng.randrange(1, 10000)
        elif kind == 4:
            off = rng.randrange(size + 1)
            length = rng.randrange(1, size + 2)
        else:
            off = size + rng.randrange(0, 3 * CHUNK)
            length = rng.randrange(1, CHUNK)
        yield off, length


def check(fd, whole, off, length):
    got = os.pread(fd, length, off)
    want = whole[off:off + length]
    assert got == want, f'pread({length} at {off}) of {len(whole)}: {len(got)} bytes, ' \
        f'first difference at {next((i for i, (a, b) in enumerate(zip(got, want)) if a != b), "the end")}'


@pytest.mark.parametrize('how', ['cached', 'dropped', 'direct_io'])
@by_name
def test_slices(corpora, opened, uncached, rec, how, rng):
    c = corpora['default']
    whole = opened['default'].session(c.site(rec)).rendering()
    path = c.file(rec)
    if how == 'direct_io':
        path = uncached.path / path.relative_to(c.mount.path)
    fd = os.open(path, os.O_RDONLY)
    try:
        assert os.fstat(fd).st_size == len(whole)
        for off, length in ranges(rng, len(whole), 60 if len(whole) > 1 << 20 else 200):
            if how == 'dropped':
                os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
            check(fd, whole, off, length)
    finally:
        os.close(fd)


@by_name
def test_a_mapping_shows_the_whole(corpora, opened, rec):
    c = corpora['default']
    whole = opened['default'].session(c.site(rec)).rendering()
    with open(c.file(rec), 'rb') as f, mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ) as m:
        assert m[:] == whole


@pytest.mark.parametrize('policy', ['default', 'forms-off'])
def test_many_readers_of_one_file(corpora, opened, policy, rng):
    """Eight threads at random offsets of the largest recording, each with its own descriptor."""
    rec = corpus.recording('large-dashboard')
    c = corpora[policy]
    whole = opened[policy].session(c.site(rec)).rendering()
    path = c.file(rec)
    plans = [list(ranges(rng, len(whole), 25)) for _ in range(8)]
    wrong = []

    def reader(plan):
        fd = os.open(path, os.O_RDONLY)
        try:
            for off, length in plan:
                os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
                check(fd, whole, off, length)
        except BaseException as e:      # an assertion in a thread is nobody's failure
            wrong.append(e)
        finally:
            os.close(fd)

    threads = [threading.Thread(target=reader, args=(p,)) for p in plans]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not wrong, wrong[0]


def test_the_large_recording_spans_many_chunks(opened, corpora):
    """Without this the tests above would say little about chunk borders."""
    session = opened['default'].session(corpora['default'].site(corpus.recording('large-dashboard')))
    assert session.blob.chunks > 100 and len(session.blob.spans()) > 0
