"""Legal hold, erasing by days, and retention."""
import datetime
import json
import os
import re
import sqlite3
import zoneinfo

import pytest

import redactfs
from redactfs import TOP

DAY = 86400000


def recording(at_ms, text='hello'):
    out = [{'type': 4, 'timestamp': at_ms, 'data': {'href': 'https://a.example/', 'width': 800, 'height': 600}}]
    out += [{'type': 5, 'timestamp': at_ms + i, 'data': {'tag': 'note', 'payload': text}} for i in range(1, 10)]
    return json.dumps(out).encode()


def noon(date):
    """ms of 12:00 UTC."""
    d = datetime.datetime.combine(date, datetime.time(12), datetime.timezone.utc)
    return int(d.timestamp() * 1000)


def ls(store, *args):
    return json.loads(store.cli('ls', '--format=json', *args, check=0).stdout)


def held(store):
    return json.loads(store.cli('hold', 'list', '--format=json', check=0).stdout)


def log(store):
    return json.loads(store.cli('audit', 'show', '--format=json', check=0).stdout)


D1 = datetime.date(2026, 9, 21)


@pytest.fixture(scope='module')
def filled_store(empty_store, tmp_path_factory):
    """Three days of a site, the visitor of the last two the same, and one session of another site."""
    s = empty_store.copy(tmp_path_factory.mktemp('hold') / 'store')
    for site, visitor, day in (('a.example', None, 0), ('a.example', 'v1', 1), ('a.example', 'v1', 2),
                               ('b.example', 'v2', 0)):
        s.import_('-', site=site, visitor=visitor, stdin=recording(noon(D1) + day * DAY, f'{site} {day}'))
    return s


@pytest.fixture
def filled(filled_store, tmp_path):
    return filled_store.copy(tmp_path / 'store')


# ---- hold

def test_hold(filled):
    a, b, c, d = ls(filled)
    assert held(filled) == [] and filled.cli('hold', 'list', check=0).stdout == b''
    p = filled.cli('hold', 'add', '--session', a['id'], b['path'], '--reason', 'court 7 C 12/26', check=0)
    assert p.stdout == b'held 2, so before 0\n'
    p = filled.cli('hold', 'add', '--visitor', 'v1', '--reason', 'another case', check=0)
    assert p.stdout == b'held 1, so before 1\n'
    assert [r['state'] for r in ls(filled)] == ['held'] * 3 + ['live']
    rows = held(filled)
    assert [(r['id'], r['path'], r['reason'], r['operator']) for r in rows] == [
        (x['id'], x['path'], why, filled.operator)
        for x, why in ((a, 'court 7 C 12/26'), (b, 'court 7 C 12/26'), (c, 'another case'))]
    assert re.fullmatch(r'\d{4}-\d\d-\d\dT[\d:.]+Z', rows[0]['since'])
    lines = filled.cli('hold', 'list', check=0).stdout.decode().splitlines()
    assert len(lines) == 3 and all(r['id'] in x and r['reason'] in x for r, x in zip(rows, lines))
    # let go, and it is as it was
    assert filled.cli('hold', 'remove', '--session', a['id'], '--reason', 'settled', check=0).stdout == \
        b'let go 1, so before 0\n'
    assert filled.cli('hold', 'remove', '--session', a['id'], '--reason', 'settled', check=0).stdout == \
        b'let go 0, so before 1\n'
    assert [r['id'] for r in held(filled)] == [b['id'], c['id']]
    kinds = [(e['kind'], e['detail'].get('sessions'), e['detail'].get('reason')) for e in log(filled)][-3:]
    assert kinds == [('hold', 2, 'court 7 C 12/26'), ('hold', 1, 'another case'), ('hold-end', 1, 'settled')]
    filled.cli('audit', 'verify', check=0)
    filled.cli('erase', '--session', a['id'], '--reason', 'r', '--yes', check=0)


