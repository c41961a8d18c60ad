"""What the tests with a browser need: Chromium, and the tools that drive it with their packages."""
import os
import shutil
import subprocess

import pytest

from redactfs import TESTS

TOOL = TESTS / 'tools/replay-check'


@pytest.fixture(scope='session')
def browser_tool():
    """The folder of the tools that node runs."""
    for program in ('node', 'npm', 'chromium'):
        if not (shutil.which(program) or program == 'chromium' and os.environ.get('CHROMIUM')):
            pytest.skip(f'no {program} (scripts/deps --test)')
    if not (TOOL / 'node_modules/rrweb').is_dir():
        p = subprocess.run(['npm', 'ci', '--no-audit', '--no-fund', '--ignore-scripts'], cwd=TOOL,
                           capture_output=True, text=True, timeout=300, check=False)
        assert p.returncode == 0, p.stderr
    return TOOL
