"""Fixtures of the tests that drive the program; tests/lib has the code."""
import os
import random
import sys
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).parent / d) for d in ('lib', 'independent')]
sys.dont_write_bytecode = True

import redactfs  # noqa: E402


@pytest.fixture(scope='session', autouse=True)
def no_mount_is_left(tmp_path_factory):
    yield
    base = tmp_path_factory.getbasetemp()
    left = redactfs.mounts(under=base)
    for where in left:
        redactfs.detach(where)
    assert not left, f'mounts left behind: {left}'


@pytest.fixture(scope='session')
def fuse():
    why = redactfs.fuse_usable()
    if why:
        if os.environ.get('REDACTFS_REQUIRE_FUSE'):
            pytest.fail(f'nothing can be mounted: {why}')
        pytest.skip(f'nothing can be mounted: {why}')


@pytest.fixture(scope='session')
def empty_store(tmp_path_factory):
    """Made once (scrypt is slow on purpose); tests get copies."""
    return redactfs.Store(tmp_path_factory.mktemp('template') / 'store').init()


@pytest.fixture
def store(empty_store, tmp_path):
    return empty_store.copy(tmp_path / 'store')


@pytest.fixture
def mnt(fuse, tmp_path):
    return tmp_path / 'mnt'


@pytest.fixture
def rng(request):
    """Random, with its seed in the report of a failing test; REDACTFS_SEED repeats a run."""
    seed = int(os.environ.get('REDACTFS_SEED') or random.SystemRandom().getrandbits(32))
    print(f'seed: REDACTFS_SEED={seed}')
    return random.Random(seed)
