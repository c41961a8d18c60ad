#!/usr/bin/env python3
"""A second reader of redactfs stores, written from docs/FORMAT.md and nothing else.

It shares no code and no idea with the C program beyond that page, so that the two can only agree by
both agreeing with it. Two uses:

  Store(path, {email: passphrase})   a strict reader: every signature, tag and hash is checked, and
                                     anything that FORMAT.md doesn't allow is an error.
  Evidence()                         what an investigator has: any number of copies of store files,
                                     some roots, every passphrase; it opens whatever can be opened.

usage: decrypt.py STORE EMAIL PASSPHRASE_FILE [--reveal] [--out DIR]
"""
import base64
import bisect
import hashlib
import hmac
import itertools
import json
import os
import shutil
import sqlite3
import struct
import sys
import tempfile
from pathlib import Path

import zstandard
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

SLOT, NODE, LEAF_KEYS, CHILDREN, CHUNK = 4096, 3920, 120, 96, 32768
CLASSES = ['', 'password', 'card', 'cvc', 'otp', 'blocked', 'secret', 'iban', 'national-id', 'email',
           'phone', 'ip', 'birthdate', 'url', 'masked', 'form']
DETECTORS = 32
SHOW, SEAL, DROP = 0, 1, 2


class Bad(Exception):
    """Something is not as docs/FORMAT.md says."""


def need(ok, what):
    if not ok:
        raise Bad(what)


# ---- primitives

def mac(key, data):
    return hmac.digest(key, data, 'sha256')


def hkdf_extract(salt, ikm):
    return mac(salt, ikm)


