"""The engine as a filter, over every recording there is."""
import gzip
import json
import re

import pytest

import corpus
import redactfs

OFF = '[record]\nforms = off\n'
WHOLE = [r for r in corpus.recordings() if len(r.files) == 1]


def plain(path):
    data = path.read_bytes()
    return gzip.decompress(data) if path.suffix == '.gz' else data


@pytest.mark.parametrize('forms', ['on', 'off'])
@pytest.mark.parametrize('recording', WHOLE, ids=lambda r: r.name)
def test_twice_is_once(recording, forms, tmp_path):
    options = []
    if forms == 'off':
        (tmp_path / 'site.ini').write_text(OFF)
        options = ['--policy', tmp_path / 'site.ini']
    once = redactfs.run('redact', *options, stdin=plain(recording.files[0]), check=0).stdout
    assert redactfs.run('redact', *options, stdin=once, check=0).stdout == once


@pytest.mark.parametrize('recording', WHOLE, ids=lambda r: r.name)
def test_what_is_never_kept_is_known_as_such(recording, tmp_path):
    """Where a site shows what was entered, passwords, cards and codes, and what detectors find, stay hidden: that they
    are form input isn't why they are hidden elsewhere."""
    (tmp_path / 'site.ini').write_text('[record]\nforms = show\n')
    shown = tmp_path / 'shown.json'
    shown.write_bytes(redactfs.run('redact', '--policy', tmp_path / 'site.ini', stdin=plain(recording.files[0]),
                                   check=0).stdout)
    found = corpus.leakcheck(recording, shown, forms='on')
    assert found.readable and found.by_kind == {} and found.lost == 0, found.output


@pytest.mark.parametrize('path', corpus.public(), ids=[p.stem for p in corpus.public()])
def test_public(path):
    """Fixtures of other projects. Some have time stamps of their own making (0, 1, 2…), which say no date: refused."""
    events = json.loads(path.read_text('utf-8'))
    if isinstance(events, dict):        # an exporter's wrapper
        events = events['events']['events']
    r = redactfs.run('redact', stdin=path.read_bytes())
    if min(e['timestamp'] for e in events) < 631152000000:
        assert r.returncode == 14
        assert 'time stamp out of range' in r.stderr
        return
    assert r.returncode == 0, r.stderr
    assert len(json.loads(r.stdout)) == len(events)
    assert redactfs.run('redact', stdin=r.stdout, check=0).stdout == r.stdout


def test_typing_keeps_events_and_shows_no_length():
    """Two passwords, typed key by key into the same page: what is left of each key's event is the same."""
    def session(password):
        t = 1790000000000
        yield {'type': 4, 'timestamp': t, 'data': {'href': 'https://a.example/', 'width': 800, 'height': 600}}
        field = {'type': 2, 'tagName': 'input', 'attributes': {'type': 'password'}, 'childNodes': [], 'id': 2}
        yield {'type': 2, 'timestamp': t, 'data': {'node': {'type': 0, 'childNodes': [field], 'id': 1},
                                                   'initialOffset': {'left': 0, 'top': 0}}}
        for i in range(1, len(password) + 1):
            yield {'type': 3, 'timestamp': t + i, 'data': {'source': 5, 'text': password[:i], 'isChecked': False, 'id': 2}}
            yield {'type': 3, 'timestamp': t + i, 'data': {'source': 3, 'id': 2, 'x': 7 * i, 'y': 0}}
    out = []
    for password in ('walrus-7', 'walrus-and-carpenter-1871'):
        events = list(session(password))
        text = redactfs.run('redact', stdin=json.dumps(events).encode(), check=0).stdout
        redacted = json.loads(text)
        assert [(e['type'], e['timestamp']) for e in redacted] == [(e['type'], e['timestamp']) for e in events]
        out.append({re.sub(r'"timestamp":\d+', '', line.rstrip(',')) for line in text.decode().splitlines()})
    assert out[0] == out[1]
