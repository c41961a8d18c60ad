"""--help, the completion, the man page and the parser say the same: they come out of one table, or are
checked against it here."""
import re
import subprocess

import pytest

from redactfs import TOP, run

OPTION = re.compile(r'^  (?:-(\w), )?--([a-z-]+)(?: ([A-Z]+))?(?:  |$)', re.M)


def commands():
    text = run('--help', check=0).stdout.decode()
    return re.findall(r'^  ([a-z]+) {2,}\S', text, re.M)


def options(*command):
    """(letter, name, argument) of each option in a help text."""
    return OPTION.findall(run(*command, '--help', check=0).stdout.decode().split('\nmount options')[0])


def test_there_are_commands():
    assert {'init', 'import', 'mount', 'ls', 'erase', 'policy', 'redact'} <= set(commands())


@pytest.mark.parametrize('command', [[]] + [[c] for c in commands()])
def test_help_goes_to_stdout_and_fits(command):
    p = run(*command, '--help', check=0)
    text = p.stdout.decode()
    assert p.stderr == ''
    assert text.startswith('usage: redactfs ')
    assert text.endswith('\n')
    assert not [x for x in text.splitlines() if len(x) > 80 or x != x.rstrip()]
    # the last ones, in this order
    assert [o[1] for o in options(*command)][-1] == ('help' if command else 'version')


@pytest.mark.parametrize('command', commands())
def test_help_wins_over_what_is_missing(command):
    p = run(command, '--help', 'and', 'what', 'else', check=0)
    assert p.stdout and p.stderr == ''


@pytest.mark.parametrize('command', commands())
def test_the_parser_knows_what_help_shows(command):
    """An option with an argument wants it, one without takes none, and a letter is the same option."""
    for letter, name, arg in options(command):
        if name == 'help':
            continue
        if arg:
            p = run(command, f'--{name}', check=2)
            assert f"'--{name}' needs an argument" in p.stderr
            p = run(command, f'--{name}=', check=2)
            assert f"'--{name}' needs an argument" in p.stderr
            if letter:
                assert "needs an argument" in run(command, f'-{letter}', check=2).stderr
        else:
            p = run(command, f'--{name}=x', check=2)
            assert f"'--{name}' takes no argument" in p.stderr


@pytest.mark.parametrize('command', commands())
def test_an_option_given_twice(command):
    """Never the last one wins: which one was meant?"""
    for _, name, arg in options(command):
        if name in ('help', 'session', 'options', 'root'):
            continue
        p = run(command, *([f'--{name}', 'x'] if arg else [f'--{name}']) * 2, check=2)
        assert f"'--{name}' given twice" in p.stderr


def complete(*words):
    """What bash would offer for the last word."""
    script = run('completion', check=0).stdout.decode()
    script += '\nCOMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _redactfs; printf "%s\\n" "${COMPREPLY[@]}"\n'
    p = subprocess.run(['bash', '-c', script, 'bash', 'redactfs', *words], capture_output=True, text=True,
                       check=False, timeout=20)
    assert p.stderr == '' and p.returncode == 0
    return p.stdout.split()


def test_completion_of_commands():
    assert [w for w in complete('') if w[0] != '-'] == commands()
    assert complete('imp') == ['import']


@pytest.mark.parametrize('command', commands())
def test_completion_of_options(command):
    want = [w for letter, name, _ in options(command) for w in (f'--{name}', f'-{letter}' if letter else '') if w]
    assert complete(command, '-') == want


def man():
    text = (TOP / 'docs/man/redactfs.1').read_text('utf-8')
    return re.sub(r'\\f[A-Z]', '', text).replace('\\-', '-')


@pytest.mark.parametrize('command', commands())
def test_man_page_has_it(command):
    text = man()
    assert f'.SS {command}\n' in text
    for _, name, _ in options(command):
        assert re.search(rf'^\.[A-Z]+ .*--{name}\b', text, re.M), f'--{name} is not in the man page'


def test_man_page_invents_nothing():
    known = {name for c in [[]] + [[c] for c in commands()] for _, name, _ in options(*c)}
    assert set(re.findall(r'--([a-z][a-z-]+)', man())) <= known
    assert set(re.findall(r'^\.SS (\S+)$', man(), re.M)) <= set(commands())


def test_version():
    p = run('--version', check=0)
    assert re.fullmatch(rb'redactfs \d+\.\d+\.\d+\n', p.stdout)
