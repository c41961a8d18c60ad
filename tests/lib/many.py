"""Stores of many small sessions whose login is cheap: made by tests/bench/many."""
import subprocess
from pathlib import Path

import redactfs


def a_store(path, sessions, days=2):
    store = redactfs.Store(path).write_passfile()
    program = Path(redactfs.binary()).resolve().parents[2] / 'tests/bench/many'
    subprocess.run([program, store.path, str(sessions), '--days', str(days), '--passphrase-file', store.passfile],
                   check=True, stdout=subprocess.DEVNULL)
    return store
