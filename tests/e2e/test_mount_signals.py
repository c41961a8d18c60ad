"""A daemon that is sent a signal unmounts or goes on: only SIGKILL and a crash leave a dead mount behind."""
import json
import os
import signal
import subprocess
import time

import pytest

import redactfs
from redactfs import wait_until

ENDING = ['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGXCPU']
IGNORED = ['SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGPIPE', 'SIGALRM', 'SIGVTALRM', 'SIGPROF', 'SIGXFSZ', 'SIGIO', 'SIGPWR',
           'SIGSTKFLT', 'SIGTTIN', 'SIGTTOU', 'SIGRTMIN', 'SIGRTMAX']


@pytest.fixture(scope='module')
def template(made_store):
    return made_store(days=1, each=3)


@pytest.mark.parametrize('name', ENDING)
@pytest.mark.parametrize('options', [[], ['erase=intent']])
def test_it_unmounts(template, mnt, tmp_path, name, options):
    """As umount does: with status 0, and what erase=intent has left to do is done."""
    store = template.copy(tmp_path / 'store')
    with store.mount(mnt, options=options) as m:
        a, *rest = m.sessions()
        os.unlink(a / 'events.json')
        m.proc.send_signal(getattr(signal, name))
        assert m.wait() == 0
        assert str(mnt) not in redactfs.mounts() and os.listdir(mnt) == []
        assert m.stderr() == ''
    assert len(json.loads(store.cli('ls', '--format=json', check=0).stdout)) == len(rest)
    assert os.listdir(store.path / 'mounts') == []


def test_it_goes_on(template, mnt):
    """A reader notices nothing, however many there are."""
    with template.mount(mnt) as m:
        f = m.sessions()[0] / 'events.json'
        text = f.read_bytes()
        for name in IGNORED * 3:
            m.proc.send_signal(getattr(signal, name))
            with open(f, 'rb') as again:
                assert again.read() == text, name
            assert m.proc.poll() is None, name
        assert len(m.sessions()) == 3 and m.stderr() == ''


@pytest.mark.parametrize('name', ENDING)
def test_it_unmounts_what_has_only_just_been_mounted(template, mnt, tmp_path, name):
    """Before it has answered anybody: the audit log is being written then."""
    store = template.copy(tmp_path / 'store')
    for _ in range(3):
        mnt.mkdir(exist_ok=True)
        p = subprocess.Popen([redactfs.binary(), 'mount', store.path, mnt, '-f', '--passphrase-file', store.passfile],
                             stderr=subprocess.PIPE)
        try:
            end = time.monotonic() + 60
            while str(mnt) not in redactfs.mounts():
                assert p.poll() is None and time.monotonic() < end
            p.send_signal(getattr(signal, name))
            _, err = p.communicate(timeout=60)
            assert (p.returncode, err) == (0, b'')
            assert str(mnt) not in redactfs.mounts()
        finally:
            p.kill()
            p.wait()
            if str(mnt) in redactfs.mounts():
                redactfs.detach(mnt)


def test_the_background_daemon(template, mnt, tmp_path):
    """The same in its own session, where nobody looks at it."""
    store = template.copy(tmp_path / 'store')
    mnt.mkdir()
    store.cli('mount', mnt, check=0)
    pid = None
    try:
        pid = next(int(p) for p in os.listdir('/proc') if p.isdigit() and str(mnt).encode() in
                   redactfs.Path(f'/proc/{p}/cmdline').read_bytes().split(b'\0'))
        for name in IGNORED:
            os.kill(pid, getattr(signal, name))
            assert os.listdir(mnt), name
        os.kill(pid, signal.SIGQUIT)
        wait_until('unmounted', lambda: str(mnt) not in redactfs.mounts())
    finally:
        if str(mnt) in redactfs.mounts():
            os.kill(pid, signal.SIGKILL)
            redactfs.detach(mnt)
