"""A site's policy and the sessions that are there already: what it hides is hidden at once, on live
mounts too; what it shows waits for an officer; killed in between, it goes on."""
import json
import os
import re
import signal
import sqlite3
import subprocess

import pytest

import corpus
import decrypt
import made
import redactfs
from redactfs import binary, wait_until

SITE = 'shop.example.com'
LAX = '[record]\nforms = show\nemails = show\n'
SHOWN = LAX + ('phones = show\nibans = show\nips = show\nnational-ids = show\nbirthdates = show\n'
               'secrets = show\nurls = show\nmasked = show\n')
HIDING = '[record]\nforms = off\nimages = drop\ncanvas = drop\n[select]\nblock = h1, h2, p, label\n'
CLASSES = 'password|card|cvc|otp|blocked|secret|iban|national-id|email|phone|ip|birthdate|url|masked|form'
TOKENS = re.compile(rb'(?: *\[(?:' + CLASSES.encode() + rb')\] *)+')
NAMES = ('canvas-css-fonts', 'shop-checkout', 'register-react')


def opened(store):
    return decrypt.Store(store.path, {store.operator: store.passphrase})


def stat(f):
    st = os.stat(f)
    return st.st_ino, st.st_size, st.st_mtime_ns


def redact(tmp_path, ini, raw):
    f = tmp_path / 'redact.ini'
    f.write_text(ini)
    return redactfs.run('redact', '--policy', f, stdin=raw, check=0).stdout


@pytest.fixture(scope='module')
def recs():
    return [r for r in corpus.recordings() if r.name in NAMES]


@pytest.fixture(scope='module')
def template(empty_store, recs, tmp_path_factory):
    s = empty_store.copy(tmp_path_factory.mktemp('policy') / 'store')
    for r in recs:
        s.import_(*r.files, site=f'{r.name}.example')
    return s


def test_a_live_mount_follows(store, tmp_path, mnt):
    made.fill(store, tmp_path / 'in', SITE, days=1, each=3)
    store.policy(SITE, LAX)         # of what comes from now on
    made.fill(store, tmp_path / 'in', SITE, days=1, each=3, first=20)
    other = 'other.example.com'
    made.fill(store, tmp_path / 'in', other, days=1, each=1, first=50)
    with store.mount(mnt) as m:
        files = [s / 'events.json' for s in m.sessions(SITE)]
        shown = [f for f in files if b'@mail.example' in f.read_bytes()]
        assert len(shown) == 3, 'new ones as the new policy says, old ones as before'
        before = {f: stat(f) for f in [*files, *(s / 'events.json' for s in m.sessions(other))]}
        held = open(shown[0], 'rb')     # and read: its pages are in the kernel
        assert b'@mail.example' in held.read()
        p = store.policy(SITE, '[record]\nforms = off\n[select]\nblock = p\n')
        assert p.stderr == ''

        # from the moment it is set: pages of a file that was open before included
        try:
            assert b'@mail.example' not in os.pread(held.fileno(), 1 << 20, 0)
        except OSError:
            pass
        for f in files:
            text = f.read_bytes()
            assert b'@mail.example' not in text and b'paragraph' not in text
        held.close()
        for f, was in before.items():
            now = stat(f)
            assert now[0] == was[0] and len(f.read_bytes()) == now[1]
            if SITE in str(f):
                assert now[2] == was[2] + 10**9 and now[1] != was[1], 'a backup sees it'
            else:
                assert now == was
    assert sorted(x.rendering().count(b'[blocked]') > 0 for x in opened(store).sessions) == [False] + 6 * [True]


