"""The number of the store's format: said when it doesn't fit, and raised with every change of what is written."""
import contextlib
import hashlib
import re
import sqlite3

import pytest

from redactfs import TOP, Store

# STORE_FORMAT and the digest of what it stands for (below). What is written has changed when this fails: raise STORE_FORMAT
# in include/redactfs/store.h, its number in docs/FORMAT.md and in tests/independent/decrypt.py, and add a line here. A line
# is changed only where a constant has moved in the source and nothing else: there may be stores of it. What the digest
# doesn't see (the order of fields) the second reader does, tests/independent/decrypt.py: a change that it needs is one of
# the format, too.
FORMATS = {
    2: 'c66c6ce7bd0a766604d9bd062245aaa0074bfbc5a8b76d42ef4f3c30b6654b78',
}

# Constants that are on the disk, by file; enums likewise.
CONSTANTS = {
    'include/redactfs/crypto.h': r'KEY_BYTES|TAG_BYTES|NONCE_BYTES|HASH_BYTES|SIGN_BYTES|SEALBOX_OVERHEAD',
    'include/redactfs/keytree.h': r'NODE_BYTES|LEAF_KEYS|NODE_CHILDREN',
    'include/redactfs/keyslot.h': r'SLOT_BYTES',
    'include/redactfs/rootholder.h': r'ROOT_SLOTS',
    'include/redactfs/catalog.h': r'META_\w+|LOOKUP_BYTES|OPERATOR_RECORD_BYTES|SECRETS_ROW_BYTES',
    'include/redactfs/span.h': r'SPAN_\w+',
    'src/crypto/keytree-priv.h': r'NODE_PLAIN_BYTES',
    'src/store/operator-record.c': r'MAGIC|AT_\w+|SEALED_BYTES',
    'src/store/plan.c': r'PLAN_VERSION|HEAD_BYTES|SEG_BYTES',
    'src/store/session-meta.c': r'META_VERSION|META_BYTES|AT_\w+|CLASS_COUNT_DISK',
    'src/store/session-meta.h': r'TOMB_SHAPE_EVENTS',
    'src/store/span-table.c': r'ENTRY_BYTES|HEAD_BYTES',
    'src/store/secrets.c': r'PLAIN_BYTES',
    'src/store/chunk-file-priv.h': r'BLOB_MAGIC|BLOB_SUITE|CHUNK_LOG2|HEAD_BYTES|HEAD_SIGNED',
    'src/store/rootholder-files.c': r'REF_HEAD|REF_BYTES',
    'src/store/schema.c': r'APPLICATION_ID',
}
ENUMS = {
    'include/redactfs/class.h': ('redact_class', 'disposition', 'token_form'),
    'include/redactfs/span.h': ('span_how',),
    'include/redactfs/store.h': ('role', 'change_kind', 'hold_kind'),
    'include/redactfs/catalog.h': ('loose_kind',),
    'src/store/session-meta.h': ('tombstone_kind',),
    'src/crypto/keyslot.c': ('',),
}


def plain(text):
    """C without its comments, white space as one blank."""
    return ' '.join(re.sub(r'/\*.*?\*/', ' ', text, flags=re.S).split())


def constants():
    for path, names in CONSTANTS.items():
        text = re.sub(r'/\*.*?\*/', ' ', (TOP / path).read_text(), flags=re.S)
        found = re.findall(rf'^#define[ \t]+({names})[ \t]+(.+)$', text, flags=re.M)
        assert {n for n in names.split('|') if '\\' not in n} <= {n for n, _ in found}, path
        yield from (f'{path} {n} {plain(v)}' for n, v in sorted(found))


def enums():
    for path, names in ENUMS.items():
        text = (TOP / path).read_text()
        for name in names:
            body = re.search(rf'^enum {name} ?{{(.*?)}};' if name else r'^enum {(.*?)};', text, flags=re.M | re.S)
            assert body, f'{path}: enum {name}'
            yield f'{path} {name} {plain(body[1])}'


def labels():
    """What keys are derived for, and hashes begin with."""
    for part in ('crypto', 'store', 'audit'):
        for path in sorted((TOP / 'src' / part).glob('*.[ch]')):
            yield from sorted(set(re.findall(r'"(?:redactfs [^"]*|RFS[A-Z0-9]+(?:\\n)?)"', path.read_text())))


def schema(store):
    with contextlib.closing(sqlite3.connect(store.path / 'catalog.db')) as db:
        rows = db.execute('SELECT name, sql FROM sqlite_master WHERE sql NOT NULL ORDER BY name').fetchall()
    return [f'{name}: {sql}' for name, sql in rows if not name.startswith('sqlite_')]


def pragma(store, what):
    """Sets or asks."""
    with contextlib.closing(sqlite3.connect(store.path / 'catalog.db', isolation_level=None)) as db:
        return db.execute(f'PRAGMA {what}').fetchone()


def number():
    return int(re.search(r'^#define STORE_FORMAT (\d+)$', (TOP / 'include/redactfs/store.h').read_text(), flags=re.M)[1])


def test_a_change_of_the_format_has_a_number(store):
    said = {line for line in labels() if line != '"redactfs init makes one"'}
    lines = [*schema(store), *constants(), *enums(), *sorted(said)]
    digest = hashlib.sha256('\n'.join(lines).encode()).hexdigest()
    assert FORMATS.get(number()) == digest, 'the format has changed: see FORMATS\n' + '\n'.join(lines)
    assert number() == max(FORMATS)
    assert pragma(store, 'user_version') == (number(),)
    assert f'`user_version` {number()},' in (TOP / 'docs/FORMAT.md').read_text()


@pytest.mark.parametrize('by', [-2, -1, 1, 7])
def test_another_format_is_refused(store, tmp_path, by):
    """Before anything else of the store is looked at, and with nothing changed."""
    pragma(store, f'user_version = {number() + by}')
    (store.path / 'root').write_bytes(b'of a format that is not known\n')
    want = (f'redactfs: store format {number() + by}, this redactfs reads {number()}\n'
            f"hint: it was made by {'a newer' if by > 0 else 'an older'} redactfs\n")
    (tmp_path / 'mnt').mkdir()
    before = {p.name: p.read_bytes() for p in store.files()}
    for command, *args in (['ls'], ['status'], ['verify'], ['audit', 'show'], ['import', '--site', 'a.example', '/dev/null'],
                           ['mount', tmp_path / 'mnt'], ['backup', tmp_path / 'copy'], ['operator', 'list']):
        p = store.cli(command, *args, check=13)
        assert (p.stdout, p.stderr) == (b'', want), command
    assert {p.name: p.read_bytes() for p in store.files() if p.name in before} == before


def test_a_backup_of_another_format(store, tmp_path):
    store.cli('backup', tmp_path / 'copy', check=0)
    pragma(Store(tmp_path / 'copy'), f'user_version = {number() + 1}')
    p = store.cli('backup', tmp_path / 'copy', check=13)
    assert p.stderr.startswith(f"redactfs: '{tmp_path / 'copy'}': store format {number() + 1}, this redactfs reads {number()}\n")


def test_what_is_no_catalog(store):
    """Of another program's, or none at all."""
    pragma(store, 'application_id = 7')
    p = store.cli('ls', check=12)
    assert p.stderr == "redactfs: 'catalog.db' is no catalog of a store, or is damaged\n"
    (store.path / 'catalog.db').write_bytes(b'this is no database\n' * 1000)
    p = store.cli('ls', check=12)
    assert p.stderr == "redactfs: 'catalog.db' is no catalog of a store, or is damaged\n"
