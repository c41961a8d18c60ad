"""Where passphrases come from, and what a terminal sees of them."""
import os
import pty
import select
import signal
import subprocess
import termios
import time

import pytest

import redactfs
from redactfs import OPERATOR, PASSPHRASE, TIMEOUT, binary, run


class Terminal:
    """The program on a terminal of its own, as its session's leader."""

    def __init__(self, *args):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.pop('CREDENTIALS_DIRECTORY', None)
            signal.signal(signal.SIGINT, signal.SIG_DFL)    # a test run of several processes ignores it
            os.execv(binary(), [binary(), *map(str, args)])
        self.seen = b''

    def expect(self, what):
        end = time.monotonic() + TIMEOUT
        while what.encode() not in self.seen:
            assert select.select([self.fd], [], [], max(0, end - time.monotonic()))[0], self.seen
            try:
                self.seen += os.read(self.fd, 4096)
            except OSError:         # the other side has closed it
                raise AssertionError(f'ended before {what!r}: {self.seen}') from None
        self.seen = self.seen[self.seen.index(what.encode()) + len(what):]

    def echo(self):
        return bool(termios.tcgetattr(self.fd)[3] & termios.ECHO)

    def type(self, text):
        os.write(self.fd, text.encode())

    def end(self):
        """Exit status (negative: the signal) and the rest of what was shown."""
        rest = self.seen
        while True:
            try:
                more = os.read(self.fd, 4096)
            except OSError:
                break
            if not more:
                break
            rest += more
        _, status = os.waitpid(self.pid, 0)
        os.close(self.fd)
        return os.waitstatus_to_exitcode(status), rest.decode()


@pytest.fixture(autouse=True)
def no_credentials(monkeypatch):
    monkeypatch.delenv('CREDENTIALS_DIRECTORY', raising=False)
    monkeypatch.delenv('REDACTFS_OPERATOR', raising=False)


def detached(*args, **kw):
    """Without a controlling terminal, as under cron."""
    return run(*args, prefix=['setsid', '-w'], **kw)


def test_file(store):
    store.cli('ls', check=0)
    store.passfile.write_text(PASSPHRASE)           # no line end
    store.cli('ls', check=0)
    store.passfile.write_text(PASSPHRASE + '\r\n')
    store.cli('ls', check=0)


@pytest.mark.parametrize('text, code', [
    ('', 10), ('\n', 10), (PASSPHRASE + '\nmore\n', 10), (PASSPHRASE + '\n\n', 10), ('x\0y\n', 10),
    (PASSPHRASE + ' \n', 10), (' ' + PASSPHRASE, 10), ('x' * 1025, 15), ('x' * 100000, 15),
])
def test_bad_file(store, text, code):
    before = store.digest()
    store.passfile.write_text(text)
    p = store.cli('ls', check=code)
    assert p.stdout == b'' and len(p.stderr.splitlines()) <= 2
    assert store.digest() == before


def test_descriptor(store):
    r, w = os.pipe()
    os.write(w, (PASSPHRASE + '\nnot mine').encode())
    os.close(w)
    p = subprocess.run([binary(), 'ls', store.path, '--passphrase-fd', str(r)], pass_fds=[r], timeout=TIMEOUT,
                       capture_output=True, check=False)
    assert p.returncode == 0, p.stderr
    assert os.read(r, 100) == b'not mine', 'what follows the line belongs to somebody else'
    os.close(r)


def test_standard_input_as_descriptor(store):
    run('ls', store.path, '--passphrase-fd', '0', stdin=(PASSPHRASE + '\n').encode(), check=0)
    run('ls', store.path, '--passphrase-fd', '99', check=1)


def test_passphrase_and_recording_from_one_stream(store):
    event = '{"type":4,"timestamp":1790000000000,"data":{"href":"https://a.example/","width":1,"height":1}}'
    text = f'{PASSPHRASE}\n[{event},{event.replace("0000}", "0001}")}]'
    p = run('import', store.path, '--passphrase-fd', '0', '--site', 'a.example', '-', stdin=text.encode(), check=0)
    assert p.stdout == b'stored 1, same 0, erased before 0, refused 0 (of 1)\n'


def test_credential(store, tmp_path):
    folder = tmp_path / 'credentials'
    folder.mkdir()
    detached('ls', store.path, env={'CREDENTIALS_DIRECTORY': str(folder)}, check=10)
    (folder / 'redactfs.passphrase').write_text(PASSPHRASE + '\n')
    detached('ls', store.path, env={'CREDENTIALS_DIRECTORY': str(folder)}, check=0)
    # what is said on the command line counts more
    (folder / 'redactfs.passphrase').write_text('something else altogether\n')
    store.cli('ls', env={'CREDENTIALS_DIRECTORY': str(folder)}, check=0)


def test_nothing_to_ask(store):
    p = detached('ls', store.path, check=10)
    assert 'no terminal' in p.stderr and 'hint: ' in p.stderr and '--passphrase-file' in p.stderr


def test_who(store):
    store.cli('ls', '--as', OPERATOR, check=0)
    store.cli('ls', env={'REDACTFS_OPERATOR': OPERATOR}, check=0)
    store.cli('ls', env={'REDACTFS_OPERATOR': ''}, check=0)
    store.cli('ls', env={'REDACTFS_OPERATOR': 'nobody@store.example'}, check=10)
    store.cli('ls', '--as', OPERATOR, env={'REDACTFS_OPERATOR': 'nobody@store.example'}, check=0)


# ---- on a terminal

def test_terminal(store):
    t = Terminal('ls', store.path)
    t.expect('passphrase: ')
    assert not t.echo()
    t.type(PASSPHRASE + '\n')
    status, rest = t.end()
    assert status == 0 and PASSPHRASE not in rest


def test_terminal_names_the_operator(store):
    t = Terminal('ls', store.path, '--as', OPERATOR)
    t.expect(f'passphrase of {OPERATOR}: ')
    t.type('kumquat\n')
    status, rest = t.end()
    assert status == 10 and 'kumquat' not in rest


def test_init_asks_twice(tmp_path):
    t = Terminal('init', tmp_path / 'store', '--operator', OPERATOR)
    t.expect(f'new passphrase of {OPERATOR}: ')
    t.type(PASSPHRASE + '\n')
    t.expect('again: ')
    assert not t.echo()
    t.type(PASSPHRASE + '\n')
    status, rest = t.end()
    assert status == 0 and PASSPHRASE not in rest
    redactfs.Store(tmp_path / 'store').write_passfile().cli('ls', check=0)


def test_init_with_two_different_ones(tmp_path):
    t = Terminal('init', tmp_path / 'store', '--operator', OPERATOR)
    t.expect('new passphrase')
    t.type(PASSPHRASE + '\n')
    t.expect('again: ')
    t.type(PASSPHRASE + 'x\n')
    status, rest = t.end()
    assert status == 18 and 'differ' in rest and not (tmp_path / 'store').exists()


def test_interrupted(store):
    """^C at the prompt ends it, as everywhere, and the terminal echoes again."""
    before = store.digest()
    t = Terminal('ls', store.path)
    t.expect('passphrase: ')
    t.type('half a passph\x03')
    t.expect('\n')
    status, _ = t.end()
    assert status == -signal.SIGINT
    assert store.digest() == before


def test_nothing_typed(store):
    t = Terminal('ls', store.path)
    t.expect('passphrase: ')
    t.type('\x04')
    status, rest = t.end()
    assert status == 10 and 'empty' in rest
