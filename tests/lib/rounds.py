"""Rounds of mixed import, reading and erasing that end with kill -9 at a random moment, and what must hold after each.

For each session it is known whether its import was reported, whether its erasure was asked for, and whether that was
reported. After a round the store is opened (which completes what was intended) and must show every reported session that
nobody asked to erase, byte for byte, none that was reported erased, and nothing in part.
"""
import hashlib
import json
import os
import signal
import subprocess
import threading
import time

import decrypt
import made
import redactfs
from many import a_store


def digest(data):
    return hashlib.sha256(data).hexdigest()


class Rounds:
    def __init__(self, folder, rng, sessions=60):
        self.folder, self.rng = folder, rng
        self.store = a_store(folder / 'store', sessions)
        self.text = {}          # path in the mount: hash of its events.json
        self.asked, self.gone = set(), set()
        self.imports = 0        # recordings made
        self.round = self.kills = 0
        self.look()
        assert len(self.text) == sessions

    # ---- what must hold

    def look(self):
        """Opens the store and takes over what is there, after judging it."""
        # by signal: whatever walks about in /tmp just then can't make it busy
        with self.store.mount(self.folder / f'look{self.round}', how='term') as m:
            there = {str(s.relative_to(m.path)): digest((s / 'events.json').read_bytes()) for s in m.sessions()}
            status = json.loads((m / '.redactfs/status.json').read_text())
        os.rmdir(self.folder / f'look{self.round}')
        assert status['pending_erasures'] == 0, 'intents end'
        assert status['sessions'] == len(there)
        lost = set(self.text) - set(there) - self.asked
        assert not lost, f'lost: {lost}'
        back = set(there) & self.gone
        assert not back, f'came back: {back}'
        changed = {p for p in self.text if there.get(p, self.text[p]) != self.text[p]}
        assert not changed, f'changed: {changed}'
        # what was asked for is over, one way or the other
        self.gone |= self.asked - set(there)
        self.text, self.asked = there, set()

    def check_all(self):
        """By the second reader: every key, every row, every blob, the audit log."""
        s = decrypt.Store(self.store.path, {self.store.operator: self.store.passphrase})
        assert len(s.sessions) == len(self.text) == len(s.kids) and not s.rows['intent']
        for x in s.sessions:
            x.rendering()
        s.verify_audit()

    # ---- one round

    def _import(self, procs):
        files = []
        for _ in range(self.rng.randint(1, 4)):
            self.imports += 1
            files.append(made.write(self.folder / 'new', 10_000 + self.imports, words=self.rng.choice([5, 2000])))
        procs.append(subprocess.Popen(
            [redactfs.binary(), 'import', self.store.path, '--passphrase-file', self.store.passfile,
             '--site', 'new.example.org', '--', *files], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))

    def _erase_by_command(self, m, procs, left):
        chosen = [left.pop() for _ in range(min(len(left), self.rng.randint(1, 5)))]
        self.asked.update(chosen)
        procs.append(subprocess.Popen(
            [redactfs.binary(), 'erase', self.store.path, '--passphrase-file', self.store.passfile, '--session',
             *chosen, '--yes', '--reason', 'soak'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))

    def _reader(self, m, stop):
        paths = list(self.text)
        while not stop.is_set():
            try:
                (m / paths[hash(time.monotonic()) % len(paths)] / 'events.json').read_bytes()
            except OSError:
                pass            # erased, or the daemon is gone

    def _unlinker(self, m, stop, left, report):
        while left and not stop.is_set():
            p = left.pop()
            self.asked.add(p)
            try:
                os.unlink(m / p / 'events.json')
                report.add(p)
            except OSError:
                pass

    def one(self):
        rng = self.rng
        self.round += 1
        mode = rng.choice(['sync', 'intent'])
        m = self.store.mount(self.folder / f'm{self.round}', options=[f'erase={mode}']).start()
        procs, stop, report = [], threading.Event(), set()
        left = rng.sample(sorted(self.text), min(len(self.text) // 2, 12))
        by_command = [left.pop() for _ in range(len(left) // 2)]
        threads = [threading.Thread(target=self._reader, args=(m, stop)),
                   threading.Thread(target=self._unlinker, args=(m, stop, left, report))]
        try:
            if rng.random() < 0.8 or len(self.text) < 30:
                self._import(procs)
            if by_command and rng.random() < 0.7:
                self._erase_by_command(m, procs, by_command)
            time.sleep(rng.uniform(0, 0.1))
            for t in threads:
                t.start()
            time.sleep(rng.uniform(0, 0.5) ** 1.5)
            # some of them, in some order; the others go on for a while
            victims = [*procs, m.proc]
            rng.shuffle(victims)
            for p in victims[:rng.randint(1, len(victims))]:
                p.send_signal(signal.SIGKILL)
                self.kills += 1
            if rng.random() < 0.5:
                time.sleep(rng.uniform(0, 0.1))
            for p in victims:
                p.kill()
        finally:
            stop.set()
            m.kill()
            for t in threads:
                if t.ident:
                    t.join()
            for p in procs:
                p.kill()
                p.wait()
            m._err.close()
        os.rmdir(m.path)
        self.gone |= report
        self.asked -= report
        for p in report:
            self.text.pop(p, None)
        self.look()
