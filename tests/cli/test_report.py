"""redactfs report: unmarked fields and places in which something sensitive was found; never a value."""
import json
import re

import pytest

import corpus
import decrypt
import made

UTC = re.compile(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z')
FIELDS = {'class': str, 'kind': str, 'path': str, 'page': str, 'how': str, 'detectors': list, 'count': int, 'sessions': int,
          'first': str, 'last': str}
SITE = 'all.example.com'


@pytest.fixture(scope='module')
def store(empty_store, tmp_path_factory):
    """The small recordings of the corpus, all under one site."""
    s = empty_store.copy(tmp_path_factory.mktemp('report') / 'store')
    files = [r.files[0] for r in corpus.recordings()
             if len(r.files) == 1 and r.name not in ('large-dashboard', 'article-reading')]
    s.import_(*files, site=SITE)
    return s


def report(store, *args):
    return json.loads(store.cli('report', SITE, '--format=json', *args, check=0).stdout)


def test_unmarked_fields_are_told(store):
    found = report(store)
    for f in found:
        assert {k: type(v) for k, v in f.items()} == FIELDS
        assert UTC.fullmatch(f['first']) and UTC.fullmatch(f['last']) and f['first'] <= f['last']
        assert f['count'] >= f['sessions'] >= 1
        assert not f['detectors'] or f['how'] != 'words' or f['sessions'] > 1, f
    # each detector by the name that a policy switches it by
    told = {d for f in found for d in f['detectors']}
    assert {'email', 'ipv4', 'phone'} <= told, told
    places = {(f['class'], f['kind'], f['page'], f['path']) for f in found}
    # a card typed where only the field's words say so, and one split over four inputs
    assert ('card', 'field', '/checkout', 'input#cardno') in places
    assert ('card', 'field', '/pay', 'input#p1') in places
    assert ('iban', 'field', '/settings/security', 'input#niban') in places
    assert any(f['kind'] == 'field' and f['sessions'] > 1 for f in found), 'put together over sessions'
    text = store.cli('report', SITE, check=0).stdout.decode()
    assert text.splitlines()[0].split() == ['CLASS', 'WHERE', 'COUNT', 'SESSIONS', 'FIRST', 'LAST', 'PAGE:', 'ELEMENT']
    assert '/checkout: input#cardno' in text and len(text.splitlines()) == len(found) + 1


def test_never_a_value(store):
    told = store.cli('report', SITE, '--format=json', check=0).stdout.decode().lower()
    words = set(re.findall(r'[^"{},:]+', told))
    for r in corpus.recordings():
        for s in r.secrets:
            value = s['value'].lower()
            assert value not in told if len(value) >= 5 else value not in words, (r.name, s)


def test_it_is_what_the_imports_found(store):
    """Against the second reader: every session's own findings, put together."""
    sums = {}
    for x in decrypt.Store(store.path, {store.operator: store.passphrase}).sessions:
        for f in x.blob.findings():
            key = f['class'], ('field', 'text', 'attribute', 'event')[f['kind']], f['page'], f['path']
            sums[key] = sums.get(key, 0) + f['count']
    assert sums == {(f['class'], f['kind'], f['page'], f['path']): f['count'] for f in report(store)}


def test_it_goes_with_the_session(store, tmp_path):
    own = store.copy(tmp_path / 'store')
    before = report(own)
    ids = [r['id'] for r in json.loads(own.cli('ls', '--format=json', check=0).stdout)]
    own.cli('erase', '--session', ids[0], '--session', ids[1], '--reason', 'test', '--yes', check=0)
    after = report(own)
    assert sum(f['count'] for f in after) < sum(f['count'] for f in before)
    own.cli('erase', '--site', SITE, '--reason', 'test', '--yes', check=0)
    p = own.cli('report', SITE, '--format=json')
    assert p.returncode in (0, 3) and p.stdout in (b'[]\n', b'')


def test_nothing_to_tell_and_nothing_there(store, tmp_path):
    f = tmp_path / 'plain.json'
    plain = [e for e in made.events(1, made.NOON) if e.get('data', {}).get('source') != 5]
    f.write_text(json.dumps(plain))
    store.import_(f, site='plain.example.com')
    assert store.cli('report', 'plain.example.com', check=0).stdout == b''
    assert store.cli('report', 'plain.example.com', '--format=json', check=0).stdout == b'[]\n'
    p = store.cli('report', 'nosuch.example.com', check=3)
    assert 'no such site' in p.stderr
    store.cli('report', '../x', check=18)
