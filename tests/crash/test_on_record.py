"""What holds without a new root (holds, restrictions, policies and their application), cut off after each durable step: when
somebody has opened the store it is in force and on record, or neither, and nobody can put into the log what nobody did."""
import json
import sqlite3

import decrypt
import made
import pytest
import filetrace as trace

SITE, REASON = made.SITE, ('--reason', 'case 7/26')
WHAT = ('root', 'catalog.db-wal', 'catalog.db')


@pytest.fixture
def store(made_store, tmp_path):
    if not trace.module().exists():
        pytest.skip('trace.so is not built')
    return made_store(days=1, each=2).copy(tmp_path / 'store')


def look(store):
    """(all that the commands here change, the log), of a store that somebody opens; the log is whole."""
    store.cli('ls', check=0)
    opened = decrypt.Store(store.path, {store.operator: store.passphrase})
    return ([(s.id, s.state, sorted(s.holds), s.info['policy_base'], s.row['blob']) for s in opened.sessions],
            len(opened.rows['policy'])), opened.verify_audit()


def lax(tmp_path):
    f = tmp_path / 'policy.ini'
    f.write_text('[record]\nemails = show\nforms = show\n')
    return f


COMMANDS = {
    'hold': ('hold', 'add', '--site', SITE, *REASON),
    'hold-end': ('hold', 'remove', '--site', SITE, *REASON),
    'restrict': ('restrict', 'add', '--site', SITE, *REASON),
    'restrict-end': ('restrict', 'remove', '--site', SITE, *REASON),
    'policy': ('policy', 'set', SITE),
    'policy-apply': ('policy', 'apply', SITE),
}


def images(store, tmp_path, kind):
    """(state before, entries before, the images)"""
    args = COMMANDS[kind]
    if kind.endswith('-end'):
        store.cli(args[0], 'add', *args[2:], check=0)
    if kind == 'policy-apply':
        store.cli('policy', 'set', SITE, lax(tmp_path), check=0)
    if kind == 'policy':
        args = (*args, lax(tmp_path))
    before, entries = look(store)
    return before, len(entries), trace.images_of(store.path, tmp_path / 'trace', store, args, WHAT)


@pytest.mark.parametrize('kind', COMMANDS)
def test_in_force_and_on_record(store, tmp_path, kind):
    before, entries, all_ = images(store, tmp_path, kind)
    root, late, done = all_[0]['root'], 0, []
    for n, files in enumerate(all_):
        trace.put_back(store.path, files)
        now, log = look(store)
        was = now != before
        new = [e for e in log[entries:] if e['kind'] != 'reveal']
        assert [e['kind'] for e in new] == ([kind] if was else []), n
        late += was and files['root'] == root
        done.append(was)
        if was and 'reason' in new[0]['detail']:
            assert json.loads(new[0]['detail']) == {'reason': REASON[1], 'sessions': 2}
    assert done == sorted(done) and done[-1] and late, 'it was cut off between its rows and its root, too'
    store.cli('audit', 'verify', check=0)
    store.cli('verify', check=0)


@pytest.fixture(scope='module')
def cut_off(made_store, tmp_path_factory):
    """(a store whose hold has its rows and not yet its root, the number of its entry)"""
    if not trace.module().exists():
        pytest.skip('trace.so is not built')
    folder = tmp_path_factory.mktemp('cut-off')
    store = made_store(days=1, each=2).copy(folder / 'store')
    _, entries, all_ = images(store, folder, 'hold')
    for files in all_:
        trace.put_back(store.path, files)
        db = sqlite3.connect(store.path / 'catalog.db')
        seq = db.execute('SELECT max(seq) FROM audit').fetchone()[0]
        db.close()
        if seq > entries and files['root'] == all_[0]['root']:
            return store, seq
    return pytest.fail('no image with an entry and without its root')


@pytest.mark.parametrize('change', [
    "UPDATE audit SET detail = replace(detail, 'case', 'cost') WHERE seq = :seq",
    "UPDATE audit SET operator = 'eve@example.org' WHERE seq = :seq",
    "UPDATE audit SET kind = 'hold-end' WHERE seq = :seq",
    "UPDATE audit SET sig = zeroblob(64) WHERE seq = :seq",
    "UPDATE audit SET epoch = epoch + 1 WHERE seq = :seq",
    "UPDATE audit SET seq = seq + 1 WHERE seq = :seq",
    "DELETE FROM audit WHERE seq = :seq",
    "INSERT INTO audit SELECT seq + 1, epoch, at_ns, kind, operator, detail, hash, hash, sig FROM audit WHERE seq = :seq",
    # one that the store knows, once more
    "INSERT OR REPLACE INTO audit SELECT seq + 1, epoch + 1, at_ns, 'hold', operator, detail, hash, hash, sig FROM audit"
    " WHERE seq = :seq - 1",
])
def test_who_cant_open_the_store_puts_nothing_on_record(cut_off, tmp_path, change):
    template, seq = cut_off
    store = template.copy(tmp_path / 'store')
    db = sqlite3.connect(store.path / 'catalog.db', isolation_level=None)
    theirs = db.execute('SELECT detail, operator FROM audit WHERE seq = ?', (seq,)).fetchone()
    db.execute(change, {'seq': seq})
    db.close()
    (sessions, _), log = look(store)
    assert {s[1] for s in sessions} == {1}, 'in force'
    # what is as it was made is on record, nothing else is
    assert [(e['detail'], e['operator']) for e in log[seq - 1:]] == ([theirs] if change.startswith('INSERT INTO') else [])
    store.cli('hold', 'remove', '--site', SITE, *REASON, check=0)
    store.cli('audit', 'verify', check=0)
