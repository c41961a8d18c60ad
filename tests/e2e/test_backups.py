"""Backup tools over the mount. Each backs up, again after a remount, again after a policy was made stricter, and
restores; what it copied is compared with the second reader's rendering (tests/independent), and what it read with the
mount's own count. And the tools that people look around with."""
import json
import os
import shutil
import subprocess

import pytest

import decrypt
import made

SITES = ('shop.example.com', 'app.example.org')
PAST = made.NOON - 500 * made.DAY     # or an incremental tar takes them for newer than itself
SHOWN, DROPPED = '[record]\nemails = show\n', '[record]\nemails = drop\n'


def sh(*cmd, cwd=None, **env):
    """Standard output of what must end well, in silence."""
    p = subprocess.run(list(map(str, cmd)), capture_output=True, text=True, timeout=120, check=False, cwd=cwd,
                       env={**os.environ, 'LC_ALL': 'C.UTF-8', **env})
    assert p.returncode == 0, f'{cmd}: {p.returncode}\n{p.stdout[-2000:]}{p.stderr[-2000:]}'
    return p.stdout


def stamp(st):
    return st.st_size, st.st_mtime_ns


def walk(top):
    """{path: (size, mtime)} of all files."""
    return {os.path.relpath(os.path.join(d, f), top): stamp(os.lstat(os.path.join(d, f)))
            for d, _, files in os.walk(top) for f in files}


def texts(top):
    return {p: (top / p).read_bytes() for p in walk(top)}


def second_reader(store):
    opened = decrypt.Store(store.path, {store.operator: store.passphrase})
    return {f"{s.site}/{s.day}/{s.info['name']}/{name}": text for s in opened.sessions
            for name, text in (('events.json', s.rendering()), ('transcript.txt', s.transcript()))}


def recording(folder, n, mail):
    """A page that names a mail address, where `mail`, or else a number."""
    events = made.events(n, PAST + n * 61_000)
    text = f'write to office{n}@mail.example' if mail else f'call extension {n}'
    events[1]['data']['node']['childNodes'][0]['childNodes'][0]['childNodes'].append(
        {'type': 2, 'tagName': 'p', 'attributes': {}, 'id': 9, 'childNodes': [
            {'type': 3, 'textContent': text, 'id': 10}]})
    folder.mkdir(exist_ok=True)
    f = folder / f'{n}.json'
    f.write_text(json.dumps(events))
    return f


# ---- the tools: back(src) returns the files that the tool took, restore(to) gives the tree back

class Tar:
    def __init__(self, work):
        self.work, self.n = work, 0

    def back(self, src):
        """Incremental: the snapshot file remembers times and inodes. Device numbers are new with each mount."""
        self.n += 1
        f = self.work / f'{self.n}.tar'
        said = subprocess.run(['tar', 'cf', f, '--format=posix', f'--listed-incremental={self.work}/snar', '--no-check-device', '-C', src,
                               '.'], capture_output=True, text=True, check=True, timeout=120)
        assert said.stderr == '' or 'Directory is new' in said.stderr, said.stderr
        return {n[2:] for n in sh('tar', 'tf', f).splitlines() if not n.endswith('/')}

    def restore(self, to):
        for i in range(1, self.n + 1):
            sh('tar', 'xf', self.work / f'{i}.tar', '--listed-incremental=/dev/null', '-C', to)


class Rsync:
    def __init__(self, work):
        self.to = work / 'copy'

    def back(self, src):
        out = sh('rsync', '-aHAX', '--out-format=%o %n', f'{src}/', f'{self.to}/')
        return {n[5:] for n in out.splitlines() if n.startswith('send ') and not n.endswith('/')}

    def restore(self, to):
        sh('cp', '-a', f'{self.to}/.', to)


class Restic:
    def __init__(self, work):
        self.env = {'RESTIC_REPOSITORY': str(work / 'repo'), 'RESTIC_PASSWORD': 'x', 'RESTIC_CACHE_DIR': str(work / 'cache'),
                    'GOMAXPROCS': '2'}
        sh('restic', 'init', '-q', **self.env)

    def back(self, src):
        out = sh('restic', 'backup', '--json', '--verbose=2', '.', cwd=src, **self.env)
        done = [json.loads(line) for line in out.splitlines()]
        return {d['item'].removeprefix(f'{src}/').lstrip('/') for d in done
                if d.get('action') in ('new', 'modified') and not d['item'].endswith('/') and d['item'].endswith(('.json', '.html', '.txt'))}

    def restore(self, to):
        out = json.loads(sh('restic', 'snapshots', 'latest', '--json', **self.env))
        sh('restic', 'restore', '-q', 'latest', '--target', to, **self.env)
        top = to / out[-1]['paths'][0].lstrip('/')
        if top != to and top.is_dir():          # it restores the whole path
            for p in top.iterdir():
                shutil.move(p, to)
            shutil.rmtree(to / top.relative_to(to).parts[0])