def test_nothing_of_a_batch_with_a_held_one_goes(filled):
    a, b, c, d = ls(filled)
    filled.cli('hold', 'add', '--session', b['id'], '--reason', 'r', check=0)
    before = ls(filled)
    p = filled.cli('erase', '--site', 'a.example', '--reason', 'r', '--yes', check=7)
    assert p.stderr.splitlines() == ['redactfs: 1 of 3 sessions on legal hold: nothing was erased',
                                     f"redactfs: on hold: {b['id']}"] and p.stdout == b''
    assert 'v1' not in p.stderr
    p = filled.cli('erase', '--site', 'a.example', '--dry-run', check=0)
    assert b['path'] + '  (held)\n' in p.stdout.decode()
    assert p.stdout.endswith(b'\nwould erase 2, but 1 on hold keeps all of them\n')
    assert ls(filled) == before
    p = filled.cli('erase', '--session', a['id'], c['id'], '--reason', 'r', '--yes', check=0)
    assert [r['id'] for r in ls(filled)] == [b['id'], d['id']]


def test_a_hold_that_lost_its_mark(filled):
    """The row in `hold` counts, whatever the session's own column says."""
    a = ls(filled)[0]
    filled.cli('hold', 'add', '--session', a['id'], '--reason', 'r', check=0)
    db = sqlite3.connect(filled.path / 'catalog.db', isolation_level=None)
    db.execute('update session set state = 0')
    db.close()
    p = filled.cli('erase', '--session', a['id'], '--reason', 'r', '--yes', check=7)
    assert 'legal hold' in p.stderr and len(ls(filled)) == 4


@pytest.mark.parametrize('args, status', [
    (['add', '--session', 'f' * 32, '--reason', 'r'], 3), (['add', '--site', 'c.example', '--reason', 'r'], 3),
    (['add', '--reason', 'r'], 2), (['add', '--site', 'a.example'], 2), (['frob'], 2), (['list', 'x'], 2),
    (['add', '--site', 'a.example', '--reason', 'two\nlines'], 2), (['add', '--site', 'a.example', '--reason', ' '], 2),
    (['add', '--site', 'a.example', '--reason', 'r', '--format', 'json'], 2),
    (['add', 'x', '--site', 'a.example', '--reason', 'r'], 2)])
def test_usage(filled, args, status):
    before = filled.digest()
    p = filled.cli('hold', *args, check=status)
    assert p.stdout == b'' and len(p.stderr.splitlines()) == 1
    assert filled.digest() == before


# ---- erase by days

@pytest.mark.parametrize('args, left', [
    (['--since', '2026-09-22'], 2), (['--until', '2026-09-22'], 1), (['--before', '2026-09-22'], 2),
    (['--since', '2026-09-22', '--until', '2026-09-22'], 3), (['--visitor', 'v1', '--since', '2026-09-23'], 3),
    (['--site', 'b.example', '--since', '2026-09-22'], 4),
])
def test_days_chosen(filled_store, args, left):
    p = filled_store.cli('erase', *args, '--dry-run', check=0)
    assert p.stdout.decode().splitlines()[-1] == f'would erase {4 - left}'


def test_erase_by_days(filled):
    """Exactly what --dry-run showed, over sites, in one batch."""
    paths = [r['path'] for r in ls(filled)]
    would = filled.cli('erase', '--until', '2026-09-22', '--dry-run', check=0).stdout.decode().splitlines()[:-1]
    filled.cli('erase', '--until', '2026-09-22', '--reason', 'r', '--yes', check=0)
    assert [r['path'] for r in ls(filled)] == [x for x in paths if x not in would] and len(would) == 3
    assert [e['kind'] for e in log(filled)].count('erase') == 1


def test_erase_days_that_are_none(filled):
    for args in (['--since', '2026-13-01'], ['--until', 'x'], ['--since', '2026-09-23', '--until', '2026-09-22']):
        filled.cli('erase', *args, '--dry-run', check=2)


# ---- retention