def test_a_daemon_that_hangs_is_named(store, tmp_path, mnt):
    """It holds up nobody; when it goes on, what it had cached goes."""
    made.fill(store, tmp_path / 'in', SITE, days=1, each=1)
    hiding = '[record]\nforms = off\n[select]\nblock = p\n'
    with store.mount(mnt) as m:
        f = m.session(SITE) / 'events.json'
        with open(f, 'rb') as held:
            assert b'paragraph' in held.read()
            m.proc.send_signal(signal.SIGSTOP)
            try:
                p = store.policy(SITE, hiding)
                assert p.stderr == ("redactfs: a mount of this store doesn't answer (1): the kernel may still have text of the site's "
                                    'sessions for those who have them open there\n')
            finally:
                m.proc.send_signal(signal.SIGCONT)
            assert store.policy(SITE, hiding).stderr == ''
            try:
                assert b'paragraph' not in os.pread(held.fileno(), 1 << 20, 0)
            except OSError:
                pass
        assert b'paragraph' not in f.read_bytes()


IDS = {'pesel': '44051401359', 'nip': '1234563218', 'bsn': '111222333'}


def test_detectors_by_their_own_names(store, tmp_path, mnt):
    """One id of its class is switched off, on (at once), and off again (by an officer's apply): the others stay."""
    events = made.events(1, made.NOON)
    events[1]['data']['node']['childNodes'][0]['childNodes'][0]['childNodes'][0]['childNodes'][0]['textContent'] = \
        'PESEL 44051401359, NIP 1234563218, BSN 111222333: ' + 'too much to be the label of a field, ' * 9
    (tmp_path / 'r.json').write_text(json.dumps(events))
    store.policy(SITE, '[detect]\nnational-ids = off\nnip = on\n')
    store.import_(tmp_path / 'r.json', site=SITE)

    def shown(m):
        text = (m.sessions(SITE)[0] / 'events.json').read_text()
        assert text.count('[national-id]') == len(IDS) - sum(v in text for v in IDS.values())
        return {k for k, v in IDS.items() if v in text}
    with store.mount(mnt) as m:
        assert shown(m) == {'pesel', 'bsn'}
        store.policy(SITE, '[detect]\npesel = off\n')
        assert shown(m) == {'pesel'}
        store.policy(SITE, '')
        assert shown(m) == set()
        # off again shows nothing before an officer applies it, and then what only it had found
        store.policy(SITE, '[detect]\npesel = off\nnip = off\n')
        assert shown(m) == set()
        store.cli('policy', 'apply', SITE, check=0)
        wait_until('what was applied', lambda: shown(m) == {'pesel', 'nip'})
    spans = opened(store).sessions[0].blob.spans()
    by = [s['how'] >> 2 for s in spans if s['class'] == decrypt.CLASSES.index('national-id')]
    assert by == [22], 'that of BSN'


@pytest.mark.parametrize('name', NAMES)
def test_as_if_it_had_been_imported_under_it(template, recs, tmp_path, name):
    """Stricter, looked for anew in what is shown: the same text stays as if it had held at import
    (which word a token has, and blanks beside it, may differ: what is hidden isn't known any more)."""
    rec = next(r for r in recs if r.name == name)
    store = template.copy(tmp_path / 'store')
    store.policy(f'{name}.example', HIDING)
    want = redact(tmp_path, HIDING, rec.files[0].read_bytes())
    x = next(x for x in opened(store).sessions if x.site == f'{name}.example')
    assert x.info['policy_base'] == 0 and x.info['policy_seq'] == 1
    assert TOKENS.sub(b'[]', x.rendering()) == TOKENS.sub(b'[]', want)