class Borg:
    """Never trusts what has the newest ctime of all (its own answer to file systems of coarse times), so it reads one
    session again each time: one, because no two sessions of a mount have the same ctime."""

    def __init__(self, work):
        self.n, self.env = 0, {'BORG_BASE_DIR': str(work / 'base'), 'BORG_REPO': str(work / 'repo'),
                               'BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK': 'yes'}
        sh('borg', 'init', '-e', 'none', **self.env)

    def back(self, src):
        self.n += 1
        p = subprocess.run(['borg', 'create', '--list', '--filter=AMCE', f'::{self.n}', '.'], cwd=src, check=True,
                           capture_output=True, text=True, timeout=120, env={**os.environ, **self.env})
        return {line[2:].removeprefix('./') for line in p.stderr.splitlines()}

    def restore(self, to):
        sh('borg', 'extract', f'::{self.n}', cwd=to, **self.env)


class Rclone:
    def __init__(self, work):
        self.to, self.log = work / 'copy', work / 'log'
        self.env = {'RCLONE_CONFIG': str(work / 'none')}

    def back(self, src):
        self.log.unlink(missing_ok=True)
        sh('rclone', 'sync', '--use-json-log', '-v', '--log-file', self.log, src, self.to, **self.env)
        said = [json.loads(line) for line in self.log.read_text().splitlines()]
        return {d['object'] for d in said if d['msg'].startswith('Copied')}

    def restore(self, to):
        sh('rclone', 'copy', self.to, to, **self.env)


class Cp:
    def __init__(self, work):
        self.to = work / 'copy'

    def back(self, src):
        """Not --update: it has no memory; so all, each time."""
        shutil.rmtree(self.to, ignore_errors=True)
        sh('cp', '-a', '--sparse=always', src, self.to)
        return set(walk(src))

    def restore(self, to):
        sh('cp', '-a', f'{self.to}/.', to)


TOOLS = {'tar': Tar, 'rsync': Rsync, 'restic': Restic, 'borg': Borg, 'rclone': Rclone, 'cp': Cp}


class History:
    """What each tool did in each of three runs, and what was there then."""

    def __init__(self, store, base):
        self.took = {t: [] for t in TOOLS}
        self.read = {t: [] for t in TOOLS}
        self.there, self.wanted, self.newest = [], [], []
        self.tools = {}
        for name, tool in TOOLS.items():
            (base / name).mkdir()
            self.tools[name] = tool(base / name)
        mnt = base / 'mnt'
        with store.mount(mnt) as m:
            self.run(store, m)
        with store.mount(mnt) as m:
            self.run(store, m)
            store.policy(SITES[0], DROPPED)
            self.run(store, m)
        self.restored = {}
        for name, tool in self.tools.items():
            to = base / f'{name}.restored'
            to.mkdir()
            tool.restore(to)
            self.restored[name] = to

    def run(self, store, m):
        for name, tool in self.tools.items():
            before = bytes_read(m)
            self.took[name].append(tool.back(m.path))
            self.read[name].append(bytes_read(m) - before)
            # each to face a mount of which the kernel remembers no bytes
            if os.geteuid() == 0:
                with open('/proc/sys/vm/drop_caches', 'w', encoding='ascii') as f:
                    f.write('1')
        self.there.append(walk(m.path))
        ctimes = {p: os.lstat(m / p).st_ctime_ns for p in self.there[-1]}
        self.newest.append({p for p in ctimes if ctimes[p] == max(ctimes.values())})
        self.wanted.append(second_reader(store))


def bytes_read(m):
    """Given out by the daemon so far, a few statuses of some 500 bytes among them."""
    return json.loads((m / '.redactfs/status.json').read_bytes())['read_bytes']


@pytest.fixture(scope='module')
def filled(empty_store, tmp_path_factory):
    base = tmp_path_factory.mktemp('backups')
    store = empty_store.copy(base / 'store')
    for site in SITES:
        store.policy(site, SHOWN)
        store.import_(*[recording(base / site, 50 * SITES.index(site) + n, mail=n % 3 == 0) for n in range(6)], site=site)
    return store


@pytest.fixture(scope='module')
def history(fuse, filled, tmp_path_factory):
    base = tmp_path_factory.mktemp('history')
    return History(filled.copy(base / 'store'), base)


def test_the_policy_changed_what_it_should(history):
    """Two of twelve sessions show an address; the mount and the second reader agree on all of them."""
    before, _, after = history.wanted
    changed = {p for p in before if before[p] != after[p]}
    assert len(before) == 24 and len(changed) == 2 and all(p.startswith(SITES[0]) for p in changed)
    assert all(b'office' in before[p] and b'office' not in after[p] for p in changed)


@pytest.mark.parametrize('tool', TOOLS)
def test_first_run_takes_all(history, tool):
    assert history.took[tool][0] == set(history.there[0]) and len(history.there[0]) == 48


@pytest.mark.parametrize('tool', [t for t in TOOLS if t != 'cp'])
def test_second_run_after_a_remount_reads_nothing(history, tool):
    assert history.there[1] == history.there[0]
    again = history.newest[0] if tool == 'borg' else set()
    assert len(history.newest[0]) == 4 and history.took[tool][1] == again
    assert history.read[tool][1] < 2000 + sum(history.there[0][p][0] for p in again), 'beside the status nothing'