@pytest.mark.parametrize('zone', ['Pacific/Kiritimati', 'Etc/GMT+12'])
def test_retention_ends_with_the_day_of_the_site(store, tmp_path, zone):
    """The last day that is kept, and the one before it, where it is today already, or still yesterday."""
    today = datetime.datetime.now(zoneinfo.ZoneInfo(zone)).date()
    store.policy('a.example', f'[site]\ntimezone = {zone}\nretention = 30d\n')
    files = {'a': [], 'f': []}
    for back in (29, 30, 31, 32):
        # 12:00 local time: the folder's day is the one that is meant
        local = datetime.datetime.combine(today - datetime.timedelta(back), datetime.time(12), zoneinfo.ZoneInfo(zone))
        for which, some in files.items():
            some.append(tmp_path / f'{which}{back}.json')
            some[-1].write_bytes(recording(int(local.timestamp() * 1000), which + str(back)))
    store.import_(*files['a'], site='a.example')
    store.import_(*files['f'], site='forever.example')
    days = [str(today - datetime.timedelta(back)) for back in (29, 30, 31, 32)]
    assert [r['date'] for r in ls(store, '--site', 'a.example')] == days
    p = store.cli('retention', 'run', '--dry-run', check=0)
    assert p.stdout.decode().splitlines()[-1] == 'would erase 2, held 0 (of 1 sites with a limit)'
    assert {x.split('/')[1] for x in p.stdout.decode().splitlines()[:-1]} == set(days[2:])
    p = store.cli('retention', 'run', check=0)
    assert re.fullmatch(r'erased 2, gone before 0, receipt \d+, held 0 \(of 1 sites with a limit\)\n', p.stdout.decode())
    assert [r['date'] for r in ls(store, '--site', 'a.example')] == days[:2]
    assert len(ls(store, '--site', 'forever.example')) == 4
    e = log(store)[-1]
    assert e['kind'] == 'erase' and e['detail']['reason'] == 'retention: kept 30 days'
    assert store.cli('retention', 'run', check=0).stdout == \
        b'erased 0, gone before 0, held 0 (of 1 sites with a limit)\n'


def test_retention_leaves_what_is_held(filled):
    a, b, c, d = ls(filled)
    for site, limit in (('a.example', '30d'), ('b.example', '1w')):
        filled.policy(site, f'[site]\nretention = {limit}\n')
    filled.cli('hold', 'add', '--session', b['id'], '--reason', 'r', check=0)
    p = filled.cli('retention', 'run', check=0)
    assert p.stdout.decode().endswith(', held 1 (of 2 sites with a limit)\n') and p.stdout.startswith(b'erased 3')
    assert p.stderr == f"redactfs: on hold: {b['id']}\n"
    assert [r['id'] for r in ls(filled)] == [b['id']]
    assert [e['detail']['reason'] for e in log(filled) if e['kind'] == 'erase'] == [
        'retention: kept 30 days', 'retention: kept 7 days']


def test_retention_without_limits(filled):
    assert filled.cli('retention', 'run', check=0).stdout == \
        b'erased 0, gone before 0, held 0 (of 0 sites with a limit)\n'
    filled.cli('retention', 'walk', check=2)


def test_units():
    """What the timer starts is a command that exists."""
    unit = (TOP / 'src/cli/redactfs-retention@.service.in').read_text()
    assert 'ExecStart=@bindir@/redactfs retention -- ${STORE} run\n' in unit and 'Type=oneshot' in unit
    timer = (TOP / 'src/cli/redactfs-retention@.timer').read_text()
    assert 'Persistent=true' in timer and 'OnCalendar=' in timer


@pytest.mark.parametrize('live', [True, False])
def test_a_date_goes_with_its_last_session(filled, mnt, live):
    """Where all of a date is erased by command, its folder is gone too; the site's stays, as its policy does."""
    def dates(m):
        return sorted(os.listdir(m / 'a.example')), sorted(os.listdir(m.path))
    days = [str(D1 + datetime.timedelta(n)) for n in range(3)]
    filled.import_('-', site='a.example', visitor='v9', stdin=recording(noon(D1) + 2 * DAY + 3_600_000, 'another'))
    if live:
        with filled.mount(mnt) as m:
            assert dates(m)[0] == days
            filled.cli('erase', '--visitor', 'v1', '--yes', '--reason', 'test', check=0)
            redactfs.wait_until('the date is gone', lambda: dates(m) == ([days[0], days[2]], ['a.example', 'b.example']),
                                timeout=5)
        return
    filled.policy('a.example', '[site]\nretention = 1d\n')
    filled.cli('retention', 'run', check=0)
    with filled.mount(mnt) as m:
        assert dates(m) == ([], ['a.example', 'b.example'])
        assert (m / '.redactfs/policy/a.example.ini').exists()