def test_applied_is_as_if_imported_under_it(template, recs, tmp_path, mnt):
    """Laxer: nothing moves before `apply`; after it each byte is what an import would have given."""
    store = template.copy(tmp_path / 'store')
    before = {x.site: x.rendering() for x in opened(store).sessions}
    recs = [r for r in recs if r.name != 'canvas-css-fonts']
    for r in recs:
        p = store.policy(f'{r.name}.example', SHOWN)
        assert '1 session hides more than this policy' in p.stderr
    assert {x.site: x.rendering() for x in opened(store).sessions} == before
    with store.mount(mnt) as m:
        for r in recs:
            site = f'{r.name}.example'
            f = m.session(site) / 'events.json'
            was = stat(f)
            held = open(f, 'rb')
            assert held.read() == before[site]
            show = store.cli('policy', 'show', site, check=0)
            assert show.stdout.decode() == SHOWN and '1 session hides more' in show.stderr
            p = store.cli('policy', 'apply', site, check=0)
            done = re.fullmatch(rb'applied 1, failed 0 \(values (\d+)\)\n', p.stdout)
            assert done and int(done[1]) > 0 and p.stderr == ''
            assert store.cli('policy', 'show', site, check=0).stderr == ''
            want = redact(tmp_path, SHOWN, r.files[0].read_bytes())
            wait_until('applied on a live mount', lambda f=f, want=want: f.read_bytes() == want, timeout=2)
            now = stat(f)
            assert now == (was[0], len(want), was[2] + 10**9)
            held.close()
            found = corpus.leakcheck(r, f)
            assert 'always' not in found.by_kind, 'what was dropped stays dropped'
    o = opened(store)
    log = [json.loads(a['detail']) for a in o.verify_audit() if a['kind'] == 'policy-apply']
    assert [a['sessions'] for a in log] == [1] * len(recs)
    # the old blobs are gone, each session has one
    assert len(list((store.path / 'blobs').rglob('*/*'))) == len(o.sessions)
    for x in o.sessions:
        assert x.canonical(o.reveal), 'every part verifies'


def test_killed_while_applying(store, tmp_path):
    """kill -9 at some moment: each session is as before or as after, and the next run ends it."""
    made.fill(store, tmp_path / 'in', SITE, days=2, each=100)
    before = {x.id: x.rendering() for x in opened(store).sessions}
    p = store.policy(SITE, LAX)
    assert '200 sessions hide more' in p.stderr
    proc = subprocess.Popen([binary(), 'policy', str(store.path), 'apply', SITE, '--passphrase-file',
                             str(store.passfile)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    blobs = store.path / 'blobs'

    con = sqlite3.connect(f'file:{store.path}/catalog.db?mode=ro', uri=True)

    def at_work():
        return (proc.poll() is not None or
                con.execute("SELECT count(*) FROM audit WHERE kind = 'policy-apply'").fetchone()[0])
    wait_until('the first commit', at_work, timeout=60)
    proc.send_signal(signal.SIGKILL)
    proc.wait()
    con.close()
    some = opened(store)
    for x in some.sessions:
        text = x.rendering()
        assert (text == before[x.id]) == (x.info['policy_base'] == 0)
    left = sum(x.info['policy_base'] == 0 for x in some.sessions)
    print(f'left: {left}')
    done = store.cli('policy', 'apply', SITE, check=0).stdout
    assert done == b'applied %d, failed 0 (values %d)\n' % (left, left)
    o = opened(store)
    assert all(x.info['policy_base'] == 1 and b'@mail.example' in x.rendering() for x in o.sessions)
    assert len(list(blobs.rglob('*/*'))) == 200, 'nothing is left over'
    log = [json.loads(a['detail']) for a in o.verify_audit() if a['kind'] == 'policy-apply']
    assert sum(a['sessions'] for a in log) == 200 and sum(a['values'] for a in log) == 200


def test_revealed_under_a_stricter_policy(store, tmp_path, mnt):
    """`drop`, set later, is dropped for officers, too, though the value lies there sealed."""
    made.fill(store, tmp_path / 'in', SITE, days=1, each=1)
    with store.mount(mnt, args=['--reveal', '--reason', 'test']) as m:
        f = m.session(SITE) / 'events.json'
        assert b'visitor0@mail.example' in f.read_bytes()
        store.policy(SITE, '[record]\nforms = off\nemails = drop\n')
        wait_until('dropped on a reveal mount', lambda: b'visitor0' not in f.read_bytes(), timeout=2)
        assert len(f.read_bytes()) == os.stat(f).st_size
