"""Fixtures of the tests that drive the program; tests/lib has the code."""
import functools
import os
import random
import sys
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).parent / d) for d in ('lib', 'independent')]
sys.dont_write_bytecode = True

import corpus  # noqa: E402
import made  # noqa: E402
import redactfs  # noqa: E402


@pytest.fixture(scope='session', autouse=True)
def no_mount_is_left(tmp_path_factory):
    yield
    base = tmp_path_factory.getbasetemp()   # of this process, where there are several
    left = redactfs.mounts(under=base)
    for where in left:
        redactfs.detach(where)
    assert not left, f'mounts left behind: {left}'


@pytest.fixture(scope='session')
def fuse(no_mount_is_left):
    """Whatever mounts depends on this one, so that all of it ends before what is left is counted."""
    why = redactfs.fuse_usable()
    if why:
        if os.environ.get('REDACTFS_REQUIRE_FUSE'):
            pytest.fail(f'nothing can be mounted: {why}')
        pytest.skip(f'nothing can be mounted: {why}')


@pytest.fixture(scope='session')
def empty_store(tmp_path_factory):
    """Made once (scrypt is slow on purpose); tests get copies."""
    return redactfs.Store(tmp_path_factory.mktemp('template') / 'store').init()


@pytest.fixture(scope='session')
def made_store(empty_store, tmp_path_factory):
    """made_store(days=2, each=6): a store with that many small recordings of one site (made.SITE), imported once for all
    tests that want the same. Tests get copies."""
    @functools.cache
    def make(**how):
        base = tmp_path_factory.mktemp('made')
        filled = empty_store.copy(base / 'store')
        made.fill(filled, base / 'in', made.SITE, **how)
        return filled
    return make


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


class MountedCorpus:
    """Every recording, each under a site of its own, imported under one policy and mounted."""

    def __init__(self, store, ini):
        self.store, self.ini = store, ini
        self.imports = {}

    @staticmethod
    def site(rec):
        return f'{rec.name}.corpus.example'

    def import_all(self, recs):
        for rec in recs:
            if self.ini:
                self.store.policy(self.site(rec), self.ini)
            self.imports[rec.name] = self.store.import_(*rec.files, site=self.site(rec), check=None)

    def file(self, rec):
        p = self.imports[rec.name]
        assert p.returncode == 0, f'import of {rec.name}: {p.returncode}\n{p.stderr}'
        return self.mount.session(self.site(rec)) / 'events.json'


POLICIES = {'default': None, 'forms-off': '[record]\nforms = off\n'}


@pytest.fixture(scope='session')
def corpora(fuse, empty_store, tmp_path_factory):
    """{policy: MountedCorpus}, mounted for the whole run."""
    made = {}
    base = tmp_path_factory.mktemp('corpora')
    for policy, ini in POLICIES.items():
        made[policy] = MountedCorpus(empty_store.copy(base / policy), ini)
        made[policy].import_all(corpus.recordings())
    with made['default'].store.mount(base / 'default.mnt', limit=3600) as a, \
            made['forms-off'].store.mount(base / 'forms-off.mnt', limit=3600) as b:
        made['default'].mount, made['forms-off'].mount = a, b
        yield made


@pytest.fixture(scope='session')
def opened(corpora):
    """{policy: the same stores, opened by the second reader}."""
    import decrypt
    return {policy: decrypt.Store(c.store.path, {c.store.operator: c.store.passphrase})
            for policy, c in corpora.items()}


@pytest.fixture(scope='session')
def public_mount(fuse, empty_store, tmp_path_factory):
    """(imports by file name, their mount) of the recordings of other projects."""
    if not corpus.public():
        pytest.skip('no recordings of other projects beside the checkout')
    base = tmp_path_factory.mktemp('public')
    store = empty_store.copy(base / 'store')
    made = {p.name: store.import_(p, site=f'{p.stem}.public.example', check=None)
            for p in corpus.public()}
    with store.mount(base / 'mnt', limit=3600) as m:
        yield made, m
