"""The engine as a filter, with all detectors and taint, beside jq's plain reformatting of the same text.

The large recording has a token every six bytes, as dense as they get. It is measured as it is, and as a session
several times as long, where start-up doesn't count."""
import gzip
import json
import os
import subprocess

TIMES = 8


def longer(events, times):
    """The same session, over and over, each time later."""
    span = events[-1]['timestamp'] - events[0]['timestamp'] + 1000
    for i in range(times):
        for e in events:
            yield json.dumps({**e, 'timestamp': e['timestamp'] + i * span}, ensure_ascii=False, separators=(',', ':'))


def cost(b, text):
    """(CPU seconds, bytes of memory) of redacting it once: what others do on the machine counts for neither."""
    with open(text, 'rb') as i:
        p = subprocess.Popen([b.redactfs, 'redact'], stdin=i, stdout=subprocess.DEVNULL)
        _, status, used = os.wait4(p.pid, 0)
    p.returncode = os.waitstatus_to_exitcode(status)
    if p.returncode:
        raise RuntimeError(f'redact ended with {p.returncode}')
    return used.ru_utime + used.ru_stime, used.ru_maxrss * 1024


def measure(b, text, runs):
    size = text.stat().st_size
    mb = size / 1e6
    ours, jq = b.alternate(f'{b.redactfs} redact <{text}', f'jq -c . <{text}', runs=runs)
    b.ratio(f'redact {mb:.0f} MB', [mb / s for s in ours], [mb / s for s in jq], 'jq -c .', goal=5, better='higher',
            unit='MB/s')
    costs = [cost(b, text) for _ in range(1 if b.quick else runs)]
    b.value(f'redact {mb:.0f} MB, by CPU time', [mb / cpu for cpu, _ in costs], 'MB/s', goal=100, better='higher')
    b.value(f'redact {mb:.0f} MB, memory by its size', [rss / size for _, rss in costs], 'x', goal=5, better='lower')


def run(b):
    packed = b.top / 'tests/data/recordings/large-dashboard.json.gz'
    text, long = b.work / 'large.json', b.work / 'longer.json'
    with gzip.open(packed) as f:
        data = f.read()
    text.write_bytes(data)
    measure(b, text, runs=7)
    if not b.quick:
        long.write_text('[' + ',\n'.join(longer(json.loads(data), TIMES)) + ']', encoding='utf-8')
        measure(b, long, runs=3)
