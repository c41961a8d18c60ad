"""replay.html off a mount in a real browser: it plays, it shows what events.json shows, it asks nobody for anything."""
import http.server
import json
import subprocess
import threading

import pytest

import corpus
import made

HOSTILE = '</plaintext></script><!--<script>--><script>document.title="out"</script><img src=x onerror=document.title="out">'


@pytest.fixture(scope='session')
def open_pages(browser_tool):
    def run(*files):
        p = subprocess.run(['node', str(browser_tool / 'open-page.mjs'), *map(str, files)], capture_output=True, text=True,
                           timeout=600, check=False)
        assert p.returncode == 0, p.stderr
        return [json.loads(line) for line in p.stdout.splitlines()]
    return run


def snapshot(body, start=made.NOON):
    """Events of a page with these nodes in its body."""
    node = {'type': 0, 'id': 1, 'childNodes': [
        {'type': 2, 'tagName': 'html', 'attributes': {}, 'id': 2, 'childNodes': [
            {'type': 2, 'tagName': 'body', 'attributes': {}, 'id': 3, 'childNodes': body}]}]}
    return [{'type': 4, 'timestamp': start, 'data': {'href': 'https://shop.example.com/', 'width': 1280, 'height': 720}},
            {'type': 2, 'timestamp': start + 10, 'data': {'node': node, 'initialOffset': {'top': 0, 'left': 0}}},
            {'type': 3, 'timestamp': start + 5000, 'data': {'source': 1, 'positions': [{'x': 5, 'y': 5, 'id': 3, 'timeOffset': 0}]}}]


def element(n, tag, text='', **attributes):
    return {'type': 2, 'tagName': tag, 'attributes': attributes, 'id': n,
            'childNodes': [{'type': 3, 'textContent': text, 'id': n + 500}] if text else []}


def imported(store, tmp_path, events):
    f = tmp_path / 'recording.json'
    f.write_text(json.dumps(events))
    store.import_(f, site='shop.example.com')


def test_recordings_play(store, mnt, open_pages):
    recs = [r for r in corpus.recordings() if len(r.files) == 1 and r.name in (
        'account-settings', 'chat-widget', 'legacy-v1-shop', 'login-2fa', 'large-dashboard')]
    assert len(recs) == 5
    for r in recs:
        store.import_(*r.files, site=f'{r.name}.example.com')
    with store.mount(mnt) as m:
        played = open_pages(*(m.session(f'{r.name}.example.com') / 'replay.html' for r in recs))
    for r, p in zip(recs, played):
        assert p['note'] is None and p['moved'], r.name
        assert not p['errors'] and not p['requests'], r.name
    text = {r.name: p['text'] for r, p in zip(recs, played)}
    assert '[email]' in text['account-settings'] and 'Save changes' in text['account-settings']
    assert '[secret]' in text['login-2fa'] and 'INV-2026-0117' in text['login-2fa']


def test_nothing_gets_out_of_a_recording(store, mnt, tmp_path, open_pages):
    asked = []

    class Server(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        at = f'http://127.0.0.1:{server.server_port}'
        imported(store, tmp_path, snapshot([
            element(10, 'p', HOSTILE), element(11, 'img', src=f'{at}/img'), element(12, 'link', rel='stylesheet', href=f'{at}/css'),
            element(13, 'style', f'@import "{at}/import"; body {{ background: url({at}/background) }}'
                                 f'@font-face {{ font-family: f; src: url({at}/font) }} p {{ font-family: f }}'),
            element(14, 'iframe', src=f'{at}/frame', rr_src=f'{at}/rr-frame'), element(15, 'video', src=f'{at}/video', autoplay=''),
            element(16, 'object', data=f'{at}/object'), element(17, 'embed', src=f'{at}/embed'),
            element(18, 'meta', **{'http-equiv': 'refresh', 'content': f'0;url={at}/refresh'}),
            element(19, 'base', href=f'{at}/'), element(20, 'img', srcset=f'{at}/srcset 2x'),
            element(21, 'link', rel='preload', href=f'{at}/preload', **{'as': 'image'}), element(22, 'link', rel='prefetch', href=f'{at}/prefetch'),
            element(23, 'img', src='x', onerror=f'fetch("{at}/handler")'), element(24, 'iframe', srcdoc=f'<img src="{at}/srcdoc">'),
        ]))
        with store.mount(mnt) as m:
            page, = open_pages(m.session() / 'replay.html')
    finally:
        server.shutdown()
        server.server_close()
    assert not asked
    assert page['moved'] and page['title'] == 'Session recording'
    assert 'document.title="out"' in page['text'], 'as text'


def test_what_cannot_be_played_says_so(store, mnt, tmp_path, open_pages):
    events = snapshot([element(10, 'p', 'a page')])
    imported(store, tmp_path, [events[0], events[2]])
    with store.mount(mnt) as m:
        s = m.session()
        no_picture, = open_pages(s / 'replay.html')
        cut = tmp_path / 'cut.html'
        cut.write_bytes((s / 'replay.html').read_bytes()[:-10])
    assert 'no picture of a page' in no_picture['note']
    assert 'cut short' in open_pages(cut)[0]['note']
