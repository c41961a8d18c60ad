"""Recordings made up on the spot, for tests of the mount: many, small, and each one's text known."""
import json

SITE = 'shop.example.com'
NOON = 1795867200000        # 2026-11-28 12:00 UTC
DAY = 86_400_000


def events(n, start, words=40):
    """A page with a paragraph that names its number, a form with an address typed into it, and some
    movement; the later ones differ in length and time."""
    text = ' '.join(f'paragraph{n}word{i}' for i in range(words))
    snapshot = {'type': 0, 'id': 1, 'childNodes': [
        {'type': 2, 'tagName': 'html', 'attributes': {}, 'id': 2, 'childNodes': [
            {'type': 2, 'tagName': 'body', 'attributes': {}, 'id': 3, 'childNodes': [
                {'type': 2, 'tagName': 'p', 'attributes': {}, 'id': 4,
                 'childNodes': [{'type': 3, 'textContent': text, 'id': 5}]},
                {'type': 2, 'tagName': 'input', 'id': 6, 'childNodes': [],
                 'attributes': {'type': 'email', 'name': 'email'}}]}]}]}
    out = [{'type': 4, 'timestamp': start,
            'data': {'href': f'https://shop.example.com/page/{n}', 'width': 1280, 'height': 720}},
           {'type': 2, 'timestamp': start + 10,
            'data': {'node': snapshot, 'initialOffset': {'top': 0, 'left': 0}}}]
    for i in range(8 + n % 5):
        out.append({'type': 3, 'timestamp': start + 1000 * (i + 1) + n,
                    'data': {'source': 1, 'positions': [{'x': i, 'y': n, 'id': 3, 'timeOffset': 0}]}})
    out.append({'type': 3, 'timestamp': start + 20_000 + n,
                'data': {'source': 5, 'id': 6, 'text': f'visitor{n}@mail.example', 'isChecked': False}})
    return out


def write(folder, n, start=None, words=40):
    """One recording as a file; its name says nothing."""
    folder.mkdir(exist_ok=True)
    f = folder / f'recording-{n}.json'
    f.write_text(json.dumps(events(n, NOON + 60_000 * n if start is None else start, words)))
    return f


def fill(store, folder, site, days=2, each=3, first=0, words=40):
    """Imports days * each recordings of one site, in one import."""
    files = [write(folder, first + d * each + i, NOON + DAY * d + 60_000 * i + first * 7, words)
             for d in range(days) for i in range(each)]
    store.import_(*files, site=site)
    return files
