"""Redacted recordings play to their end in rrweb's own Replayer, with no problem that the original
doesn't have."""
import json
import os
import shutil
import subprocess

import pytest

import corpus
from redactfs import TESTS

TOOL = TESTS / 'tools/replay-check'
RECORDINGS = [r for r in corpus.recordings() if len(r.files) == 1]


@pytest.fixture(scope='module')
def replay_check():
    for program in ('node', 'npm', 'chromium'):
        if not (shutil.which(program) or program == 'chromium' and os.environ.get('CHROMIUM')):
            pytest.skip(f'no {program} (scripts/deps --test)')
    if not (TOOL / 'node_modules/rrweb').is_dir():
        p = subprocess.run(['npm', 'ci', '--no-audit', '--no-fund', '--ignore-scripts'], cwd=TOOL,
                           capture_output=True, text=True, timeout=300, check=False)
        assert p.returncode == 0, p.stderr

    def run(files, baseline):
        p = subprocess.run(['node', str(TOOL / 'replay-check.mjs'), *map(str, files), '--json',
                            '--baseline', str(baseline)],
                           capture_output=True, text=True, timeout=300, check=False)
        assert p.stdout, p.stderr
        return p.returncode, [json.loads(line) for line in p.stdout.splitlines()]
    return run


@pytest.mark.parametrize('rec', RECORDINGS, ids=lambda r: r.name)
def test_replays(corpora, replay_check, rec, tmp_path):
    files = []
    for policy, c in corpora.items():
        files.append(tmp_path / f'{policy}.json')
        shutil.copyfile(c.file(rec), files[-1])
    status, played = replay_check(files, rec.files[0])
    for r in played:
        assert r.get('error') is None and r['finished'], r
        assert r['new_problems'] == {}, r
        assert r['events'] == len(corpus.events(rec.files))
    assert status == 0 and len(played) == len(files)


@pytest.mark.parametrize('path', corpus.public(), ids=lambda p: p.name)
def test_public_replays(public_mount, replay_check, path, tmp_path):
    made, m = public_mount
    if made[path.name].returncode:
        pytest.skip('not a recording')
    _, raw = replay_check([path], path)
    if raw[0].get('error') or not raw[0]['finished']:
        pytest.skip('the original is not playable: ' + str(raw[0].get('error')))
    now = tmp_path / 'redacted.json'
    shutil.copyfile(m.session(f'{path.stem}.public.example') / 'events.json', now)
    status, played = replay_check([now], path)
    assert status == 0 and played[0]['new_problems'] == {}, played


def test_a_broken_recording_is_noticed(replay_check, tmp_path):
    """The check's own teeth: a mutation of a node that doesn't exist is a new problem."""
    rec = corpus.recording('shop-checkout')
    events = corpus.events(rec.files)
    for e in events:
        if e['type'] == 3 and e['data'].get('source') == 0 and e['data'].get('removes'):
            e['data']['removes'][0]['id'] = 999999
    bad = tmp_path / 'bad.json'
    bad.write_text(json.dumps(events))
    status, played = replay_check([bad], rec.files[0])
    assert status == 1 and played[0]['new_problems'], played