@pytest.mark.parametrize('tool', [t for t in TOOLS if t != 'cp'])
def test_after_a_policy_change_exactly_what_changed(history, tool):
    before, after = history.there[1], history.there[2]
    changed = {p for p in before if before[p] != after[p]}
    sessions = {os.path.dirname(p) for p in changed}
    assert sessions == {os.path.dirname(p) for p in history.wanted[1] if history.wanted[1][p] != history.wanted[2][p]}
    again = history.newest[1] if tool == 'borg' else set()
    if tool == 'rclone':        # reads what is newer, and takes what is another: of two transcripts the times only
        changed -= {p for p in changed if p.endswith('.txt') and history.wanted[1][p] == history.wanted[2][p]}
    assert history.took[tool][2] == changed | again


@pytest.mark.parametrize('tool', TOOLS)
def test_what_is_restored_is_what_was_shown(history, tool):
    got = texts(history.restored[tool])
    assert {p for p in got} == set(history.there[2])
    assert {p: got[p] for p in got if p.endswith(('events.json', '.txt'))} == history.wanted[2]
    assert walk(history.restored[tool]) == history.there[2], 'sizes and times'


# ---- looking around

@pytest.fixture(scope='module')
def m(fuse, filled):
    with filled.mount(filled.path.with_name('mnt'), limit=600) as mount:
        yield mount


def test_find(m):
    def find(*what):
        return sh('find', m.path, *what).splitlines()
    files = walk(m.path)
    sessions = [os.path.dirname(p) for p in files if p.endswith('events.json')]
    assert len(find('-type', 'f')) == len(files) and len(find('-type', 'd')) == 1 + 2 + 2 + 12
    assert len(find('-noleaf', '-type', 'f')) == len(files)
    assert find('-empty') == [] and find('-type', 'f', '-size', '0') == []
    middle = sorted(size for size, _ in files.values())[12]
    assert len(find('-type', 'f', '-size', f'-{middle}c')) == sum(size < middle for size, _ in files.values())
    some = m / sessions[3] / 'events.json'
    newer = sum(mtime > os.stat(some).st_mtime_ns for _, mtime in files.values())
    assert len(find('-type', 'f', '-newer', some)) == newer
    assert find('-mtime', '+36500') == [] and len(find('-name', 'session.json', '-links', '1')) == 12
    assert find('-type', 'f', '-perm', '/111') == []


def test_du_and_ls(m):
    files = walk(m.path)
    apparent = int(sh('du', '-sb', '--apparent-size', m.path).split()[0])
    assert apparent == sum(size for size, _ in files.values())
    blocks = int(sh('du', '-s', '-B512', m.path).split()[0])
    assert blocks == sum((size + 511) // 512 for size, _ in files.values())
    day = m.sessions(SITES[0])[0].parent
    listed = [line.split()[-1] for line in sh('ls', '-lU', day).splitlines()[1:]]
    assert sorted(listed) == sorted(os.listdir(day)) and len(listed) == 6


def test_grep_and_rg(m):
    shown = m.sessions(SITES[1])
    want = sorted(str(s / f) for s in shown for f in ('events.json', 'transcript.txt', 'replay.html') if b'office' in (s / f).read_bytes())
    assert len(want) == 4
    assert sorted(sh('grep', '-rl', 'office5[0-9]*@', m / SITES[1]).splitlines()) == want
    assert sorted(sh('rg', '-l', 'office5[0-9]*@', m / SITES[1]).splitlines()) == want
    assert sorted(sh('rg', '-l', '--mmap', 'office5[0-9]*@', m / SITES[1]).splitlines()) == want
    for tool in (['grep', '-r'], ['rg']):
        p = subprocess.run([*tool, 'visitor[0-9]*@mail', m.path], capture_output=True, check=False, timeout=60)
        assert (p.returncode, p.stdout, p.stderr) == (1, b'', b''), 'what was typed is nowhere'


def test_git_takes_a_copy(m, tmp_path):
    """As a folder beside the repository, and as its work tree."""
    sh('git', 'init', '-q', tmp_path / 'repo')
    git = ['git', '-C', tmp_path / 'repo', f'--work-tree={m.path}', '-c', 'user.name=x', '-c', 'user.email=x@x.example']
    sh(*git, 'add', '-A')
    sh(*git, 'commit', '-qm', 'x')
    assert sh(*git, 'status', '--porcelain') == ''
    assert len(sh(*git, 'ls-files').splitlines()) == 48


def test_trash_is_refused(m):
    """A file manager's trash would keep what was to be erased: it can't, and says so."""
    f = m.sessions()[0] / 'events.json'
    p = subprocess.run(['gio', 'trash', str(f)], capture_output=True, text=True, check=False, timeout=60)
    assert p.returncode != 0 and p.stderr.strip() and f.exists()
    for name in ('.Trash', f'.Trash-{os.getuid()}'):
        with pytest.raises(OSError) as e:
            os.mkdir(m / name)
        assert e.value.strerror == 'Read-only file system'
