"""Every recording goes in and shows up redacted: nothing leaks, nothing is lost, nothing else moves."""
import json
import re

import pytest

import corpus

RECORDINGS = corpus.recordings()
POLICIES = ['default', 'forms-off']
TOKENS = re.compile(r'\[(?:password|card|cvc|otp|blocked|secret|iban|national-id|email|phone|ip|'
                    r'birthdate|url|masked|form)\]')
by_name = pytest.mark.parametrize('rec', RECORDINGS, ids=lambda r: r.name)


def test_the_corpus_is_there():
    assert len({r.truth['session'] for r in RECORDINGS}) >= 19
    assert len(corpus.broken()) >= 10
    assert sum(len(r.of_kind('always')) for r in RECORDINGS) >= 30


@by_name
def test_leakcheck_bites(rec):
    """On the raw recording leakcheck finds secrets: its silence below means something."""
    if len(rec.files) == 1:
        assert corpus.leakcheck(rec, rec.files[0], original=False).leaks > 0


@pytest.mark.parametrize('policy', POLICIES)
@by_name
def test_nothing_leaks(corpora, rec, policy, tmp_path):
    """No kind of secret is readable (`forms = seal`, the default, hides what was entered as well as
    `off` does), no ordinary text is lost, the events are the same ones."""
    found = corpus.leakcheck(rec, corpora[policy].file(rec), forms='off')
    assert found.readable and found.same_events, found.output
    assert found.by_kind == {}, found.output
    assert found.lost == 0, found.output


def derived(original, redacted, path=()):
    """Yields where `redacted` is not `original` with tokens in it."""
    if isinstance(original, dict) and isinstance(redacted, dict):
        for k in redacted:
            if k not in original and k != 'windowId':
                yield (*path, k), 'a new member'
        for k, v in original.items():
            if k in redacted:
                yield from derived(v, redacted[k], (*path, k))
            elif path[-1:] != ('attributes',) and not (path == () and k in ('cv', 'v')):
                yield (*path, k), 'a member is missing'
    elif isinstance(original, list) and isinstance(redacted, list):
        if len(original) != len(redacted):
            yield path, f'{len(original)} items became {len(redacted)}'
        for i, (a, b) in enumerate(zip(original, redacted)):
            yield from derived(a, b, (*path, i))
    elif original == redacted and type(original) is type(redacted):
        return
    elif isinstance(original, str) and isinstance(redacted, str):
        if redacted in ('', '#000000'):
            return
        pattern = '.*?'.join(re.escape(p) for p in TOKENS.split(redacted))
        if not TOKENS.search(redacted) or not re.fullmatch(pattern, original, re.S):
            yield path, 'text changed outside a token'
    elif isinstance(original, bool):
        if redacted is not False:
            yield path, 'not false'
    elif isinstance(original, (int, float)):
        if redacted != 0 and not (isinstance(redacted, str) and TOKENS.fullmatch(redacted)):
            yield path, 'a number became something else'
    else:
        yield path, f'{type(original).__name__} became {type(redacted).__name__}'


@pytest.mark.parametrize('policy', POLICIES)
@by_name
def test_text_outside_spans_is_untouched(corpora, rec, policy):
    text = corpora[policy].file(rec).read_bytes()
    now = json.loads(text)
    was = corpus.events(rec.files)
    assert len(now) == len(was)
    wrong = [(i, *d) for i, (a, b) in enumerate(zip(was, now)) for d in derived(a, b)]
    assert not wrong, wrong[:10]
    lines = text.split(b'\n')
    assert lines[0] == b'[' and lines[-2:] == [b']', b''] and len(lines) == len(now) + 3


@pytest.mark.parametrize('policy', POLICIES)
@by_name
def test_the_second_reader_sees_the_same(corpora, opened, rec, policy):
    """Two programs that share only docs/FORMAT.md agree on every byte."""
    c = corpora[policy]
    session = opened[policy].session(c.site(rec))
    path = c.file(rec)
    assert session.rendering() == path.read_bytes()
    assert path.parent.name == session.info['name']
    assert path.parent.parent.name == session.day
    assert session.info['events'] == len(corpus.events(rec.files))
    assert path.stat().st_size == session.info['size']


@by_name
def test_ordinary_text_stays_wherever_it_is(corpora, rec):
    """Not once: as often as it was there."""
    was = json.dumps(corpus.events(rec.files), ensure_ascii=False)
    now = json.dumps(json.loads(corpora['default'].file(rec).read_bytes()), ensure_ascii=False)
    for s in rec.must_survive:
        said = json.dumps(s, ensure_ascii=False)[1:-1]
        assert now.count(said) == was.count(said), s


@pytest.mark.parametrize('policy', POLICIES)
@by_name
def test_the_transcript(corpora, opened, rec, policy):
    """The second reader makes the same one, and no secret is in it."""
    c = corpora[policy]
    file = c.file(rec).with_name('transcript.txt')
    text = file.read_bytes()
    assert file.stat().st_size == len(text)
    assert text == opened[policy].session(c.site(rec)).transcript()
    lines = text.decode().splitlines()
    assert lines[1] == '' and lines[-1].endswith('  ends') and any('  opens ' in line for line in lines[2:])
    kinds = ('always', 'detector', 'blocked', 'forms-off')
    found = [s['class'] for s in rec.of_kind(*kinds) if len(s['value']) > 5 and s['value'] in text.decode()]
    assert not found, found


