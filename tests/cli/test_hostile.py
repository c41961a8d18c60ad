"""Recordings made to hurt: each is redacted as it should be, or refused with a message that names what and where.

What is quadratic in any of these takes many minutes at these sizes, so the time-out of every command (TIMEOUT) is what
shows it; nothing here is measured.
"""
import json
import os
import subprocess
import threading

import pytest

from redactfs import SUSPICIOUS, TIMEOUT, binary

T0 = 1790000000000
SANITIZED = 'san' in os.environ.get('REDACTFS_BIN', '')    # everything takes several times as long
N = 4000 if SANITIZED else 20000
DEEP = N // 2                   # for shapes that selectors work on as much as they may
POLICY = """[select]
block = [data-x] b, .q #w p, [data-y=z] > i p
mask = a b c, [title] u
unmask = .pub b
"""
SECRET = 'correct-horse-7-staple'


def event(kind, data, at=0):
    return f'{{"type":{kind},"data":{data},"timestamp":{T0 + at}}}'


def element(tag, node, attributes='{}', children=''):
    return f'{{"type":2,"tagName":"{tag}","attributes":{attributes},"childNodes":[{children}],"id":{node}}}'


def text(value, node):
    return f'{{"type":3,"textContent":"{value}","id":{node}}}'


def page(body=''):
    html = element('html', 2, '{}', element('body', 3, '{}', body))
    return event(2, f'{{"node":{{"type":0,"childNodes":[{html}],"id":1}},"initialOffset":{{"left":0,"top":0}}}}')


def adds(nodes, at=1):
    """nodes: (parent, node) pairs."""
    adds = ','.join(f'{{"parentId":{p},"nextId":null,"node":{n}}}' for p, n in nodes)
    return event(3, f'{{"source":0,"texts":[],"attributes":[],"removes":[],"adds":[{adds}]}}', at)


def typed(node, value, at=1):
    return event(3, f'{{"source":5,"text":{json.dumps(value)},"isChecked":false,"id":{node}}}', at)


def shows(value, at=2):
    return adds([(3, text(value, 9))], at)


def many(n, item, sep=','):
    return sep.join(item(i) for i in range(n))