def hkdf_expand(prk, info, n=32):
    out, block = b'', b''
    for i in range(1, (n + 31) // 32 + 1):
        block = mac(prk, block + info + bytes([i]))
        out += block
    return out[:n]


def D(key, label):
    return hkdf_expand(key, label.encode())


def aead_open(key, nonce, aad, ct, what):
    try:
        return AESGCM(key).decrypt(nonce, ct, aad)
    except InvalidTag:
        raise Bad(f'{what}: tag does not verify') from None


def x25519_public(sk):
    return X25519PrivateKey.from_private_bytes(sk).public_key().public_bytes(Encoding.Raw,
                                                                             PublicFormat.Raw)


def ed25519_public(seed):
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes(Encoding.Raw,
                                                                                PublicFormat.Raw)


def box_open(box, sk, info, aad, what):
    eph = box[:32]
    pk = x25519_public(sk)
    shared = X25519PrivateKey.from_private_bytes(sk).exchange(X25519PublicKey.from_public_bytes(eph))
    k = hkdf_expand(hkdf_extract(eph + pk, shared), info)
    return aead_open(k, bytes(12), aad, box[32:], what)


def signed(pk, sig, data, what):
    try:
        Ed25519PublicKey.from_public_bytes(pk).verify(sig, data)
    except InvalidSignature:
        raise Bad(f'{what}: signature does not verify') from None


def unzstd(data, limit=1 << 30):
    return zstandard.ZstdDecompressor().decompressobj().decompress(data) if data else b''


def u32(b, at):
    return struct.unpack_from('<I', b, at)[0]


def u64(b, at):
    return struct.unpack_from('<Q', b, at)[0]


def token(cls, form):
    """What stands in place of a span (FORMAT.md "Classes and tokens")."""
    need(1 <= cls < len(CLASSES), f'class {cls}')
    need(0 <= form <= 6, f'form {form}')
    return [f'[{CLASSES[cls]}]', f'"[{CLASSES[cls]}]"', '', 'false', '0', '#000000', 'data:,'][form].encode()


# ---- root

class Slot:
    def __init__(self, raw):
        need(len(raw) == SLOT, 'slot: size')
        need(raw[:8] == b'RFSROOT1', 'slot: magic')
        self.raw = raw
        self.store_id = raw[8:24]
        self.epoch = u64(raw, 24)
        self.height = u32(raw, 32)
        self.recipients = u32(raw, 36)
        need(self.height <= 10, 'slot: height')
        need(raw[40:48] == bytes(8), 'slot: bytes 40…47')
        need(1 <= self.recipients <= 40, 'slot: recipients')
        self.commitment = raw[48:80]
        need(not any(raw[80 + 88 * self.recipients:4032]), 'slot: padding')
        self.key_ids = [raw[80 + 88 * i:88 + 88 * i] for i in range(self.recipients)]

    def verify(self, pk):
        signed(pk, self.raw[4032:], self.raw[:4032], 'slot')

    def open(self, sk):
        key_id = hashlib.sha256(x25519_public(sk)).digest()[:8]
        need(key_id in self.key_ids, 'slot: not a recipient')
        at = 88 + 88 * self.key_ids.index(key_id)
        root = box_open(self.raw[at:at + 80], sk, b'redactfs root', self.raw[:48], 'slot')
        need(mac(D(root, 'redactfs slot commit'), self.raw[:48]) == self.commitment,
             'slot: commitment')
        return root


def slots_of(root_file):
    """The slots that look like slots in a `root` file."""
    need(len(root_file) == 2 * SLOT, 'root: size')
    found = []
    for i in range(2):
        try:
            s = Slot(root_file[SLOT * i:SLOT * (i + 1)])
        except Bad:
            continue
        need(s.epoch & 1 == i, 'root: slot in the wrong place')
        found.append(s)
    return found


# ---- operators

class Operator:
    def __init__(self, email, record, store_id):
        need(len(record) == 288, 'operator: size')
        need(record[:8] == b'RFSOPER1', 'operator: magic')
        need(record[84:88] == bytes(4), 'operator: zeros')
        self.email, self.record, self.store_id = email, record, store_id
        self.pk = record[8:40]
        self.slot_pk = record[88:120]
        self.audit_pk = record[120:152]
        self.epoch_seen = u64(record, 248)
        self.sk = self.reveal = None

    def login(self, passphrase):
        r = self.record
        log2n, p_r, p_p = u32(r, 72), u32(r, 76), u32(r, 80)
        need(10 <= log2n <= 22 and 1 <= p_r <= 32 and 1 <= p_p <= 16, 'operator: scrypt parameters')
        P = hashlib.scrypt(passphrase.encode(), salt=r[40:72], n=1 << log2n, r=p_r, p=p_p, dklen=32,
                           maxmem=(128 * p_r << log2n) + (64 << 20))
        aad = r[:152] + self.store_id + self.email.encode()
        self.sk = aead_open(D(P, 'redactfs operator key'), bytes(12), aad, r[152:200], 'operator key')
        need(x25519_public(self.sk) == self.pk, 'operator: public key')
        need(mac(D(self.sk, 'redactfs operator epoch'), r[248:256]) == r[256:288],
             'operator: epoch last seen')
        if any(r[200:248]):
            self.reveal = aead_open(D(P, 'redactfs reveal key'), bytes(12), aad, r[200:248],
                                    'reveal key')
        return self


# ---- key tree

class Node:
    """A node as it lies on disk; `opened` only says something together with its key."""

    def __init__(self, raw):
        need(len(raw) == NODE and raw[:4] == b'RFN1', 'node: magic')
        need(raw[5:8] == bytes(3) and raw[24:32] == bytes(8), 'node: zeros')
        self.raw = raw
        self.level = raw[4]
        self.index = u64(raw, 8)
        self.epoch = u64(raw, 16)
        self.store_id = raw[32:48]

    def open(self, key):
        """{entry number: (key, epoch)}; a leaf's entries have no epoch."""
        p = aead_open(key, bytes(12), self.raw[:48], self.raw[48:],
                      f'node {self.level}/{self.index}@{self.epoch}')
        need(len(p) == 3856, 'node: plaintext')
        n, size = (LEAF_KEYS, 32) if self.level == 0 else (CHILDREN, 40)
        out = {}
        for i in range(128):
            bit = p[i >> 3] >> (i & 7) & 1
            if i >= n:
                need(not bit, 'node: bitmap')
                continue
            e = p[16 + size * i:16 + size * (i + 1)]
            if not bit:
                need(not any(e), 'node: entry without a bit')
            else:
                out[i] = (e[:32], None if self.level == 0 else u64(e, 32))
        need(not any(p[16 + size * n:]), 'node: padding')
        return out


# ---- blob

class Blob:
    def __init__(self, raw, data_key=None):
        need(len(raw) >= 160 and raw[:8] == b'RFSBLOB1', 'blob: magic')
        need(u32(raw, 8) == 1, 'blob: suite')
        need(u32(raw, 12) == 15, 'blob: chunk size')
        self.raw = raw
        self.id = raw[16:32]
        self.base_bytes = u64(raw, 32)
        self.chunks = u32(raw, 40)
        need(self.chunks == max(1, -(-self.base_bytes // CHUNK)), 'blob: chunks')
        self.finding_bytes, self.span_bytes, self.script_bytes, self.sealed_bytes = \
            u32(raw, 44), u32(raw, 48), u32(raw, 52), u64(raw, 56)
        self.table_end = 160 + 4 * self.chunks
        need(len(raw) >= self.table_end, 'blob: table')
        self.lengths = struct.unpack_from(f'<{self.chunks}I', raw, 160)
        need(len(raw) == self.table_end + sum(self.lengths) + self.span_bytes + self.sealed_bytes +
             self.finding_bytes + self.script_bytes,
             'blob: size')
        if data_key is not None:
            self.unlock(data_key)

    def keys(self, data_key):
        k = hkdf_extract(self.raw[64:96], data_key)
        return {n: hkdf_expand(k, f'redactfs blob {n}'.encode())
                for n in ('commit', 'header', 'chunk', 'spans', 'sealed', 'findings', 'script')}

    def committed_to(self, data_key):
        k = hkdf_extract(self.raw[64:96], data_key)
        return hkdf_expand(k, b'redactfs blob commit') == self.raw[96:128]

    def unlock(self, data_key):
        self.k = self.keys(data_key)
        need(self.k['commit'] == self.raw[96:128], 'blob: key commitment')
        self.tag = self.raw[128:160]
        need(mac(self.k['header'], self.raw[:128] + self.raw[160:self.table_end]) == self.tag,
             'blob: header tag')

    def chunk(self, i):
        at = self.table_end + sum(self.lengths[:i])
        nonce = struct.pack('>Q', i) + bytes(3) + bytes([i == self.chunks - 1])
        plain = unzstd(aead_open(self.k['chunk'], nonce, self.tag, self.raw[at:at + self.lengths[i]],
                                 f'chunk {i}'))
        want = min(CHUNK, self.base_bytes - i * CHUNK)
        need(len(plain) == want, f'chunk {i}: {len(plain)} bytes, not {want}')
        return plain

    def base(self):
        return b''.join(self.chunk(i) for i in range(self.chunks))

    def spans(self):
        at = self.table_end + sum(self.lengths)
        p = unzstd(aead_open(self.k['spans'], bytes(12), self.tag, self.raw[at:at + self.span_bytes],
                             'span table'))
        n = u32(p, 0)
        need(u32(p, 4) == 0 and len(p) == 8 + 24 * n, 'span table: size')
        out, last = [], 0
        for i in range(n):
            off, in_base, value, cls, form, how, disp, flags = \
                struct.unpack_from('<QIIBBBBB', p, 8 + 24 * i)
            need(not any(p[8 + 24 * i + 21:8 + 24 * i + 24]), 'span table: zeros')
            need(off >= last and off + in_base <= self.base_bytes, 'span table: order')
            need(1 <= cls < len(CLASSES) and form <= 6 and disp <= 2 and how >> 2 <= DETECTORS, 'span table: values')
            need(not (1 <= cls <= 4 and disp != DROP), f'span of class {CLASSES[cls]} was kept')
            need((in_base > 0) == (disp == SHOW), 'span table: base bytes')
            need(disp == SEAL or value == 0, 'span table: value bytes')
            last = off + in_base
            out.append({'off': off, 'in_base': in_base, 'value': value, 'class': cls, 'form': form,
                        'how': how, 'disp': disp, 'entered': bool(flags & 1)})
        return out

    def sealed_box(self):
        """The sealed stream without its outer layer: what any operator's daemon can see of it."""
        if not self.sealed_bytes:
            return None
        at = self.table_end + sum(self.lengths) + self.span_bytes
        return aead_open(self.k['sealed'], bytes(12), self.tag, self.raw[at:at + self.sealed_bytes],
                         'sealed stream')

    def findings(self):
        if not self.finding_bytes:
            return []
        at = len(self.raw) - self.script_bytes - self.finding_bytes
        p = unzstd(aead_open(self.k['findings'], bytes(12), self.tag, self.raw[at:at + self.finding_bytes],
                             'findings'))
        n, at, out = u32(p, 0), 8, []
        need(0 < n <= 1000 and u32(p, 4) == 0, 'findings: count')
        for _ in range(n):
            cls, kind, how, zero, count, first, last, path, page = struct.unpack_from('<BBBBIqqHH', p, at)
            need(1 <= cls < len(CLASSES) and kind <= 3 and how >> 2 <= DETECTORS and zero == 0, 'findings: values')
            need(count > 0 and first <= last, 'findings: numbers')
            at += 28
            out.append({'class': CLASSES[cls], 'kind': kind, 'how': how, 'count': count, 'first': first,
                        'last': last, 'path': p[at:at + path].decode(),
                        'page': p[at + path:at + path + page].decode()})
            at += path + page
        need(at == len(p), 'findings: size')
        return out

    def script(self):
        """The transcript's words, and its places: (is a string, room, before, behind) in the base."""
        if not self.script_bytes:
            return []
        p = unzstd(aead_open(self.k['script'], bytes(12), self.tag, self.raw[-self.script_bytes:], 'script'))
        at, out = 0, []
        while at < len(p):
            kind, n = p[at], p[at + 1]
            need(kind <= 2 and n, 'script: kind')
            if kind == 0:
                out.append(p[at + 2:at + 2 + n])
                need(len(out[-1]) == n, 'script: words')
                at += 2 + n
            else:
                before, behind = u32(p, at + 2), u32(p, at + 6)
                need(before < behind < self.base_bytes, 'script: place')
                out.append((kind == 1, n, before, behind))
                at += 10
        return out

    def values(self, reveal_sk):
        inner = self.sealed_box()
        if inner is None:
            return b''
        s = box_open(inner[:80], reveal_sk, b'redactfs reveal ' + self.id.hex().encode(), self.id,
                     'reveal')
        return unzstd(aead_open(s, bytes(12), self.id, inner[80:], 'sealed values'))


# ---- session rows

def row_open(data_key, r):
    aad = b'row' + struct.pack('<QQQ', r['ino'], r['day_id'], r['kid']) + r['blob']
    p = aead_open(D(data_key, 'redactfs session row'), r['row'][:12], aad, r['row'][12:],
                  'session row')
    need(u32(p, 0) == 1, 'session row: version')
    f = dict(zip(('start_ms', 'end_ms', 'events', 'base_bytes', 'size', 'mtime_ns', 'ctime_ns'),
                 struct.unpack_from('<qqQQQqq', p, 20)))
    f['id'] = p[4:20]
    f['rendering'] = u32(p, 76)
    f['policy_base'] = u32(p, 80)
    f['policy_seq'], f['engine'], f['engine_base'], f['imported_ns'] = struct.unpack_from('<IHHq', p, 84)
    need(f['policy_base'] <= f['policy_seq'], 'session row: policies')
    f['shape'], f['text_hash'] = p[100:132], p[132:164]
    f['counts'] = struct.unpack_from('<16Q', p, 164)
    at = 164 + 128
    for name in ('name', 'visitor'):
        n = p[at]
        f[name] = p[at + 1:at + 1 + n].decode()
        at += 1 + n
    f['transcript_bytes'] = u32(p, 444)
    need(len(p) == 448 and not any(p[at:444]), 'session row: size')
    return f


def plan_open(data_key, r):
    aad = b'plan' + struct.pack('<Q', r['ino']) + r['blob']
    p = unzstd(aead_open(D(data_key, 'redactfs plan'), r['plan'][:12], aad, r['plan'][12:], 'plan'))
    need(u32(p, 0) == 1, 'plan: version')
    n, size = u32(p, 4), u64(p, 8)
    need(len(p) == 16 + 16 * n, 'plan: size')
    segs = []
    for i in range(n):
        off, skip, cls, form, flags, zero = struct.unpack_from('<QIBBBB', p, 16 + 16 * i)
        need(zero == 0, 'plan: zeros')
        segs.append((off, skip, cls, form, flags))
    return size, segs


def splice(base, segs):
    """Base with (offset, skip, replacement) applied."""
    out, pos = [], 0
    for off, skip, text in segs:
        need(pos <= off and off + skip <= len(base), 'plan: order')
        out += [base[pos:off], text]
        pos = off + skip
    out.append(base[pos:])
    return b''.join(out)


# ---- transcripts

SPACES = {*range(0x21), *range(0x7f, 0xa1), 0x1680, *range(0x2000, 0x200b), 0x2028, 0x2029, 0x202f, 0x205f, 0x3000}
TURNS = {0x61c, 0x200e, 0x200f, *range(0x202a, 0x202f), *range(0x2066, 0x206a), 0xfeff, *range(0xfff9, 0xfffc),
         *range(0xe0000, 0xe0080)}


def on_a_line(text, is_string, room):
    """What a place of a script shows of the rendered bytes there."""
    if not text:
        return '…'
    s = json.loads(b'"' + text + b'"', strict=False) if is_string else text.decode()
    s = ''.join('\ufffd' * 3 if '\ud800' <= c <= '\udfff' else c for c in s if ord(c) not in TURNS)
    s = ' '.join(''.join(' ' if ord(c) in SPACES else c for c in s).split(' '))
    s = ' '.join(w for w in s.split(' ') if w)
    return s if len(s) <= room else s[:room].rstrip(' ') + '…'


# ---- a catalog image

TABLES = ('meta', 'operator', 'secret', 'node', 'stale', 'site', 'day', 'session', 'loose', 'tombstone',
          'intent', 'policy', 'audit', 'change', 'hold')
LIVE, HELD, RESTRICTED = 0, 1, 2     # states of a session


def read_catalog(db):
    """All rows of a copy of the catalog (with its -wal), as SQLite itself would recover it."""
    with tempfile.TemporaryDirectory() as tmp:
        copy = Path(tmp) / 'catalog.db'
        shutil.copyfile(db, copy)
        wal = Path(f'{db}-wal')
        if wal.exists():
            shutil.copyfile(wal, f'{copy}-wal')
        con = sqlite3.connect(copy)
        con.row_factory = sqlite3.Row
        try:
            need(con.execute('PRAGMA application_id').fetchone()[0] == 0x52465301, 'application_id')
            need(con.execute('PRAGMA user_version').fetchone()[0] == 2, 'user_version')
            rows = {t: [dict(r) for r in con.execute(f'SELECT * FROM {t}')] for t in TABLES}
        finally:
            con.close()
    rows['meta'] = {r['key']: r['value'] for r in rows['meta']}
    return rows


class Session:
    def __init__(self, store, row, data_key):
        self.store, self.row, self.key = store, row, data_key
        self.info = row_open(data_key, row)
        self.id = self.info['id'].hex()
        self._blob = None

    @property
    def blob(self):
        if self._blob is None:
            name = self.row['blob'].hex()
            raw = (self.store.path / 'blobs' / name[:2] / name).read_bytes()
            self._blob = Blob(raw, self.key)
            need(self._blob.id == self.row['blob'], 'blob: another one under this name')
            need(self._blob.base_bytes == self.info['base_bytes'], 'blob: base bytes')
        return self._blob

    def rendering(self):
        size, segs = plan_open(self.key, self.row)
        text = splice(self.blob.base(), [(o, s, token(c, f)) for o, s, c, f, _ in segs])
        need(len(text) == size == self.info['size'], 'rendering: size')
        return text

    def transcript(self):
        """The script with, at its places, what the rendering shows between the bytes before and behind."""
        text, out = self.rendering(), []
        _, segs = plan_open(self.key, self.row)
        ends = [(o, o + s, len(token(c, f))) for o, s, c, f, _ in segs]
        offs, moved = [o for o, _, _ in ends], [0]
        for o, end, n in ends:
            moved.append(moved[-1] + n - (end - o))

        def shown_at(base):
            i = bisect.bisect_right(offs, base)
            return None if i and base < ends[i - 1][1] else base + moved[i]

        for op in self.blob.script():
            if isinstance(op, bytes):
                out.append(op.decode())
                continue
            is_string, room, before, behind = op
            before, behind = shown_at(before), shown_at(behind)
            if before is not None and behind is not None:
                out.append(on_a_line(text[before + 1:behind], is_string, room))
        done = ''.join(out).encode()
        need(len(done) == self.info['transcript_bytes'], 'transcript: size')
        return done

    def canonical(self, reveal_sk):
        """The canonical text with sealed values back in place; what was dropped is its token."""
        values, at, segs = self.blob.values(reveal_sk), 0, []
        dropped = 0
        for s in self.blob.spans():
            if s['disp'] == SEAL:
                segs.append((s['off'], 0, values[at:at + s['value']]))
                at += s['value']
            elif s['disp'] == DROP:
                segs.append((s['off'], 0, token(s['class'], s['form'])))
                dropped += 1
        need(at == len(values), 'sealed values: size')
        text = splice(self.blob.base(), segs)
        if not dropped:
            need(hashlib.sha256(text).digest() == self.info['text_hash'], 'text hash')
        return text


class Store:
    """Opens a store strictly. `logins`: {email: passphrase}, at least one operator's."""

    def __init__(self, path, logins):
        self.path = Path(path)
        self.rows = read_catalog(self.path / 'catalog.db')
        self.id = self.rows['meta']['store_id']
        need(len(self.id) == 16, 'store id')
        self.operators = [Operator(r['email'], r['record'], self.id).login(logins[r['email']])
                          for r in self.rows['operator'] if r['email'] in logins]
        need(self.operators, 'no operator logged in')
        op = self.operators[0]
        slots = slots_of((self.path / 'root').read_bytes())
        need(slots, 'root: no slot')
        for s in slots:
            s.verify(op.slot_pk)
            need(s.store_id == self.id, 'slot: of another store')
        self.slot = max(slots, key=lambda s: s.epoch)
        need(self.slot.epoch >= op.epoch_seen, 'root is older than the operator has seen')
        roots = {self.slot.open(o.sk) for o in self.operators}
        need(len(roots) == 1, 'operators hold different root keys')
        self.root = roots.pop()
        self.reveal = next((o.reveal for o in self.operators if o.reveal), None)
        self._secrets()
        self._tree()
        self._names()

    def _secrets(self):
        e = self.slot.epoch
        body = next((r['body'] for r in self.rows['secret'] if r['epoch'] == e), None)
        need(body, 'secret: no row of this epoch')
        p = aead_open(D(self.root, 'redactfs store secrets'), bytes(12),
                      self.id + struct.pack('<Q', e), body, 'store secrets')
        need(len(p) == 256, 'store secrets: size')
        (self.slot_seed, self.audit_seed, self.lookup_key, self.tombstone_key, self.reveal_pk,
         self.catalog_key, operators, self.audit_head) = (p[32 * i:32 * i + 32] for i in range(8))
        now = [r for r in sorted(self.rows['operator'], key=lambda r: r['id'])
               if r['since'] <= e and (r['until'] is None or e < r['until'])]
        h = hashlib.sha256(b'redactfs operators')
        for r in now:
            mail = r['email'].encode()
            h.update(struct.pack('<QI', r['id'], r['roles']) + r['record'][8:40] +
                     struct.pack('<I', len(mail)) + mail)
        need(h.digest() == operators, 'operators are not those of this epoch')
        need({hashlib.sha256(r['record'][8:40]).digest()[:8] for r in now} == set(self.slot.key_ids),
             'slot: recipients are not the operators')
        for o in self.operators:
            need(ed25519_public(self.slot_seed) == o.slot_pk, 'slot key is not the pinned one')
            need(ed25519_public(self.audit_seed) == o.audit_pk, 'audit key is not the pinned one')
            if o.reveal:
                need(x25519_public(o.reveal) == self.reveal_pk, 'reveal key')

    def _tree(self):
        self.nodes, self.kids = {}, {}
        rows = {(r['level'], r['idx'], r['epoch']): r['body'] for r in self.rows['node']}
        if self.slot.height == 0:
            return
        todo = [(self.slot.height - 1, 0, None, D(self.root, 'redactfs top node'))]
        while todo:
            level, idx, epoch, key = todo.pop()
            if epoch is None:      # the top node: written by the slot's own commit
                epoch = self.slot.epoch
            body = rows.get((level, idx, epoch))
            need(body, f'node {level}/{idx}@{epoch} is missing')
            node = Node(body)
            need((node.level, node.index, node.epoch, node.store_id) == (level, idx, epoch, self.id),
                 'node: header')
            self.nodes[level, idx] = epoch
            entries = node.open(key)
            need(entries, 'node: empty')
            for i, (k, e) in entries.items():
                if level:
                    todo.append((level - 1, CHILDREN * idx + i, e, k))
                else:
                    self.kids[LEAF_KEYS * idx + i] = k

    def _hash(self, *parts):
        return mac(self.lookup_key, b''.join(parts))[:16]

    def _names(self):
        days = {r['id']: r for r in self.rows['day']}
        sites = {r['id']: r for r in self.rows['site']}
        erasing = {r['ino'] for r in self.rows['intent']}
        holds = {}
        for r in self.rows['hold']:
            need(r['kind'] in (HELD, RESTRICTED), 'hold: kind')
            holds.setdefault(r['ino'], set()).add(r['kind'])
        self.sessions = []
        for r in self.rows['session']:
            if r['since'] > self.slot.epoch:
                continue           # of a commit that never happened
            if r['ino'] in erasing:
                continue
            need(r['kid'] in self.kids, 'session without a key')
            s = Session(self, r, self.kids[r['kid']])
            s.day = days[r['day_id']]['name']
            s.site = sites[days[r['day_id']]['site_id']]['name']
            s.holds, s.state = holds.get(r['ino'], set()), r['state']
            need(s.state == max(s.holds, default=LIVE), 'session: its state is not what the rows in hold say')
            need(r['id_h'] == self._hash(b'id', s.info['id']), 'id_h')
            need(r['name_h'] == self._hash(b'name', struct.pack('<Q', r['day_id']),
                                           s.info['name'].encode()), 'name_h')
            need(r['body_h'] == self._hash(b'body', s.site.encode(), b'\0', s.info['text_hash']),
                 'body_h')
            v = s.info['visitor']
            need(r['visitor_h'] == (self._hash(b'visitor', v.encode()) if v else None), 'visitor_h')
            self.sessions.append(s)

    def session(self, site):
        found = [s for s in self.sessions if s.site == site]
        need(len(found) == 1, f'{len(found)} sessions of this site')
        return found[0]

    def tombstone(self, kind, *parts):
        return mac(self.tombstone_key, bytes([kind]) + b''.join(parts))

    def policy(self, site):
        """The newest policy of a site, None when none was set."""
        rows = [r for r in self.rows['policy'] if r['site'] == site]
        if not rows:
            return None
        r = max(rows, key=lambda r: r['seq'])
        aad = b'policy' + struct.pack('<Q', r['seq']) + site.encode()
        return aead_open(D(self.catalog_key, 'redactfs policy'), r['body'][:12], aad, r['body'][12:],
                         'policy').decode()

    def verify_audit(self):
        """Returns the entries after checking chain and signatures."""
        def text(v):
            return v if isinstance(v, bytes) else str(v or '').encode()
        prev = self.id + bytes(16)
        rows = sorted(self.rows['audit'], key=lambda r: r['seq'])
        for i, r in enumerate(rows):
            need(r['seq'] == i + 1, 'audit: numbers')
            need(r['prev'] == prev, 'audit: chain')
            fields = b''.join(struct.pack('<I', len(text(r[c]))) + text(r[c])
                              for c in ('kind', 'operator', 'detail'))
            h = hashlib.sha256(b'redactfs audit' + struct.pack('<QQq', r['seq'], r['epoch'], r['at_ns']) + fields +
                               prev).digest()
            need(h == r['hash'], 'audit: hash')
            signed(self.operators[0].audit_pk, r['sig'], h, 'audit')
            prev = h
        need(self.audit_head == prev, 'audit: its end isn\'t the one that the root vouches for')
        return rows


# ---- forensics

def sqlite_pages(db, wal):
    """Every version of every page: of the database file, free pages included, and of all WAL frames,
    those before the last checkpoint and those never committed included. {page number: [bytes]}"""
    pages, size = {}, 4096
    if len(db) >= 100 and db[:15] == b'SQLite format 3':
        size = struct.unpack('>H', db[16:18])[0]
        size = 65536 if size == 1 else size
        for i in range(len(db) // size):
            pages.setdefault(i + 1, []).append(db[i * size:(i + 1) * size])
    if len(wal) >= 32:
        size = struct.unpack('>I', wal[8:12])[0] or size
        for at in range(32, len(wal) - 24 - size + 1, 24 + size):
            n = struct.unpack('>I', wal[at:at + 4])[0]
            pages.setdefault(n, []).append(wal[at + 24:at + 24 + size])
    return size, pages


def local_lengths(page_size):
    """How much of a node's body can lie in its b-tree cell, for tables and for indexes (WITHOUT
    ROWID), whatever its neighbours' columns take (SQLite file format, "overflow pages")."""
    found = set()
    u = page_size
    m = (u - 12) * 32 // 255 - 23
    for x in (u - 35, (u - 12) * 64 // 255 - 23):
        for before in range(4, 64):
            p = before + NODE
            k = m + (p - m) % (u - 4)
            local = p if p <= x else (k if k <= x else m)
            if before < local < p:
                found.add(local - before)
    return found


def carve_nodes(data, pages=None, page_size=4096):
    """Candidates for nodes in raw bytes: 3920 bytes in a row, and, in a database, put together from
    a cell and its overflow pages in every version there is of them."""
    at = data.find(b'RFN1')
    while at >= 0:
        if at + NODE <= len(data):
            yield data[at:at + NODE]
        at = data.find(b'RFN1', at + 1)
    if not pages:
        return

    def chains(number, left, depth):
        for page in pages.get(number, ()):
            part = page[4:4 + left]
            if len(part) == left:
                yield part
            elif depth:
                for rest in chains(struct.unpack('>I', page[:4])[0], left - len(part), depth - 1):
                    yield part + rest

    for page in itertools.chain.from_iterable(pages.values()):
        at = page.find(b'RFN1')
        while at >= 0:
            if at + NODE <= len(page):
                yield page[at:at + NODE]
            for n in local_lengths(page_size):
                if at + n + 4 <= len(page):
                    first = struct.unpack('>I', page[at + n:at + n + 4])[0]
                    for rest in itertools.islice(chains(first, NODE - n, 8), 64):
                        yield page[at:at + n] + rest
            at = page.find(b'RFN1', at + 1)


class Evidence:
    """Everything somebody got hold of. Feed it store folders or single files, then ask what opens."""

    def __init__(self):
        self.slots, self.records, self.secrets = [], set(), set()
        self.nodes, self.rows, self.blobs = {}, [], {}
        self.root_keys, self.data_keys, self.other_keys = set(), {}, set()

    def add_store(self, path, root=True):
        """Takes all files below a store folder; `root=False`: all but `root`."""
        path = Path(path)
        for p in sorted(path.rglob('*')):
            if not p.is_file() or p.name.endswith(('-wal', '-shm')):
                continue
            if p.name == 'root':
                if root:
                    self.add_root(p.read_bytes())
            elif p.name == 'catalog.db':
                self.add_catalog(p)
            else:
                self.add_file(p.read_bytes())

    def add_root(self, data):
        """Any stretch of bytes may hold a slot, torn files too."""
        at = data.find(b'RFSROOT1')
        while at >= 0:
            try:
                self.slots.append(Slot(data[at:at + SLOT]))
            except Bad:
                pass
            at = data.find(b'RFSROOT1', at + 1)

    def add_file(self, data):
        self.add_root(data)
        if data[:8] == b'RFSBLOB1':
            try:
                b = Blob(data)
                self.blobs[b.id] = b
            except Bad:
                pass
        self._carve(data)

    def add_catalog(self, db):
        rows = read_catalog(db)
        store_id = rows['meta']['store_id']
        for r in rows['operator']:
            self.records.add((r['email'], r['record'], store_id))
        for r in rows['secret']:
            self.secrets.add((store_id, r['epoch'], r['body']))
        for r in rows['node']:
            self._node(r['body'])
        for r in rows['session']:
            if r not in self.rows:
                self.rows.append(r)
        wal = Path(f'{db}-wal')
        raw, raw_wal = Path(db).read_bytes(), wal.read_bytes() if wal.exists() else b''
        size, pages = sqlite_pages(raw, raw_wal)
        self._carve(raw, pages, size)
        self._carve(raw_wal)
        self.add_root(raw)
        self.add_root(raw_wal)

    def _node(self, raw):
        try:
            self.nodes.setdefault(bytes(raw), Node(bytes(raw)))
        except Bad:
            pass

    def _carve(self, data, pages=None, size=4096):
        for raw in carve_nodes(data, pages, size):
            self._node(raw)

    def open_everything(self, passphrases, root_keys=()):
        """With every passphrase: operators, slots, nodes, secrets, data keys. Returns self."""
        sks = set()
        for email, record, store_id in self.records:
            for p in passphrases:
                try:
                    op = Operator(email, record, store_id).login(p)
                except Bad:
                    continue
                sks.add(op.sk)
                self.other_keys |= {op.sk} | ({op.reveal} if op.reveal else set())
        self.root_keys |= set(root_keys)
        for slot in self.slots:
            for sk in sks:
                try:
                    self.root_keys.add(slot.open(sk))
                except Bad:
                    continue
        for r in self.root_keys:
            for store_id, epoch, body in self.secrets:
                try:
                    p = aead_open(D(r, 'redactfs store secrets'), bytes(12),
                                  store_id + struct.pack('<Q', epoch), body, '')
                except Bad:
                    continue
                self.other_keys |= {p[32 * i:32 * i + 32] for i in range(8)}
        todo = [D(r, 'redactfs top node') for r in self.root_keys]
        seen = set()
        while todo:
            key = todo.pop()
            if key in seen:
                continue
            seen.add(key)
            for node in self.nodes.values():
                try:
                    entries = node.open(key)
                except Bad:
                    continue
                for i, (k, _) in entries.items():
                    if node.level:
                        todo.append(k)
                    else:
                        self.data_keys.setdefault(k, set()).add(LEAF_KEYS * node.index + i)
        self.other_keys |= seen | self.root_keys
        return self

    def opens_blob(self, blob_id):
        """The key that opens a blob, out of all keys there are, whatever they are for."""
        b = self.blobs[blob_id]
        for key in itertools.chain(self.data_keys, self.other_keys):
            if b.committed_to(key):
                Blob(b.raw, key).base()
                return key
        return None

    def opens_row(self, row):
        for key in itertools.chain(self.data_keys, self.other_keys):
            for attempt in (row_open, plan_open):
                if attempt is plan_open and not row['plan']:
                    continue
                try:
                    attempt(key, row)
                    return key
                except Bad:
                    continue
        return None


def spellings(secret):
    """The ways in which bytes may lie in a file without encryption: {name: needle}."""
    text = secret if isinstance(secret, bytes) else secret.encode('utf-8', 'surrogatepass')
    out = {'raw': text, 'hex': text.hex().encode(), 'HEX': text.hex().upper().encode(),
           'percent': b''.join(bytes([c]) if chr(c).isalnum() and c < 128 or c in b'-._~'
                               else f'%{c:02X}'.encode() for c in text),
           'base85': base64.b85encode(text), 'reversed': text[::-1]}
    # base64 at each of the three alignments: without the characters that depend on neighbours
    for shift in range(3):
        enc = base64.b64encode(bytes(shift) + text)
        start = -(-shift * 8 // 6)
        end = len(enc) - 4 if len(bytes(shift) + text) % 3 else len(enc)
        core = enc[start:end]
        if len(core) >= 6:
            out[f'base64+{shift}'] = core
            out[f'base64url+{shift}'] = core.translate(bytes.maketrans(b'+/', b'-_'))
    try:
        s = text.decode('utf-8')
        out['utf-16le'] = s.encode('utf-16-le', 'surrogatepass')
        out['utf-16be'] = s.encode('utf-16-be', 'surrogatepass')
        out['json'] = json.dumps(s)[1:-1].encode()
    except UnicodeDecodeError:
        pass
    return {k: v for k, v in out.items() if len(v) >= 4}


def inflations(data):
    """Whatever in raw bytes unpacks: zlib, gzip and zstd streams at any offset."""
    import zlib
    for magic, wbits in ((b'\x78\x01', 15), (b'\x78\x5e', 15), (b'\x78\x9c', 15), (b'\x78\xda', 15),
                         (b'\x1f\x8b\x08', 31)):
        at = data.find(magic)
        while at >= 0:
            try:
                got = zlib.decompressobj(wbits).decompress(data[at:], 1 << 24)
                if len(got) > 8:
                    yield got
            except zlib.error:
                pass
            at = data.find(magic, at + 1)
    at = data.find(b'\x28\xb5\x2f\xfd')
    while at >= 0:
        try:
            yield zstandard.ZstdDecompressor().decompressobj().decompress(data[at:])
        except zstandard.ZstdError:
            pass
        at = data.find(b'\x28\xb5\x2f\xfd', at + 1)


def main(argv):
    if len(argv) < 3:
        print(__doc__, file=sys.stderr)
        return 2
    path, email, passfile, *rest = argv
    s = Store(path, {email: Path(passfile).read_text().split('\n')[0]})
    out = rest[rest.index('--out') + 1] if '--out' in rest else None
    for x in s.sessions:
        text = x.canonical(s.reveal) if '--reveal' in rest else x.rendering()
        print(json.dumps({'site': x.site, 'day': x.day, 'name': x.info['name'], 'id': x.id,
                          'bytes': len(text), 'spans': len(x.blob.spans())}))
        if out:
            os.makedirs(out, exist_ok=True)
            Path(out, f'{x.id}.json').write_bytes(text)
    print(json.dumps({'epoch': s.slot.epoch, 'height': s.slot.height, 'sessions': len(s.sessions),
                      'audit': len(s.verify_audit())}))
    return 0


if __name__ == '__main__':
    try:
        sys.exit(main(sys.argv[1:]))
    except Bad as e:
        print(f'decrypt: {e}', file=sys.stderr)
        sys.exit(1)
