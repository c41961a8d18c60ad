"""transcript.txt: what the visitor did, by what events.json shows."""
import errno
import os
import subprocess

import pytest

import corpus
import made

SITE = 'shop.example.com'
RECORDING = corpus.recording('shop-checkout')


@pytest.fixture(scope='module')
def template(empty_store, tmp_path_factory):
    base = tmp_path_factory.mktemp('transcript')
    store = empty_store.copy(base / 'store')
    store.import_(*RECORDING.files, site=SITE)
    made.fill(store, base / 'a', 'other.example.com', days=1, each=2)
    return store


@pytest.fixture
def filled(template, tmp_path):
    return template.copy(tmp_path / 'store')


def times(path):
    st = path.stat()
    return st.st_mtime_ns, st.st_ctime_ns


def test_lines_for_people(template, mnt):
    with template.mount(mnt) as m:
        text = (m.session(SITE) / 'transcript.txt').read_text()
    assert 'clicks button "Add to basket"\n' in text
    assert 'enters "[email]" in field "E-mail"\n' in text
    assert 'opens https://shop.northpeak.example/checkout "Checkout – Northpeak Outdoor"\n' in text
    assert all(ord(c) >= 32 or c == '\n' for c in text)


def test_a_file_like_the_others(template, mnt, rng):
    with template.mount(mnt) as m:
        s = m.session(SITE)
        f = s / 'transcript.txt'
        whole, st = f.read_bytes(), f.stat()
        assert len(whole) == st.st_size and st.st_blocks * 512 >= st.st_size and st.st_nlink == 1
        assert times(f) == times(s / 'events.json')
        assert len({p.stat().st_ino for p in s.iterdir()}) == 4
        with open(f, 'rb', buffering=0) as fd:
            for _ in range(50):
                off, n = rng.randrange(len(whole) + 10), rng.randrange(1, 3000)
                assert os.pread(fd.fileno(), n, off) == whole[off:off + n]
        ino = st.st_ino
    with template.mount(mnt) as m:
        f = m.session(SITE) / 'transcript.txt'
        assert f.stat().st_ino == ino and f.read_bytes() == whole


def test_its_size_needs_no_blob(filled, mnt):
    for blob in (filled.path / 'blobs').glob('*/*'):
        blob.unlink()
    with filled.mount(mnt) as m:
        f = m.session(SITE) / 'transcript.txt'
        assert f.stat().st_size > 500
        with pytest.raises(OSError) as e:
            f.read_bytes()
        assert e.value.errno == errno.EIO


def test_it_goes_with_its_recording(filled, mnt):
    with filled.mount(mnt) as m:
        s = m.session(SITE)
        f = s / 'transcript.txt'
        with pytest.raises(OSError) as e:
            os.unlink(f)
        assert e.value.errno == errno.EPERM
        with open(f, 'rb', buffering=0) as fd:
            assert fd.read(10)
            os.unlink(s / 'events.json')
            with pytest.raises(OSError) as e:
                os.pread(fd.fileno(), 10, 0)
            assert e.value.errno == errno.ESTALE


@pytest.mark.parametrize('direct', [False, True])
def test_it_follows_the_policy(filled, mnt, direct):
    """Stricter: for the file that is open as well. Laxer: when an officer applies it."""
    with filled.mount(mnt, options=['direct_io'] if direct else []) as m:
        s = m.session(SITE)
        f = s / 'transcript.txt'
        was, before = f.read_bytes(), times(f)
        assert b'button "Add to basket"' in was
        fd = os.open(f, os.O_RDONLY)
        try:
            filled.policy(SITE, '[select]\nblock = button\n')
            if direct:
                with pytest.raises(OSError) as e:
                    os.pread(fd, 100, 0)
                assert e.value.errno == errno.ESTALE
        finally:
            os.close(fd)
        now = f.read_bytes()
        assert b'Add to basket' not in now and b'button "[blocked]"' in now
        assert len(now) == f.stat().st_size and times(f)[0] == before[0] + 10**9 and times(f) == times(s / 'events.json')
        filled.policy(SITE, '[record]\nforms = show\nemails = show\n')
        filled.cli('policy', 'apply', SITE, check=0)
        shown = f.read_text()
        assert 'Add to basket' in shown and '[form]' not in shown and '[card]' in shown
        assert len(shown.encode()) == f.stat().st_size
    filled.cli('verify', check=0)


def test_a_reveal_mount_shows_what_events_json_shows(filled, mnt):
    typed = next(s['value'] for s in RECORDING.secrets if s['class'] == 'email' and s.get('typed'))
    with filled.mount(mnt, args=['--reveal', '--reason', 'asked by the visitor']) as m:
        f = m.session(SITE) / 'transcript.txt'
        text = f.read_text()
        assert f'enters "{typed}" in field "E-mail"' in text and '[card]' in text
        assert len(text.encode()) == f.stat().st_size


def test_a_copy_with_transcripts_comes_back(filled, empty_store, mnt, tmp_path):
    with filled.mount(mnt) as m:
        text = (m.session(SITE) / 'transcript.txt').read_bytes()
        subprocess.run(['cp', '-r', m.path / SITE, tmp_path / SITE], check=True)
    other = empty_store.copy(tmp_path / 'other')
    other.import_(tmp_path / SITE, site=None)
    with other.mount(mnt) as m:
        again = (m.session(SITE) / 'transcript.txt').read_bytes()
    # a number that is hidden leaves an empty text, which the copy then has
    assert again.replace(b'empties field', b'enters "\xe2\x80\xa6" in field') == text