# name: the events; a password field and its value come with each
SHAPES = {
    'a chain of parents': lambda: [adds((i + 3 if i else 3, element('b', i + 4)) for i in range(DEEP))],
    'a ring of parents': lambda: [adds(((i + 1) % DEEP + 100, element('b', i + 100)) for i in range(DEEP))],
    'one id, many parents': lambda: [adds((3 + i % 7, element('b', 10)) for i in range(N))],
    'two nodes, each the parent of the other': lambda: [
        adds((100 + i % 2, element('b', 100 + (i + 1) % 2)) for i in range(N))],
    'negative ids': lambda: [adds((-i, element('b', -i - 1)) for i in range(DEEP))],
    'ids far apart': lambda: [adds((3, element('b', i * 0x1000003 % (1 << 52))) for i in range(N))],
    'a million nodes': lambda: [page(many(50 * N, lambda i: element('p', 100 + i)))],
    'many labels for many inputs of one id': lambda: [page(
        many(N, lambda i: element('label', 100 + 2 * i, '{"for":"x"}', text('Name', 101 + 2 * i))) + ',' +
        many(N, lambda i: element('input', 100 + 2 * N + i, '{"id":"x"}')))],
    'a label of megabytes': lambda: [page(element('label', 100, '{}', text('\\n' * 1000000, 101) + ',' +
                                                  many(N, lambda i: element('input', 102 + i))))],
    'attributes by the ten thousand': lambda: [page(element(
        'div', 100, '{%s}' % many(N, lambda i: f'"data-a{i}":"x"'), many(N, lambda i: element('b', 101 + i))))],
    'an attribute that changes all the time': lambda: [
        page(element('div', 100, '{}', many(N, lambda i: element('b', 101 + i)))),
        event(3, '{"source":0,"texts":[],"removes":[],"adds":[],"attributes":[%s]}'
              % many(N, lambda i: f'{{"id":100,"attributes":{{"data-k":"{i}"}}}}'))],
    'a large page, then many empty ones': lambda: [page(many(N, lambda i: element('p', 100 + i)))] + [page()] * N,
    'numbers that begin alike': lambda: [typed(100 + i, f'1111111{i:07}') for i in range(N)] +
                                        [shows(' x '.join(f'11111119{i:06}' for i in range(N)))],
    'a number of megabytes in a text': lambda: [typed(100, '11111111'), shows('1' * 2000000)],
    'digits and spaces': lambda: [typed(100, '11111111'), shows('1 ' * 1000000)],
    'a value that nearly matches everywhere': lambda: [typed(100, 'a' * 95 + 'b'), shows('a' * 500000)],
    'parameters without an end': lambda: [shows('password=' * 300000)],
    'encodings in encodings': lambda: [shows('%25' * 500000), shows('&amp;' * 300000), shows('\\\\' * 500000),
                                       shows('QUJDREVGR0hJSktM' * 50000)],
    'brackets in a string': lambda: [shows('[' * 1000000), shows('{\\"a\\":' * 200000)],
    'what might be something': lambda: [shows('a@' * 500000), shows('1:' * 500000), shows('eyJ.' * 250000),
                                        shows('http://' * 150000), shows('4111 1111 1111 1111 ' * 50000),
                                        shows('-----BEGIN RSA PRIVATE KEY' * 40000)],
    'keys that differ at their end': lambda: [event(5, '{"tag":"x","payload":{%s}}'
                                                    % many(N, lambda i: f'"{"k" * 70}{i:06}":1'))],
    'texts beside texts, each changing': lambda: [
        page(element('p', 100, '{}', many(N, lambda i: text('w', 101 + i)))),
        event(3, '{"source":0,"attributes":[],"removes":[],"adds":[],"texts":[%s]}'
              % many(N, lambda i: f'{{"id":{101 + i},"value":"walrus {i}"}}'))],
    'long texts beside one that changes': lambda: [
        page(element('p', 100, '{}', text('a\\n' * 100000, 101) + ',' + text('-', 102) + ',' + text('[' * 300000, 103))),
        *[event(3, '{"source":0,"attributes":[],"removes":[],"adds":[],"texts":[{"id":102,"value":"%d"}]}' % i)
          for i in range(N)]],
    'texts added before one another': lambda: [
        event(3, '{"source":0,"texts":[],"attributes":[],"removes":[],"adds":[%s]}'
              % many(N, lambda i: f'{{"parentId":3,"nextId":{99 + i if i else "null"},"node":{text("w", 100 + i)}}}'))],
    'comments between texts': lambda: [page(many(
        N, lambda i: f'{text("w", 100 + 2 * i)},{{"type":5,"textContent":"c","id":{101 + 2 * i}}}'))],
    'one text, moved about': lambda: [adds((3 + i % 2, text('w', 10)) for i in range(N))],
    'elements around a text': lambda: [adds((i + 100 if i else 3, element('i', i + 101)) for i in range(DEEP)) ,
                                       adds((100 + DEEP, text('w', 101 + DEEP + i)) for i in range(N))],
    'a counter that never ends': lambda: [
        page(element('input', 51, '{"type":"password"}') + ',' + element('p', 100, '{}', text('0', 101))),
        *[e for i in range(N // 4) for e in (typed(51, 'w' * (i % 40 + 1)), event(
            3, '{"source":0,"attributes":[],"removes":[],"adds":[],"texts":[{"id":101,"value":"%d/9"}]}' % (i % 40)))]],
    'tags that never end': lambda: [shows('<input value=' * 100000), shows('value=a ' * 200000),
                                    shows('<input password ' + 'value=x9 ' * 200000)],
    'names of form parts': lambda: [shows('name=\\"password\\"\\n\\n' * 60000), shows('name=\\"a\\"\\n' * 100000)],
    'a name of brackets': lambda: [event(5, '{"tag":"x","payload":{"%s]":"abcdef"}}' % ('[' * 1000000)),
                                   event(5, '{"tag":"x","payload":{"name":"%s]","value":"abcdef"}}' % ('[' * 1000000))],
    'pairs of names and values': lambda: [event(5, '{"tag":"x","payload":[%s]}' % many(
        N, lambda i: '["token","a%d"],{"name":"token","value":"b%d"}' % (i, i)))],
    'as many windows as there may be': lambda: [
        f'{{"type":3,"data":{{"source":1}},"timestamp":{T0},"windowId":"{"w" * 200}{i % 1000}"}}' for i in range(N)],
}


def redact(tmp_path, data, *options):
    f = tmp_path / 'in.json'
    f.write_text(data, encoding='utf-8', errors='surrogatepass')
    with open(f, 'rb') as i:
        r = subprocess.run([binary(), 'redact', *options], stdin=i, capture_output=True, timeout=TIMEOUT, check=False)
    assert not SUSPICIOUS.search(r.stderr.decode(errors='replace')), r.stderr
    return r


@pytest.mark.parametrize('name', SHAPES)
def test_shape(name, tmp_path):
    policy = tmp_path / 'site.ini'
    policy.write_text(POLICY)
    login = page(element('input', 50, '{"type":"password"}'))
    events = [login, typed(50, SECRET), *SHAPES[name](), shows(f'so {SECRET} it was', 9)]
    r = redact(tmp_path, '[' + ','.join(events) + ']', '--policy', str(policy))
    assert r.returncode == 0, r.stderr
    assert SECRET.encode() not in r.stdout
    assert r.stdout.count(b'\n') == len(events) + 2


def refused(r, *words):
    assert r.returncode in (14, 15), (r.returncode, r.stderr)
    assert not r.stdout
    message = r.stderr.decode()
    assert message.count('\n') == 1
    for w in words:
        assert w in message, message


