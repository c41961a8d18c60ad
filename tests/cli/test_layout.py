"""What lies where in a store: opening a session shall wait for the disk no more often in a store of very many."""
import re
import sqlite3

import made


def catalog(store):
    return sqlite3.connect(f'file:{store.path}/catalog.db?mode=ro', uri=True)


def plan(db, sql):
    return ' '.join(row[3] for row in db.execute('EXPLAIN QUERY PLAN ' + sql))


def folders(store):
    return {f.parent.name for f in store.path.glob('blobs/*/*')}


def test_a_node_is_one_read(made_store):
    """Its row lies in a leaf of the table, whole: no chain of pages to follow."""
    db = catalog(made_store(days=2, each=6))
    assert db.execute('SELECT count(*) FROM node').fetchone()[0] >= 3
    kinds = {k for (k,) in db.execute("SELECT pagetype FROM dbstat WHERE name = 'node'")}
    assert kinds <= {'leaf', 'internal'}
    # and would whatever its columns come to
    con = sqlite3.connect(':memory:')
    con.execute('PRAGMA page_size=4096')
    con.execute('CREATE TABLE node(level, idx, epoch, body)')
    con.execute('INSERT INTO node VALUES(9, ?, ?, zeroblob(3920))', (2**62, 2**62))
    assert con.execute('PRAGMA page_count').fetchone()[0] == 2


def test_names_are_found_by_day(made_store):
    db = catalog(made_store(days=2, each=6))
    found = plan(db, 'SELECT row FROM session WHERE day_id = 1 AND name_h = x\'00\'')
    assert re.search(r'USING INDEX \S+ \(day_id=\? AND name_h=\?\)', found), found
    listed = plan(db, 'SELECT row FROM session WHERE day_id = 1 AND ino > 5 ORDER BY ino')
    assert 'session_day' in listed and 'TEMP' not in listed, listed


def test_blobs_of_a_date_lie_together(store, tmp_path):
    """Whichever import they come with, and after a policy was applied to them."""
    for i in range(3):
        store.import_(made.write(tmp_path / str(i), i), site='shop.example.com')
    where = folders(store)
    assert len(where) == 1
    before = {f.name for f in store.path.glob('blobs/*/*')}
    store.policy('shop.example.com', '[record]\nforms = show\nemails = show\n')
    store.cli('policy', 'apply', 'shop.example.com', check=0)
    after = {f.name for f in store.path.glob('blobs/*/*')}
    assert len(after) == 3 and not after & before
    assert folders(store) == where
