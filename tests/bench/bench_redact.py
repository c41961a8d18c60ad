"""The engine as a filter, with all detectors and taint, beside jq's plain reformatting of the same text."""
import gzip
import shutil


def run(b):
    packed = b.top / 'tests/data/recordings/large-dashboard.json.gz'
    text = b.work / 'large.json'
    with gzip.open(packed) as i, open(text, 'wb') as o:
        shutil.copyfileobj(i, o)
    mb = text.stat().st_size / 1e6
    ours, jq = b.alternate(f'{b.redactfs} redact <{text}', f'jq -c . <{text}', runs=7)
    b.ratio(f'redact {mb:.0f} MB', [mb / s for s in ours], [mb / s for s in jq], 'jq -c .', goal=5, better='higher',
            unit='MB/s')
    b.value(f'redact {mb:.0f} MB, absolute', [mb / s for s in ours], 'MB/s', goal=100, better='higher')