def test_selectors_hide_where_they_cannot_tell(tmp_path):
    """A tree deeper than any selector looks: what hides does, what shows doesn't."""
    policy = tmp_path / 'site.ini'
    policy.write_text('[select]\nblock = .private b\nunmask = .public i\n')
    deep = [(i + 3, element('s', i + 4)) for i in range(20000)]
    ends = [(20003, element('b', 30000, '{}', text('walrus below', 30001))),
            (20003, element('i', 30002, '{"class":"rr-mask"}', text('walrus masked', 30003))),
            (3, element('b', 30004, '{}', text('walrus above', 30005)))]
    r = redact(tmp_path, '[' + ','.join([page(), adds(deep), adds(ends, 2)]) + ']', '--policy', str(policy))
    assert r.returncode == 0, r.stderr
    assert b'walrus above' in r.stdout
    assert b'walrus below' not in r.stdout
    assert b'walrus masked' not in r.stdout


def test_depth(tmp_path):
    bomb = '[' * 300000
    refused(redact(tmp_path, bomb), 'at byte')
    for data in ('{"a":' * 2000 + '1' + '}' * 2000, '[' * 2000 + ']' * 2000):
        refused(redact(tmp_path, '[' + event(5, data) + ']'), 'nested too deeply', 'limit 1000', 'at byte')


@pytest.mark.parametrize('value, word', [
    ('"\xff"', 'not UTF-8'), ('"\xc0\x80"', 'not UTF-8'), ('"\xed\xa0\x80"', 'not UTF-8'),
    ('"a\n"', 'control character'), ('"\\ud83"', 'escape'), ('1' * 65, 'number too long'), ('01', "',' or an end"),
    ('NaN', 'unexpected character'),
    ('{"a":1,"a":2}', 'duplicate key')])
def test_bad_value(tmp_path, value, word):
    f = tmp_path / 'in.json'
    f.write_bytes(('[' + event(5, value) + ']').encode('latin-1'))
    with open(f, 'rb') as i:
        r = subprocess.run([binary(), 'redact'], stdin=i, capture_output=True, timeout=TIMEOUT, check=False)
    refused(r, word, 'at byte')


def test_lone_surrogates_stay_and_hide_nothing(tmp_path):
    login = page(element('input', 50, '{"type":"password"}'))
    value = '"\\ud83dse\\udc00cret\\ud800-7"'
    data = [login, event(3, f'{{"source":5,"text":{value},"isChecked":false,"id":50}}', 1),
            event(5, f'{{"tag":"x","payload":{value}}}', 2), event(5, '{"tag":"y","payload":"\\ud83d stays"}', 3)]
    r = redact(tmp_path, '[' + ','.join(data) + ']')
    assert r.returncode == 0, r.stderr
    assert b'cret' not in r.stdout
    assert b'"\\ud83d stays"' in r.stdout


def test_cut_off(tmp_path):
    """Refused wherever it is cut, and nothing is written; as NDJSON, whole lines are a recording of their own."""
    events = [page(element('input', 50, '{"type":"password"}')), typed(50, SECRET), event(5, '{"tag":"\u00e9\\n"}', 2)]
    whole = ('[' + ',\n'.join(events) + ']').encode()
    for n in range(0, len(whole), 5):      # test-canon-refused has every one
        r = subprocess.run([binary(), 'redact'], input=whole[:n], capture_output=True, timeout=TIMEOUT, check=False)
        assert r.returncode in (14, 15), (n, r.stderr)
        assert not r.stdout
    lines = ('\n'.join(events) + '\n').encode()
    ends = [i for i, b in enumerate(lines) if b == 10]
    for n in (ends[0], ends[1], ends[1] + 1, ends[1] + 40, len(lines)):
        r = subprocess.run([binary(), 'redact'], input=lines[:n], capture_output=True, timeout=TIMEOUT, check=False)
        assert r.returncode == (0 if n in ends or n - 1 in ends else 14), (n, r.stderr)
        assert SECRET.encode() not in r.stdout


def memory_available():
    with open('/proc/meminfo', encoding='ascii') as f:
        return next(int(line.split()[1]) for line in f if line.startswith('MemAvailable')) << 10


def streamed(head, fill, times):
    """Feeds head, then `times` times `fill`, as long as it is taken."""
    p = subprocess.Popen([binary(), 'redact'], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def feed():
        try:
            p.stdin.write(head)
            for _ in range(times):
                p.stdin.write(fill)
            p.stdin.close()
        except BrokenPipeError:
            pass
    t = threading.Thread(target=feed)
    t.start()
    out, err = p.stdout.read(), p.stderr.read()
    p.wait(TIMEOUT)
    t.join(TIMEOUT)
    return subprocess.CompletedProcess(p.args, p.returncode, out, err)


@pytest.mark.skipif(memory_available() < 4 << 30, reason='needs 4 GiB of memory')
@pytest.mark.skipif(SANITIZED, reason='sanitizers double what a gigabyte takes')
@pytest.mark.parametrize('start, fill, words', [
    ('{"tag":"x","payload":"', b'a', ['too long', 'limit 1073741824 bytes']),       # a string of 2 GB
    ('{"tag":"x","payload":', b'9', ['number too long', 'limit 64 bytes', 'at byte'])])  # a number of 10^9 digits
def test_gigabytes(start, fill, words):
    head = ('[' + event(5, start)).split(',"timestamp"')[0].removesuffix('}').encode()
    refused(streamed(head, fill * (1 << 20), 2048 if fill == b'a' else 954), *words)
