"""redactfs notice: what visitors are told, from the command and from a mount."""
import os
import re

import pytest

import made

SITE = 'shop.example.com'
LANGS = ('en', 'pl', 'cs', 'sk', 'de', 'fr', 'es', 'it', 'nl', 'pt')
POLICY = '[site]\ncontroller = Bramble & Söhne s.r.o.\nretention = 90d\n'


@pytest.fixture
def site(store, tmp_path):
    made.fill(store, tmp_path / 'a', SITE, days=1, each=1)
    store.policy(SITE, POLICY)
    return store


def notice(store, *args, **kw):
    return store.cli('notice', SITE, *args, check=0, **kw).stdout.decode()


@pytest.mark.parametrize('lang', LANGS)
def test_says_who_how_long_and_what(site, lang):
    text = notice(site, '--lang', lang)
    assert text.count('Bramble & Söhne s.r.o.') == 2 and SITE in text and '90' in text
    assert not re.search(r'[{}]|  ', text) and text.endswith('.\n')
    assert len(text.split('\n\n')) == 5 and len({notice(site, '--lang', n) for n in ('en', lang)}) == 1 + (lang != 'en')


def test_follows_the_policy(site):
    sealed = notice(site)
    assert 'authorised person' in sealed and 'are hidden' in sealed and '90 days' in sealed
    site.policy(SITE, POLICY.replace('90d', '1d') + '[record]\nforms = off\n')
    off = notice(site)
    assert 'What you enter into forms is not recorded.' in off and '1 day after' in off
    site.policy(SITE, POLICY.replace('retention = 90d\n', '') + '[record]\nforms = show\nphones = show\n')
    shown = notice(site)
    assert 'is recorded too' in shown and 'are hidden' not in shown and 'no fixed period' in shown
    for text in (sealed, off, shown):
        assert 'Passwords, card numbers, security codes and one-time codes are never kept' in text


def test_what_a_notice_needs(store, site):
    p = store.cli('notice', 'other.example.com', check=18)
    assert 'names no controller' in p.stderr and p.stdout == b''
    p = site.cli('notice', SITE, '--lang', 'tlh', check=2)
    assert "no notice in 'tlh'" in p.stderr and 'cs, sk, de' in p.stderr
    site.cli('notice', '../x', check=18)
    assert 'legal basis' in site.cli('notice', SITE, check=0).stderr


def test_on_a_mount(site, mnt, tmp_path):
    made.fill(site, tmp_path / 'b', 'app.example.org', days=1, each=1, first=50)
    with site.mount(mnt) as m:
        folder = m / '.redactfs/notice'
        assert sorted(os.listdir(folder)) == sorted(f'{SITE}.{n}.txt' for n in LANGS), 'of sites that name a controller'
        for n in LANGS:
            f = folder / f'{SITE}.{n}.txt'
            assert f.read_text() == notice(site, '--lang', n) and f.stat().st_size == len(f.read_bytes())
        for name in (f'{SITE}.txt', f'{SITE}.xx.txt', 'app.example.org.en.txt', f'{SITE}.en.txt.txt', '.txt', 'en.txt'):
            assert not (folder / name).exists()
        site.policy(SITE, POLICY.replace('90d', '30d'))
        assert '30 days' in (folder / f'{SITE}.en.txt').read_text()
        with pytest.raises(PermissionError):
            os.unlink(folder / f'{SITE}.en.txt')