@by_name
def test_what_is_never_kept_is_not_even_under_the_reveal_key(corpora, opened, rec, tmp_path):
    """With every key there is, the officer's reveal key included: no password, card or code."""
    c = corpora['default']
    session = opened['default'].session(c.site(rec))
    out = tmp_path / 'revealed.json'
    out.write_bytes(session.canonical(opened['default'].reveal))
    found = corpus.leakcheck(rec, out, forms='on')
    assert found.by_kind.get('always', 0) == 0, found.output
    assert found.same_events, found.output


@by_name
def test_forms_off_keeps_nothing_entered(corpora, opened, rec, tmp_path):
    c = corpora['forms-off']
    session = opened['forms-off'].session(c.site(rec))
    out = tmp_path / 'revealed.json'
    out.write_bytes(session.canonical(opened['forms-off'].reveal))
    found = corpus.leakcheck(rec, out, forms='off')
    assert {k: n for k, n in found.by_kind.items() if k in ('always', 'forms-off')} == {}, found.output


# ---- what is no recording

REASONS = {
    'bad-line-in-the-middle.ndjson': r'JSON|line',
    'bad-timestamp.json': r'time ?stamp|type',
    'bad-utf8.ndjson': r'UTF-8',
    'deep.json': r'nest|deep|depth|level',
    'duplicate-keys.json': r'duplicate|twice',
    'empty-array.json': r'no events|empty',
    'empty.json': r'empty|no events|no bytes',
    'not-a-recording.json': r'no events|not a recording|no recording',
    'packed-corrupt.json': r'pack|inflate|compress',
    'truncated.json': r'end|cut|trunc|unfinished|incomplete',
}


@pytest.mark.parametrize('path', corpus.broken(), ids=lambda p: p.name)
def test_broken_is_refused_and_nothing_stored(store, path):
    before = sorted(p.name for p in store.path.rglob('*'))
    p = store.import_(path, site='broken.example', check=None)
    assert p.returncode in (14, 15), (p.returncode, p.stderr)
    complaint = [line for line in p.stderr.splitlines() if path.name in line]
    assert len(complaint) == 1, p.stderr
    assert re.search(REASONS[path.name], complaint[0], re.I), complaint
    assert sorted(p.name for p in store.path.rglob('*')) == before


def test_a_folder_with_broken_files_stores_the_rest(store, mnt, tmp_path):
    good = [corpus.recording(n) for n in ('shop-checkout', 'login-2fa', 'mobile-voucher')]
    folder = tmp_path / 'in'
    folder.mkdir()
    for f in [r.files[0] for r in good] + corpus.broken():
        (folder / f.name).write_bytes(f.read_bytes())
    p = store.import_(folder, site='mixed.example', check=16)
    for f in corpus.broken():
        assert f.name in p.stderr
    for r in good:
        assert r.files[0].name not in p.stderr
    with store.mount(mnt) as m:
        assert len(m.sessions()) == len(good)


def test_the_same_recording_is_stored_once(store, mnt):
    rec = corpus.recording('shop-checkout')
    store.import_(rec.files[0], site='once.example')
    before = len(store.files())
    store.import_(rec.files[0], site='once.example')
    store.import_(rec.files[0], rec.files[0], site='once.example')
    assert len(store.files()) <= before
    with store.mount(mnt) as m:
        m.session('once.example')


# ---- recordings of other projects, where they lie beside the checkout

YEAR_1990 = 631_152_000_000      # ms


@pytest.mark.parametrize('path', corpus.public(), ids=lambda p: p.name)
def test_public(public_mount, path):
    made, m = public_mount
    p = made[path.name]
    if p.returncode:
        assert p.returncode in (14, 15) and path.name in p.stderr, p.stderr
        was = corpus_events_or_none(path)
        # FORMAT.md "Canonical text": time stamps that count from 0 are no recorder's
        assert not was or 'time stamp out of range' in p.stderr and min(e['timestamp'] for e in was) < YEAR_1990, p.stderr
        return
    now = json.loads((m.session(f'{path.stem}.public.example') / 'events.json').read_bytes())
    was = corpus.events(path)
    assert [(e['type'], e['timestamp']) for e in now] == [(e['type'], e['timestamp']) for e in was]
    wrong = [(i, *d) for i, (a, b) in enumerate(zip(was, now)) for d in derived(a, b)]
    assert not wrong, wrong[:10]


def corpus_events_or_none(path):
    try:
        return corpus.events(path)
    except Exception:       # leakcheck's own "unreadable"
        return None


def test_the_checker_of_untouched_text_bites():
    original = {'type': 3, 'data': {'text': 'call 123 now', 'n': 5, 'on': True, 'a': [1, 2]}}
    ok = {'type': 3, 'data': {'text': 'call [phone] now', 'n': '[phone]', 'on': False, 'a': [1, 2]}}
    assert list(derived(original, ok)) == []
    for wrong in ({'text': 'call [phone] later'}, {'n': 6}, {'on': 1}, {'a': [1]}, {'new': 1},
                  {'text': 'call'}, {'a': {}}):
        bad = {'type': 3, 'data': {**ok['data'], **wrong}}
        assert list(derived(original, bad)), wrong
