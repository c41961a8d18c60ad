"""The second reader's own parts against published vectors, and its forensics against a real SQLite
file: a tool that finds nothing must be known to find something."""
import base64
import os
import sqlite3
import struct
import zlib
from pathlib import Path

import pytest
import zstandard

import decrypt


def test_hkdf_rfc5869_case_1():
    prk = decrypt.hkdf_extract(bytes(range(13)), b'\x0b' * 22)
    assert prk.hex() == '077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5'
    assert decrypt.hkdf_expand(prk, bytes(range(0xf0, 0xfa)), 42).hex() == (
        '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865')


def node_bytes():
    return b'RFN1' + bytes(4) + struct.pack('<QQ', 7, 3) + bytes(8) + os.urandom(16 + 3872)


@pytest.mark.parametrize('page_size', [1024, 4096, 8192])
@pytest.mark.parametrize('without_rowid', [False, True])
@pytest.mark.parametrize('place', ['live', 'wal', 'free'])
def test_nodes_are_carved(tmp_path: Path, page_size, without_rowid, place):
    db = tmp_path / 'catalog.db'
    con = sqlite3.connect(db)
    con.execute(f'PRAGMA page_size={page_size}')
    con.execute('PRAGMA journal_mode=WAL')
    con.execute('PRAGMA secure_delete=OFF')
    con.execute('CREATE TABLE node(level, idx, epoch, body, PRIMARY KEY(level, idx, epoch))' +
                (' WITHOUT ROWID' if without_rowid else ''))
    nodes = [node_bytes() for _ in range(20)]
    con.executemany('INSERT INTO node VALUES(0, ?, 300, ?)', enumerate(nodes))
    con.commit()
    if place != 'wal':
        con.execute('PRAGMA wal_checkpoint(TRUNCATE)')
    if place == 'free':
        con.execute('DELETE FROM node')
        con.commit()
        con.execute('PRAGMA wal_checkpoint(TRUNCATE)')
    wal = Path(f'{db}-wal')
    raw_wal = wal.read_bytes() if wal.exists() else b''
    raw = db.read_bytes()
    con.close()
    size, pages = decrypt.sqlite_pages(raw, raw_wal)
    assert size == page_size
    found = set(decrypt.carve_nodes(raw, pages, size))
    kept = sum(n in found for n in nodes)
    # freed cells on a page that SQLite then reused for its free list are gone by SQLite's own doing
    assert kept == len(nodes) if place != 'free' else kept > 0


@pytest.mark.parametrize('shift', range(6))
def test_base64_is_found_at_any_alignment(shift):
    secret = 'jane@shop.example'
    hay = base64.b64encode(b'x' * shift + secret.encode() + b'tail')
    found = [n for n, v in decrypt.spellings(secret).items() if v in hay]
    assert any(n.startswith('base64+') for n in found)


def test_spellings_and_inflations_find():
    secret = 'Zdeněk 4111/1111'
    s = decrypt.spellings(secret)
    assert s['utf-16le'] == secret.encode('utf-16-le')
    assert s['percent'] == b'Zden%C4%9Bk%204111%2F1111'
    assert s['json'] == b'Zden\\u011bk 4111/1111'
    hay = b'noise' + zlib.compress(secret.encode()) + b'noise' + \
        zstandard.ZstdCompressor().compress(secret.encode()) + b'noise'
    assert sum(secret.encode() in got for got in decrypt.inflations(hay)) == 2


def test_tokens():
    assert decrypt.token(1, 0) == b'[password]'
    assert decrypt.token(8, 1) == b'"[national-id]"'
    assert [decrypt.token(15, f) for f in (2, 3, 4, 5)] == [b'', b'false', b'0', b'#000000']
    with pytest.raises(decrypt.Bad):
        decrypt.token(0, 0)
