"""The recordings the tests run on, and what their truth files say of them."""
import json
import os
import re
import subprocess
import sys
from pathlib import Path

from redactfs import DATA, TESTS, TOP

RECORDINGS = DATA / 'recordings'
# Recordings under other licences than ours are not part of the tree; used where they lie beside it.
PUBLIC = Path(os.environ.get('REDACTFS_PUBLIC') or TOP.parent / 'shared/recordings/public')
LEAKCHECK = TESTS / 'tools/leakcheck.py'


class Recording:
    """One truth file with the recording in one spelling of it: some come as several files."""

    def __init__(self, truth_path, files, suffix=''):
        self.truth_path = truth_path
        self.truth = json.loads(truth_path.read_text('utf-8'))
        self.files = [truth_path.parent / f for f in files]
        self.name = self.truth['session'] + suffix
        self.site = self.truth['site']
        self.secrets = self.truth['secrets']
        self.must_survive = self.truth['must_survive']

    def of_kind(self, *kinds):
        return [s for s in self.secrets if s['must_redact'] in kinds]


def recordings():
    """Every recording with a truth file. Segments are separate spellings of the same session."""
    found = []
    for truth in sorted(RECORDINGS.glob('*.truth.json')):
        files = json.loads(truth.read_text('utf-8'))['files']
        whole = [f for f in files if '.segment-' not in f]
        for f in whole:
            found.append(Recording(truth, [f]))
        for kind in sorted({f.rsplit('.', 1)[1] for f in files if '.segment-' in f}):
            parts = sorted(f for f in files if '.segment-' in f and f.endswith('.' + kind))
            found.append(Recording(truth, parts, suffix=f'-segments-{kind}'))
    return found


def recording(name):
    return next(r for r in recordings() if r.name == name)


def broken():
    return sorted((RECORDINGS / 'broken').iterdir())


def public():
    return sorted(PUBLIC.glob('*.json')) if PUBLIC.is_dir() else []


class Leaks:
    """What leakcheck found in a redacted recording."""

    def __init__(self, proc):
        self.output = proc.stdout + proc.stderr
        self.status = proc.returncode
        self.by_kind = {}
        for m in re.finditer(r'^LEAK #\d+ (\S+) (\S+) ', proc.stdout, re.M):
            self.by_kind[m.group(2)] = self.by_kind.get(m.group(2), 0) + 1
        m = re.search(r'^leaks=(-?\d+) lost=(-?\d+)$', proc.stdout, re.M)
        assert m, f'leakcheck gave no result:\n{self.output}'
        self.leaks, self.lost = int(m.group(1)), int(m.group(2))
        self.readable = self.leaks >= 0
        self.same_events = 'NOT THE SAME EVENTS' not in proc.stdout


def leakcheck(rec, redacted, forms='off', original=True):
    args = [sys.executable, str(LEAKCHECK), str(rec.truth_path), str(redacted), '--forms', forms]
    if original:
        args += ['--original', *map(str, rec.files)]
    return Leaks(subprocess.run(args, capture_output=True, text=True, timeout=600, check=False,
                                env={**os.environ, 'PYTHONDONTWRITEBYTECODE': '1'}))


def events(path):
    """A recording's events by leakcheck's own reader, whatever its wrapper."""
    sys.path.insert(0, str(Path(LEAKCHECK).parent))
    try:
        import leakcheck as tool
    finally:
        sys.path.pop(0)
    paths = path if isinstance(path, (list, tuple)) else [path]
    return tool.load([str(p) for p in paths])[1]


def shifted(rec, path, hours=0, minutes=0):
    """The recording at another time of day, as a visit of its own: a neighbour in the key tree."""
    moved = events(rec.files)
    for e in moved:
        e['timestamp'] += (hours * 60 + minutes) * 60_000
    Path(path).write_text(json.dumps(moved), 'utf-8')
    return path


def needles(rec, but=()):
    """Stretches of text that only this recording could have put somewhere: its secrets, ordinary
    text of its page, long strings of its events. Not those that lie in the clear by design
    (`but`: the site's name and the like)."""
    found = {s['value'] for s in rec.secrets} | set(rec.must_survive)
    for i, event in enumerate(events(rec.files)):
        stack = [event]
        while stack:
            v = stack.pop()
            if isinstance(v, dict):
                stack += list(v.values())
            elif isinstance(v, list):
                stack += v
            elif isinstance(v, str) and 12 <= len(v) and i % 7 == 0:
                found.add(v[:48])
    clear = '\n'.join(but)
    return sorted(n for n in found if len(n.encode('utf-8', 'replace')) >= 7 and n not in clear)
