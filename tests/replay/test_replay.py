"""Redacted recordings play to their end in rrweb's own Replayer, with no problem that the original
doesn't have. What is selected is played in one browser, once."""
import json
import shutil
import subprocess

import pytest

import corpus

RECORDINGS = [r for r in corpus.recordings() if len(r.files) == 1]


@pytest.fixture(scope='module')
def replay_check(browser_tool, tmp_path_factory):
    """A function: [(baseline, [file…])…] → [{'baseline': result, 'files': [result…]}…]"""
    def run(pairs):
        asked = tmp_path_factory.mktemp('pairs') / 'pairs.json'
        asked.write_text(json.dumps([{'baseline': str(b), 'files': list(map(str, files))} for b, files in pairs]))
        p = subprocess.run(['node', str(browser_tool / 'replay-check.mjs'), '--pairs', str(asked)], capture_output=True,
                           text=True, timeout=1200, check=False)
        assert p.returncode == 0, p.stderr
        return [json.loads(line) for line in p.stdout.splitlines()]
    return run


def selected(request, test, arg):
    """The values of `arg` in those cases of a test that this run selected."""
    return [i.callspec.params[arg] for i in request.session.items
            if i.module is request.module and i.originalname == test]


@pytest.fixture(scope='module')
def played(request, corpora, replay_check, tmp_path_factory):
    base = tmp_path_factory.mktemp('replay')
    recs = selected(request, 'test_replays', 'rec')
    pairs = []
    for rec in recs:
        files = [base / f'{rec.name}-{policy}.json' for policy in corpora]
        for c, f in zip(corpora.values(), files):
            shutil.copyfile(c.file(rec), f)
        pairs.append((rec.files[0], files))
    return dict(zip((r.name for r in recs), replay_check(pairs)))


@pytest.fixture(scope='module')
def public_played(request, public_mount, replay_check, tmp_path_factory):
    made, m = public_mount
    base = tmp_path_factory.mktemp('replay-public')
    paths = [p for p in selected(request, 'test_public_replays', 'path') if made[p.name].returncode == 0]
    for p in paths:
        shutil.copyfile(m.session(f'{p.stem}.public.example') / 'events.json', base / p.name)
    return dict(zip((p.name for p in paths), replay_check([(p, [base / p.name]) for p in paths])))


@pytest.mark.parametrize('rec', RECORDINGS, ids=lambda r: r.name)
def test_replays(played, rec):
    assert len(played[rec.name]['files']) == 2
    for r in played[rec.name]['files']:
        assert r.get('error') is None and r['finished'], r
        assert r['new_problems'] == {}, r
        assert r['events'] == len(corpus.events(rec.files))


@pytest.mark.parametrize('path', corpus.public(), ids=lambda p: p.name)
def test_public_replays(public_played, path):
    if path.name not in public_played:
        pytest.skip('not a recording')
    p = public_played[path.name]
    if p['baseline'].get('error') or not p['baseline']['finished']:
        pytest.skip('the original is not playable: ' + str(p['baseline'].get('error')))
    (now,) = p['files']
    assert now.get('error') is None and now['finished'] and now['new_problems'] == {}, p


def test_a_broken_recording_is_noticed(replay_check, tmp_path):
    """The check's own teeth: a mutation of a node that doesn't exist is a new problem."""
    rec = corpus.recording('shop-checkout')
    events = corpus.events(rec.files)
    for e in events:
        if e['type'] == 3 and e['data'].get('source') == 0 and e['data'].get('removes'):
            e['data']['removes'][0]['id'] = 999999
    bad = tmp_path / 'bad.json'
    bad.write_text(json.dumps(events))
    (p,) = replay_check([(rec.files[0], [bad])])
    assert p['files'][0]['new_problems'], p
