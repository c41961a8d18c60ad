#!/usr/bin/env python3
"""Writes the labelled sets of the detectors: SET.tsv beside this file, the same bytes every time.

A line: detector TAB expected TAB text [TAB context [TAB label]]. The detector (by its name in policies) is
"-" for a near miss, in which nothing may be found; several detectors and values are joined by "|". Context is text (default),
url, css or value. Everything is invented: reserved domains, documentation addresses, numbers set
aside for fiction where a country has them, test prefixes of cards; check digits are computed here,
by code that shares nothing with the detectors'.

usage: generate.py [--check]   (--check: compare only, exit 1 when a file differs)
"""
import base64
import json
import os
import random
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
rnd = random.Random(20261123)


def digits(n, first='0123456789'):
    return rnd.choice(first) + ''.join(rnd.choice('0123456789') for _ in range(n - 1))


def b64u(b):
    return base64.urlsafe_b64encode(b).decode().rstrip('=')


def alnum(n, hexa=False):
    chars = '0123456789abcdef' if hexa else 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789'
    while True:
        s = ''.join(rnd.choice(chars) for _ in range(n))
        if any(c.isdigit() for c in s) and any(c.isalpha() for c in s):
            return s


# ---- check digits
def luhn(body):
    t = 0
    for i, c in enumerate(reversed(body)):
        x = int(c) * (2 if i % 2 == 0 else 1)
        t += x - 9 if x > 9 else x
    return body + str(-t % 10)


def card(prefix, n):
    return luhn(prefix + digits(n - 1 - len(prefix)))


def not_luhn(prefix, n):
    c = card(prefix, n)
    return c[:-1] + str((int(c[-1]) + 5) % 10)


def groups(s, *sizes, sep=' '):
    out, i = [], 0
    for z in sizes:
        out.append(s[i:i + z])
        i += z
    assert i == len(s), (s, sizes)
    return sep.join(out)


def iban(cc, bban):
    n = int(''.join(str(int(c, 36)) for c in bban + cc + '00'))
    return f'{cc}{98 - n % 97:02d}{bban}'


def fours(s, sep=' '):
    return sep.join(s[i:i + 4] for i in range(0, len(s), 4))


def date(lo=1940, hi=2005):
    return rnd.randint(lo, hi), rnd.randint(1, 12), rnd.randint(1, 28)


def weights(d, w):
    return sum(int(a) * b for a, b in zip(d, w))


def pesel():
    y, m, d = date()
    s = f'{y % 100:02d}{m + (20 if y >= 2000 else 0):02d}{d:02d}' + digits(4)
    return s + str(-weights(s, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3)) % 10)


def nip():
    while True:
        s = digits(9, '12356789')
        k = weights(s, (6, 5, 7, 2, 3, 4, 5, 6, 7)) % 11
        if k < 10:
            return s + str(k)


def regon():
    s = digits(8)
    return s + str(weights(s, (8, 9, 2, 3, 4, 5, 6, 7)) % 11 % 10)


def regon14():
    s = regon() + digits(4)
    return s + str(weights(s, (2, 4, 8, 5, 0, 9, 7, 3, 6, 1, 2, 4, 8)) % 11 % 10)


def rodne(woman=False):
    while True:
        y, m, d = date(1955, 2003)
        s = f'{y % 100:02d}{m + (50 if woman else 0):02d}{d:02d}' + digits(3)
        k = int(s) % 11
        if k < 10:
            return s + str(k)


def ico():
    s = digits(7, '24567')
    return s + str((11 - weights(s, (8, 7, 6, 5, 4, 3, 2)) % 11) % 10)


def nir(dep=None):
    s = rnd.choice('12') + f'{rnd.randint(40, 99):02d}{rnd.randint(1, 12):02d}' + (dep or f'{rnd.randint(1, 95):02d}')
    s += f'{rnd.randint(1, 400):03d}{rnd.randint(1, 400):03d}'
    return s + f"{97 - int(s.replace('2A', '19').replace('2B', '18')) % 97:02d}"


def steuer_id():
    while True:
        pool = rnd.sample('0123456789', 9)
        s = pool + [rnd.choice(pool)]
        rnd.shuffle(s)
        if s[0] == '0':
            continue
        p = 10
        for c in s:
            q = (int(c) + p) % 10 or 10
            p = q * 2 % 11
        return ''.join(s) + str((11 - p) % 10)


def dni():
    n = digits(8)
    return n, 'TRWAGMYFPDXBNJZSQVHLCKE'[int(n) % 23]


def nie():
    x, n = rnd.choice('XYZ'), digits(7)
    return x, n, 'TRWAGMYFPDXBNJZSQVHLCKE'[int(str('XYZ'.index(x)) + n) % 23]


def fiscale():
    odd = dict(zip('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ',
                   (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8,
                    12, 14, 16, 10, 22, 25, 24, 23)))
    y, _, d = date()
    s = ''.join(rnd.choice('BCDFGLMNPRSTV') for _ in range(6)) + f'{y % 100:02d}' + rnd.choice('ABCDEHLMPRST')
    s += f'{d + rnd.choice((0, 40)):02d}' + rnd.choice('ABCDEFGHL') + digits(3)
    t = sum(odd[c] if i % 2 == 0 else int(c, 36) - (10 if c.isalpha() else 0) for i, c in enumerate(s))
    return s + chr(65 + t % 26)


def bsn():
    while True:
        s = digits(8, '12')
        k = weights(s, (9, 8, 7, 6, 5, 4, 3, 2)) % 11
        if k < 10:
            return s + str(k)


def ssn():
    return f'{rnd.randint(700, 772)}{rnd.randint(10, 99)}{rnd.randint(1000, 9999)}'


def nhs():
    while True:
        s = digits(9, '469')
        k = 11 - weights(s, (10, 9, 8, 7, 6, 5, 4, 3, 2)) % 11
        if k != 10:
            return s + str(k % 11)


def pt_nif():
    s = digits(8, '12')
    r = weights(s, (9, 8, 7, 6, 5, 4, 3, 2)) % 11
    return s + str(0 if r < 2 else 11 - r)


def jwt(parts=3):
    head = b64u(json.dumps({'alg': rnd.choice(('HS256', 'RS256', 'none')), 'typ': 'JWT'}, separators=(',', ':')).encode())
    body = b64u(json.dumps({'sub': digits(6), 'exp': 1790000000 + rnd.randint(0, 9999)}, separators=(',', ':')).encode())
    return '.'.join([head, body] + [alnum(43)] * (parts - 2))


rows = {}


def put(name, cls, expected, text, ctx='', label=''):
    assert '\t' not in text and '\n' not in text
    for e in expected.split('|') if expected else []:
        assert e in text, (e, text)
    cols = [cls, expected, text] + ([ctx or 'text'] if ctx or label else []) + ([label] if label else [])
    rows.setdefault(name, []).append('\t'.join(cols))


def yes(name, cls, value, template, ctx='', label=''):
    put(name, cls, value, template.replace('@@', value), ctx, label)


def no(name, text, ctx='', label=''):
    put(name, '-', '', text, ctx, label)


# ---- shared near misses: what pages are full of
ORDERS = '''Order number NP-100482.
Rechnung INV-2026-0117 vom 11.05.2026
Artikelnummer 4711-2290-88
SKU-1758-3037-173
EAN 4006381333931
ISBN 978-3-16-148410-0
Ticket T-55120 has been closed.
Objednávka č. 2026110045 byla přijata
Zamówienie nr 100200300 zostało wysłane
Pedido nº 4500012345 enviado
Commande n° 2026-000-4512
Ordine 88-1203-5512 spedito
Bestelling 2026.0451.22 is onderweg
Encomenda 7788-0001 a caminho
Zásielka RR123456785SK bola odoslaná
Exchange rate 1.0842, batch 2026-11-20/004512.
2026-05-11 13:20
1795223717604
build 20261120.4512
Version 10.4.22.1, build 2026.11.3
Coordinates 50.9123, -1.4781.
1,204.50
Celkem 12 490 Kč včetně DPH
Razem: 1 299,00 zł
Gesamt 1.299,00 €
Card ending in 4242, expires 04/29
Enter the 6-digit code we sent to your phone ending in 44.
For emergencies dial 999. Opening hours 8:00–18:30.
Chess club, meets Tuesdays at 19:30, room 4.12
The 1638 date on plate 12 looks wrong
550e8400-e29b-41d4-a716-446655440000
/avatar/d249a33628572a23533804cf662696a1.png
rgba(0, 0, 0, 0.4) 0px 6px 30px
3 results in 0.0421 seconds
Depot 12, bay 8, updated tick 117374'''.split('\n')


def shared(name, n, skip=()):
    for t in [t for t in ORDERS if t not in skip][:n]:
        no(name, t)


# ---- e-mail
def email():
    local = ['jana.novakova', 'p.kowalski', 'o\'brien', 'maria_garcia', 'luca+shop', 'sofie-devries', 'jpsilva88', 'k.muller',
             'info', 'anna.zielinska1987', 'x', 'first.middle.last']
    dom = ['example.com', 'example.org', 'mail.example', 'post.example.net', 'a-b.example', 'web.test', 'firma.invalid']
    texts = ['@@', 'Write to @@ for details.', 'Napište na @@ nebo přijďte', 'Napisz do nas: @@', 'Schreiben Sie an @@!',
             'Écrivez à @@, merci', 'Escríbenos a @@ (respuesta en 24 h)', 'Scrivi a <@@>', 'Mail ons via @@.', 'Escreva para @@;',
             'Kontakt: @@', 'Napíšte nám na „@@“', '"@@"', 'mailto:@@?subject=Hi', '{"email":"@@","plan":"basic"}',
             'Signed in as @@ (owner)', '[@@]', 'E-mail\u00a0@@', 'cc: @@, bcc', 'user=@@&x=1', 'login:@@', '(@@)', '→@@',
             '{\\"user\\":\\"@@\\"}', 'Hi,\\n@@\\nBye', "'@@'", '@@|active', 'Signed-off-by: Jo <@@>', 'from=@@;to=', '@@/2026']
    for i, t in enumerate(texts * 2):
        yes('email', 'email', f'{local[i % len(local)]}@{dom[i % len(dom)]}', t)
    for v in ('žofie@pošta.example', 'jürgen.groß@bücher.example', 'hélène@société.example', 'почта@пример.example',
              'JANE.DOE@EXAMPLE.COM', 'jane@xn--bcher-kva.example'):
        yes('email', 'email', v, 'Reply to @@ soon')
    for v in ('eva%40mail.example', 'eva.s%40example.org', 'p+q%40web.test'):
        yes('email', 'email', v, 'https://shop.example/?ref=@@&utm=1')
    yes('email', 'email', 'dot.marchbanks57@example.org', 'message=Please+write+to+@@+or+call', 'url')
    yes('email', 'email', 'jane+tag@example.org', 'email=@@', 'url')
    yes('email', 'email', 'css.rule12@example.com', '.badge::after { content: "@@"; }', 'css')
    for t in '''@media (max-width: 600px) { .a { color: red } }
@font-face { font-family: X }
@import url("x.css");
@keyframes spin { from { top: 0 } }
logo@2x.png
/img/hero@3x.webp 2x
icon-user@1.5x.svg
lodash@4.17.21
react@18.2.0/umd/react.production.min.js
@angular/core@17.0.0
https://cdn.example/npm/vue@3.x.min.js
npm i typescript@latest
git@github.com:org/repo.git
git@gitlab.example:team/app.git
Follow @jane_doe on our channel
@username, you have a message
5 apples @ 2.50 each
Meet @ 10:30 in room 4
foo @ bar . com
a@b
root@localhost
user@host: ~/src$ ls
jane@
@example.com
jane@@example.com is wrong
jane@-example
jane@.com
Twitter: @redactfs
rate: 5%/yr @ 12 months
<a class="@container">
v-on:click="x" @click="save"
<button @submit.prevent="go">
{{ user@index }}
$ ssh admin@10
photo@home
E-Mail-Adresse
Podaj adres e-mail
Zadejte e-mail
Adresse e-mail invalide
Correo electrónico obligatorio
Indirizzo e-mail non valido
E-mailadres is verplicht
Endereço de e-mail
Zadajte e-mailovú adresu
hello [at] home
50% @ checkout
x@1
C@T
key@42
sass@1.77.8.tgz
styles@media.css
sprite@2x.jpeg
@@ -12,7 +12,9 @@ function
bundle@main.js.map
chart@v2.json
theme@dark.scss
clip@hd.mp4.html
page@print.php
a.b.c@
font@bold.woff2
@property --x'''.split('\n'):
        no('email', t)
    shared('email', 8)


# ---- phone
def phone():
    intl = ['+44 7700 900{:03d}', '+44 20 7946 0{:03d}', '+44 (0)20 7946 0{:03d}', '+447700900{:03d}', '+1 (212) 555-0{:03d}',
            '+1 415-555-0{:03d}', '+1.312.555.0{:03d}', '+49 30 23125 {:03d}', '+49 (0)30 23125-{:03d}', '+493023125{:03d}',
            '+420 601 999 {:03d}', '+420601999{:03d}', '+421 905 999 {:03d}', '+48 600 999 {:03d}', '+48 22 999 9{:03d}',
            '+33 1 99 00 5{:03d}', '+33 6 39 98 0{:03d}', '+34 612 999 {:03d}', '+34 91 999 0{:03d}', '+39 06 9999 0{:03d}',
            '+39 333 999 0{:03d}', '+31 6 9999 0{:03d}', '+31 20 999 0{:03d}', '+351 912 999 {:03d}', '+351 21 999 0{:03d}',
            '+46 70 174 0{:03d}', '+46 8 465 004{:02d}', '+43 664 9990{:03d}', '+41 44 999 0{:03d}', '+353 1 999 0{:03d}',
            '0049 30 23125 {:03d}', '00420 601 999 {:03d}', '00 44 20 7946 0{:03d}']
    texts = ['@@', 'Call @@ today', 'Zavolejte na @@.', 'Zadzwoń: @@', 'Rufen Sie @@ an', 'Appelez le @@ (gratuit)', 'Llame al @@',
             'Chiamaci: @@', 'Bel @@ tussen 9 en 17', 'Ligue para @@', 'Zavolajte @@,', '"@@"', 'tel:@@', '[@@]', 'x · @@ · y',
             '{"phone":"@@"}', 'Contact\u00a0@@']
    for i, f in enumerate(intl * 2):
        n = 100 + i % 90
        yes('phone', 'phone', f.format(n % 100 if ':02d' in f else n), texts[i % len(texts)])
    national = ['07700 900123', '07700900456', '020 7946 0686', '0117 496 0123', '(020) 7946 0123', '01632 960123', '(212) 555-0162',
                '212-555-0162', '(415) 555-0123', '1-800-555-0199', '030 23125758', '030/23125758', '0171 3920012', '0171/3920012',
                '(030) 23125-123', '089-99998-123', '01 99 00 12 34', '06.39.98.01.23', '06 39 98 01 23', '070-174 06 89', '08-465 004 12',
                '06-99990123', '020-9990123', '(22) 999 12 34', '22 999 12 34', '91 999 01 23', '044 999 01 23']
    ntexts = ['@@', 'Reach us on @@ or by post', 'Kontakt: @@', 'Unser Büro: @@', 'Service client @@', 'Oficina @@', 'Kantoor: @@, 2e etage']
    for i, v in enumerate(national):
        yes('phone', 'phone', v, ntexts[i % len(ntexts)])
    for v, t in [('602 123 456', 'Tel.: @@'), ('602123456', 'telefon @@'), ('601 234 567', 'Telefon komórkowy: @@'),
                 ('601-234-567', 'tel. kom. @@'), ('612 345 678', 'Teléfono: @@'), ('912 345 678', 'Telemóvel: @@'),
                 ('333 123 4567', 'Cellulare: @@'), ('06 1234 5678', 'Telefono @@'), ('0612345678', 'Téléphone : @@'),
                 ('0905 123 456', 'mobil: @@'), ('905123456', 'Volajte @@'), ('0151 23456789', 'Handy @@'),
                 ('0612345678', 'Bel ons op @@'), ('2125550162', 'Phone number: @@'), ('46701740689', '{"phone":@@,"plan":"basic"}'),
                 ('07700900935', '?phone=@@&x=1'), ('2079460686', 'Mobile phone no. @@'), ('800 123 456', 'Infolinka @@'),
                 ('221 999 123', 'Zadzwoń do nas pod numer @@'), ('30 23125758', 'Fax: @@'), ('912345678', 'Contacto: telefone @@')]:
        yes('phone', 'phone', v, t)
    yes('phone', 'phone', '46706238516', '@@', 'text', 'phone')
    yes('phone', 'phone', '602123456', '@@', 'value', 'Telefonní číslo')
    yes('phone', 'phone', '+44+20+7946+0810', 'q=call+@@+after+six', 'url')
    for t in '''4711-2290-88
NP-100482
Order 2026110045
Objednávka 602 123 456
602 123 456 Kč
Obrat 612 345 678 eur
12 345 678 visitors
+15 %
+3.5 points since 2020
C++11 and 2+2
UTC+02:00
+1000000 followers
+20 000 000 zł
05-11-2026 13:20
2026.11.20 08:15:00
01.02.2026 10:30
01/02/2026 - 03/02/2026
11 05 2026 13 20
10-12 Uhr
1795223717604
1795223717
0.4532015112
0,123456789
Coordinates 50.9123, -1.4781.
52.520008, 13.404954
212.555
0.0.0.0
Version 10.4.22.1
978-3-16-148410-0
4006381333931
SKU-1758-3037-173
SKU-212-555-0162
INV-2026-0117
Invoice no. 030 23125758
Bestellnummer 0171 3920012
Zamówienie nr 22 999 12 34
IČO 27074358x
Serial number 0117 496 0123
#07700900123
ref/07700900123a
Article 01 99 00 12 34
$2125550162
Price: 1 234 567,89
price 07.70.09
01 02 03 04 05 06 07
1 2 3 4 5 6 7 8 9 10
000000000000
00000000
0000 0000 0000
2019 2020 2021 2022
Bus 70, 170, 204
Room 020-12
pages 123-456-7
ratio 16:9, 1920x1080
translate(212px, 555px)
7d 12h 33m 07s
550e8400-e29b-41d4-a716-446655440000
Enter the 6-digit code we sent to your phone ending in 44.
For emergencies dial 999. Opening hours 8:00–18:30.
Call 112 in an emergency
phone-number-input-0123
Phone: not set
telefon 3 dny v provozu
iPhone 15 Pro 256 GB
Version 10.4.22.1, build 2026.11.3
Wi-Fi 802.11 2.4/5 GHz
Exchange rate 1.0842, batch 2026-11-20/004512.
PLN 601 234 567,00
Quantity 0123 4567 890'''.split('\n'):
        no('phone', t)


# ---- card
def cards():
    kinds = [('4', 16), ('51', 16), ('55', 16), ('2223', 16), ('2720', 16), ('34', 15), ('37', 15), ('6011', 16), ('65', 16), ('644', 16),
             ('36', 14), ('3530', 16), ('6304', 16), ('5018', 16), ('62', 16), ('62', 19), ('4', 19), ('6759', 18), ('300', 14), ('2200', 16),
             ('6762', 13), ('5020', 12)]
    texts = ['@@', 'Pay with @@ please', 'Karta @@ zamítnuta', 'Numer karty: @@', 'Kreditkarte @@,', 'Carte n° @@.', 'Tarjeta @@',
             'Carta di credito: @@', 'Kaartnummer @@', 'Cartão @@', 'Číslo karty @@;', '"@@"', 'card=@@&cvc=', 'PAN:@@', '<@@>',
             '{"number":"@@"}', 'my card is @@ ok?', '{\\"pan\\":\\"@@\\"}', 'first line\\n@@\\nnext', 'VISA @@']
    for i, (p, n) in enumerate(kinds * 3):
        c = card(p, n)
        if n == 16 and i % 4 == 1:
            c = groups(c, 4, 4, 4, 4)
        elif n == 16 and i % 4 == 2:
            c = groups(c, 4, 4, 4, 4, sep='-')
        elif n == 16 and i % 8 == 3:
            c = groups(c, 4, 4, 4, 4, sep=rnd.choice('\u00a0\u2009\u202f.'))
        elif n == 15 and i % 2:
            c = groups(c, 4, 6, 5)
        elif n == 14 and i % 2:
            c = groups(c, 4, 6, 4)
        elif n == 19:
            c = groups(c, 4, 4, 4, 4, 3)
        elif n in (12, 13):
            while True:  # not also the check digit of a bar code
                if sum(int(x) * (3 if j % 2 else 1) for j, x in enumerate(reversed(c))) % 10:
                    break
                c = card(p, n)
        elif n == 14:
            while sum(int(x) * (3 if j % 2 else 1) for j, x in enumerate(reversed(c))) % 10 == 0:
                c = card(p, n)
        yes('card', 'card', c, texts[i % len(texts)])
    c = card('4', 16)
    yes('card', 'card', groups(c, 8, 8), 'typed as @@')
    c = card('51', 16)
    yes('card', 'card', groups(c, 4, 4, 8), 'typed as @@')
    c = card('4', 16)
    yes('card', 'card', ' '.join(c), 'spelled @@')
    c = card('4', 16)
    yes('card', 'card', groups(c, 4, 4, 4, 4, sep='+'), 'q=my+card+@@+is', 'url')
    c = card('4', 16)
    yes('card', 'card', groups(c, 4, 4, 4, 4, sep='%20'), 'https://a.example/?card=@@&x')
    c = card('6011', 16)
    yes('card', 'card', c, 'content: "@@"', 'css')
    c = card('37', 15)
    yes('card', 'card', c, '@@', 'value', 'note')
    c = card('4', 16)
    yes('card', 'card', groups(c, 4, 4, 4, 4, sep=' - '), 'number @@')
    for p, n in [('4', 16), ('51', 16), ('37', 15), ('6011', 16), ('2223', 16), ('36', 14)]:
        no('card', not_luhn(p, n))
        no('card', 'Nr ' + groups(not_luhn('4', 16), 4, 4, 4, 4))
    for p, n in [('1', 16), ('7', 16), ('8', 16), ('9', 16), ('0', 16), ('2000', 16), ('2800', 16), ('31', 16), ('33', 15)]:
        no('card', 'Contract ' + card(p, n))
    c = card('4', 16)
    no('card', '0.' + c)
    no('card', '3.' + card('4', 16))
    no('card', '0,' + card('55', 16))
    no('card', 'a' + card('4', 16) + 'f')
    no('card', card('4', 16) + 'e07b')
    no('card', '/static/' + 'de' + card('4', 16) + 'ab.js')
    no('card', '12' + card('4', 16) + '77')
    no('card', card('4', 16) + digits(9))
    no('card', '41111111-1111-4111-8111-' + alnum(12, True))
    for t in '''4006381333931
EAN 4012345678901
5901234123457
GTIN 04012345678901
978-3-16-148410-0
9783161484100
4711-2290-88
SKU-1758-3037-173
SKU-4588-6920-801
1795223717604
1795223717604123
1795223717604123456
20261120131500
2026-11-20 13:15:00.123456
2019 2020 2021 2022 2023
4 GB RAM, 512 GB SSD, 3840 x 2160
4111
4111 1111
Card ending in 4242, expires 04/29
Visa •••• 4242
**** **** **** 4242
XXXX-XXXX-XXXX-4242
Karta končící na 4242
Karta kończy się na 4242
Karte endet auf 4242
Carte se terminant par 4242
Tarjeta terminada en 4242
Carta che termina con 4242
Kaart eindigend op 4242
Cartão terminado em 4242
550e8400-e29b-41d4-a716-446655440000
tracking 1Z999AA10123456784
12 490 000 000 Kč
4 500 000 zł
51.5074, -0.1278
52.5200080000, 13.4049540000'''.split('\n'):
        no('card', t)


# ---- iban
def ibans():
    spec = {'GB': lambda: 'NWBK' + digits(14), 'DE': lambda: digits(18), 'NL': lambda: 'INGB' + digits(10), 'FR': lambda: digits(23),
            'ES': lambda: digits(20), 'IT': lambda: 'X' + digits(22), 'PL': lambda: digits(24), 'CZ': lambda: digits(20),
            'SK': lambda: digits(20), 'PT': lambda: digits(21), 'BE': lambda: digits(12), 'AT': lambda: digits(16), 'CH': lambda: digits(17),
            'NO': lambda: digits(11), 'SE': lambda: digits(20), 'MT': lambda: 'MALT' + digits(5) + alnum(18).upper(), 'IE': lambda: 'AIBK' + digits(14)}
    texts = ['@@', 'Direct debit from @@.', 'Účet: @@', 'Numer rachunku @@', 'Bankverbindung @@,', 'Compte @@', 'Cuenta: @@', 'Conto corrente @@',
             'Rekening @@', 'Conta @@;', 'Číslo účtu @@', '"@@"', 'IBAN:@@', '(@@)', '{"iban":"@@"}', '{\\"iban\\":\\"@@\\"}', 'pay to @@ today',
             'to\\n@@\\n']
    for i, cc in enumerate(list(spec) * 4):
        v = iban(cc, spec[cc]())
        how = i % 6
        if how == 1:
            v = fours(v)
        elif how == 2:
            v = v.lower()
        elif how == 3:
            v = fours(v, '-')
        elif how == 4:
            v = fours(v, '\u00a0')
        yes('iban', 'iban', v, texts[i % len(texts)])
    v = fours(iban('DE', digits(18)), '+')
    yes('iban', 'iban', v, 'a=1&iban=@@&b=2', 'url')
    v = fours(iban('DE', digits(18)), '%20')
    yes('iban', 'iban', v, 'https://a.example/?iban=@@&b=2')
    v = iban('GB', 'NWBK' + digits(14))
    yes('iban', 'iban', v, '.x::after{content:"@@"}', 'css')

    def wrong(v):
        return v[:-1] + str((int(v[-1]) + 1) % 10)
    for cc in spec:
        if cc != 'MT':
            no('iban', 'Account ' + wrong(iban(cc, spec[cc]())) + ' is not valid')
    no('iban', iban('DE', digits(18)) + '7')
    no('iban', iban('DE', digits(18))[:-1])
    no('iban', 'X' + iban('GB', 'NWBK' + digits(14)))
    no('iban', iban('PL', digits(24)) + 'ab')
    no('iban', iban('ZZ', digits(18)))
    no('iban', iban('US', digits(18)))
    for t in '''DE89 only the start
GB82 WEST
VAT DE123456789
DIČ CZ12345678
NIP PL1234567890
BTW NL123456789B01
TVA FR12345678901
ESB12345678
RO 2026 edition
IT24 summer sale
AT 20:00 tonight
BE 2026 part of it
NO 15 in the list
SE 24 hours later
SK 24 hokej
PT25 plan
CH21 parts
IE 22 is the bus
AD24 is not an account
de89370400440532013000ff
BIC DEUTDEFFXXX
SWIFT COBADEFF500
SKU-DE89-3704-0044
md5 de893704004405320130001122334455
GB-2026-000-4512
DE-10115 Berlin
PL 00-950 Warszawa
CZ 110 00 Praha 1
SK 811 01 Bratislava
FR-75001 Paris
NL 1012 AB Amsterdam
ES 28013 Madrid
IT 00184 Roma
PT 1100-148 Lisboa
GB SW1A 1AA'''.split('\n'):
        no('iban', t)
    shared('iban', 12)


# ---- ip
# what only looks so: dumps, lists of digits, calls of a program
NOT_CARDS = '''7338 7742 90FF 6963 6973 7164 7442 847F 587A
0000000: 2e54 4820 5858 4420 3120 2241  .TH
priomap 3 4 0 1 2 5 6 7 7 7 7 7 7 7 7 7 7'''
NOT_PHONES = '''rpc_clnt_calls.3,v 1.7 2002/12/19 09:40:23 ru Exp
calls 1.40 89/07/20
called 1234567 times'''

NOT_IPS = '''alsa-utils (<< 1.0.24.2-5)
Depends: libx (>= 1.10.24.20)
gsettings (3.31.0.22-2) experimental
requires ~> 10.4.22.1'''


def ips():
    def v4():
        return rnd.choice(('192.0.2.', '198.51.100.', '203.0.113.')) + str(rnd.randint(1, 254))

    def v6(i):
        h = lambda: f'{rnd.randint(0x10, 0xffff):x}'
        return [f'2001:db8:{h()}:6::{h()}', f'2001:db8::{h()}', f'2001:DB8:0:0:8:800:{h().upper()}:417A',
                f'2001:0db8:85a3:0000:0000:8a2e:0370:{rnd.randint(0x1000, 0xffff):04x}', f'fe80::{h()}:{h()}', f'fd00:{h()}::1',
                f'::ffff:{v4()}', f'2001:db8:{h()}::'][i % 8]
    texts = ['@@', 'Last sign-in from @@.', 'Poslední přihlášení z @@', 'Ostatnie logowanie z adresu @@', 'Anmeldung von @@ aus', 'Connexion depuis @@',
             'Inicio de sesión desde @@', 'Accesso da @@', 'Ingelogd vanaf @@', 'Sessão iniciada de @@', 'Prihlásenie z @@', '"@@"', '(@@)', 'IP: @@',
             '{"ip":"@@","ok":true}', 'Chrome on Linux, @@', 'x-forwarded-for: @@, proxy', 'client=@@;', 'host @@ is up', '@@ - - [20/Nov/2026]']
    for i in range(44):
        yes('ip', 'ipv4', v4(), texts[i % len(texts)])
    for i in range(32):
        yes('ip', 'ipv6', v6(i), texts[(i * 3) % len(texts)])
    for t in ('http://@@/index.html', 'http://@@:8080/', 'https://[@@]:443/x', 'ping @@/24', 'range @@-203.0.113.9'):
        v = v6(1) if '[' in t else v4()
        if 'range' in t:
            put('ip', 'ipv4|ipv4', v + '|203.0.113.9', t.replace('@@', v))
        else:
            yes('ip', 'ip', v, t)
    yes('ip', 'ipv4', v4(), '@@', 'text', 'remote_addr')
    for t in '''Version 10.4.22.1
Version 10.4.22.1, build 2026.11.3
verze 10.4.22.1
wersja 10.4.22.1
Version: 10.4.22.1
versión 10.4.22.1
versione 10.4.22.1
versie 10.4.22.1
versão 10.4.22.1
verzia 10.4.22.1
build 120.0.6099.109
v10.4.22.1
release 10.20.30.40
Firmware 12.34.56.78
Chrome/120.0.60.109
Mozilla/5.0 (X11) Chrome/10.0.0.1 Safari
lib-10.4.22.1.jar
jquery-10.4.22.1
Chapter 12.10.11.12
Section 10.4.22.11
Kapitel 10.11.12.13
kapitola 10.11.12.13
1.2.3.4
10.4.22
1.2.3.4.5
1.3.6.1.4.1.311
256.1.2.3
300.300.300.300
192.0.2
192.0.2.
01.02.03.04
127.0.0.1
0.0.0.0
255.255.255.0
224.0.0.251
12.05.2026
12:30:45
8:00–18:30
2026-11-20T13:15:00
00:1b:44:11:3a:b7
aa:bb:cc:dd:ee:ff
a:hover, b::before
std::string
::before
::after { content: "" }
::1
::
db::connect
dead::beef
abc::def
face::cafe
cafe:babe
ratio 16:9
1:2:3
key:value
http://localhost:3000/
10:20:30:40
Acts 2:38-2:41
1.204.50,00
$1.234.567.890
a1.b2.c3.d4
x192.0.2.14
192.0.2.14x
192.0.2.14.example.com
update 10.11.12.13
Android 10.11.12.13
SDK 33.1.22.14
node 20.11.10.12'''.split('\n'):
        no('ip', t)
    no('ip', 'margin: 192.0.2.14', 'css')
    for t in NOT_IPS.split('\n'):
        no('ip', t)


# ---- national ids: a set for each
def bad(v):
    """Another last digit."""
    i = max(k for k, c in enumerate(v) if c.isdigit())
    return v[:i] + str((int(v[i]) + 1) % 10) + v[i + 1:]


def dashed(v, *sizes):
    return groups(v, *sizes, sep='-')


def national_set(name, make, strong, announced, shapes, words, order):
    """`strong` templates need no word of the id's; `shapes`: templates and how their value is written; `words`
    are near misses as they stand, `order` templates in which a good number is something else."""
    for t in strong + announced:
        yes(name, name, make(), t)
    for t, shape in shapes:
        yes(name, name, shape(make()), t)
    for t in announced[:3]:
        no(name, t.replace('@@', bad(make())))
    for t in order + ([] if strong else ['@@', 'See @@ below', '{"id":@@}', 'Order @@']):
        no(name, t.replace('@@', make()))
    for t in ('@@4', 'a@@', 'x_@@_y'):
        no(name, t.replace('@@', make()))
    for t in words:
        no(name, t)


def national():
    order = ['SKU-@@', 'EAN @@', 'Zamówienie @@', 'Faktura @@', '0.@@']
    national_set('pesel', pesel, ['@@', 'obywatel @@ zameldowany', '(@@)', 'Jan;@@;aktywny'],
                 ['PESEL: @@', 'PESEL @@', 'nr PESEL @@,', '{"pesel":"@@"}', 'numer_pesel=@@'], [('PESEL @@', lambda v: groups(v, 6, 5))],
                 ['PESEL jest wymagany', '46706238516', '20261120131', 'PESEL 8001011234', '48601234567'], order)
    national_set('nip', nip, [], ['NIP: @@', 'NIP @@ jest poprawny', '"nip": "@@"', 'Nasz NIP to @@.', 'nip=@@'],
                 [('NIP @@', lambda v: dashed(v, 3, 3, 2, 2)), ('NIP @@', lambda v: dashed(v, 3, 2, 2, 3)), ('@@ z', lambda v: 'PL' + v)][:2],
                 ['Podaj NIP firmy', 'NIP: 123', 'snip 1234563218', '1795223717'], ['Faktura @@', 'REGON @@'])
    yes('nip', 'nip', 'PL' + nip(), 'NIP @@')
    national_set('regon', regon, [], ['REGON: @@', 'regon @@;', '"regon":"@@"', 'nr REGON @@', 'regon=@@'], [],
                 ['REGON firmy', 'REGON: 12345', 'Paragon 123456785 wydano'], ['Faktura @@', 'batch @@'])
    for t in ('REGON @@', 'REGON: @@ (jednostka lokalna)'):
        yes('regon', 'regon', regon14(), t)
        no('regon', t.replace('@@', bad(regon14())))
    no('regon', 'Zamówienie ' + regon14())

    def slashed(v):
        return v[:6] + '/' + v[6:]
    for t in ('Rodné číslo: @@', 'rodné číslo @@', 'r. č. @@', '@@', 'rč @@', 'Rodné číslo (povinné): @@', 'narozen, RČ @@,'):
        yes('rodne-cislo', 'rodne-cislo', slashed(rodne(rnd.random() < .5)), t)
    for t in ('Rodné číslo: @@', 'rodné číslo @@', 'rodneCislo=@@', 'RČ: @@'):
        yes('rodne-cislo', 'rodne-cislo', rodne(True), t)
    yes('rodne-cislo', 'rodne-cislo', '531231/123', 'Rodné číslo @@')
    yes('rodne-cislo', 'rodne-cislo', 'CZ' + rodne(), 'DIČ @@')
    yes('rodne-cislo', 'rodne-cislo', rodne(), '@@', 'value', 'Rodné číslo')
    for t in ('Rodné číslo: @@', 'RČ @@', '@@'):
        no('rodne-cislo', t.replace('@@', slashed(bad(rodne()))))
    for t in ('@@', 'Objednávka @@', 'a@@', '@@7'):
        no('rodne-cislo', t.replace('@@', rodne()))
    for t in ('991331/1234', 'batch 2026-11-20/004512', '004512/2026', '123456/7890', '2026/11', 'Rodné číslo je povinné', '830204/50151'):
        no('rodne-cislo', t)
    national_set('ico', ico, [], ['IČO: @@', 'IČO @@', 'IČ: @@', 'IČO/IČ @@', '"ico":"@@"'],
                 [('IČO @@', lambda v: groups(v, 3, 2, 3))],
                 ['IČO neuvedeno', 'IČO: 123', 'Silicon 27082440 ok', '12345678'], ['Faktura @@', 'č. obj. @@'])
    yes('ico', 'ico', ico(), '@@', 'text', 'ico')
    yes('ico', 'ico', 'CZ' + ico(), 'DIČ: @@')

    def spaced(v):
        return f'{v[0]} {v[1:3]} {v[3:5]} {v[5:7]} {v[7:10]} {v[10:13]} {v[13:]}'
    for t in ('@@', 'Sécurité sociale : @@', 'NIR @@', 'numéro @@ enregistré', '"nir":"@@"'):
        yes('nir', 'nir', nir(), t)
    yes('nir', 'nir', spaced(nir()), 'N° de sécurité sociale @@')
    yes('nir', 'nir', spaced(nir('2A')), 'Assuré @@')
    yes('nir', 'nir', nir('2B'), 'NIR: @@')
    yes('nir', 'nir', nir()[:13], 'Sécurité sociale @@')
    for t in ('NIR @@', '@@', 'Sécurité sociale : @@'):
        no('nir', t.replace('@@', bad(nir())))
    for t in ('NIR @@x', 'a@@', '@@7', '0.@@'):
        no('nir', t.replace('@@', nir()))
    for t in ('1 85 05 78', 'Numéro de sécurité sociale obligatoire', '1795223717604', nir()[:13]):
        no('nir', t)
    national_set('steuer-id', steuer_id, ['@@', '(@@)'], ['Steuer-ID: @@', 'Steuer-ID @@', 'Steueridentifikationsnummer @@', 'IdNr. @@', '{"steuerId":"@@"}'],
                 [('Steuer-ID @@', lambda v: groups(v, 2, 3, 3, 3)), ('@@', lambda v: groups(v, 2, 3, 3, 3))],
                 ['Steuer-ID fehlt', 'Steuer-ID: 123', '12345678901'], ['Article number @@', 'Bestellung @@', 'Faktura @@', '0.@@'])
    for t in ('DNI: @@', 'DNI @@', '@@', 'Con DNI @@ y domicilio'):
        yes('dni', 'dni', ''.join(dni()), t)
    a, b = dni()
    yes('dni', 'dni', f'{a}-{b}', 'NIF @@')
    a, b = dni()
    yes('dni', 'dni', f'{a[:2]}.{a[2:5]}.{a[5:]}-{b}', 'DNI @@')
    a, b = dni()
    yes('dni', 'dni', (a + b).lower(), 'dni: @@')
    for t in ('NIE: @@', '@@', 'con NIE @@.'):
        yes('dni', 'dni', ''.join(nie()), t)
    yes('dni', 'dni', '-'.join(nie()), 'NIE @@')
    for t in ('DNI @@', 'ref @@', '@@'):
        a, b = dni()
        no('dni', t.replace('@@', a + ('A' if b != 'A' else 'B')))
    x, n, c = nie()
    no('dni', 'NIE ' + x + n + ('A' if c != 'A' else 'B'))
    for t in ('a@@', '@@B', 'Pedido @@', '0.@@'):
        no('dni', t.replace('@@', ''.join(dni())))
    for t in ('NIF obligatorio', 'X1234567', 'Y12345678', 'DNI 12345678', '12345678'):
        no('dni', t)
    for t in ('Codice fiscale: @@', 'C.F. @@', '@@', '{"cf":"@@"}', 'nato a Roma, @@,', '(@@)', 'cf=@@'):
        yes('codice-fiscale', 'codice-fiscale', fiscale(), t)
    yes('codice-fiscale', 'codice-fiscale', fiscale().lower(), 'codice fiscale @@')
    for t in ('codice @@', '@@', 'C.F. @@'):
        no('codice-fiscale', t.replace('@@', bad(fiscale())))
    for t in ('@@7', 'x_@@_', '@@A'):
        no('codice-fiscale', t.replace('@@', fiscale()))
    for t in ('Codice fiscale mancante', 'ABCDEF12G34H567', 'ABCDEF99Z99A999Z', 'BACKGROUND12PX34'):
        no('codice-fiscale', t)
    national_set('bsn', bsn, [], ['BSN: @@', 'BSN @@', 'Burgerservicenummer @@', 'bsn=@@', '"bsn":@@'],
                 [('BSN @@', lambda v: groups(v, 4, 2, 3, sep='.'))], ['BSN ontbreekt', 'BSN: 123', 'absn 123456782'], ['Factuur @@', 'Bestelling @@'])
    national_set('ssn', ssn, [], ['SSN @@', 'social security no. @@', '"ssn":"@@"', 'ssn=@@'], [], ['SSN is required', 'SSN: 123', 'lessn 721073426'], [])
    for t in ('SSN: @@', '@@', 'Social Security number @@', 'my ssn is @@.'):
        yes('ssn', 'ssn', dashed(ssn(), 3, 2, 4), t)
    for t in ('000-12-3456', '666-12-3456', '912-12-3456', '123-00-3456', '123-45-0000', 'SSN 000-12-3456'):
        no('ssn', t)
    no('ssn', 'order-' + dashed(ssn(), 3, 2, 4) + '-1')
    no('ssn', 'Order ' + dashed(ssn(), 3, 2, 4))
    # it has no check digit: what national_set thinks bad is as good
    rows['ssn'] = [r for r in rows['ssn'] if not r.startswith('-\t\t' + 'SSN 7') and not r.startswith('-\t\tsocial') and not r.startswith('-\t\t"ssn')]
    national_set('nhs-number', nhs, [], ['NHS number: @@', 'NHS no. @@', 'nhs_number=@@', '"nhsNumber":"@@"'],
                 [('NHS number: @@', lambda v: groups(v, 3, 3, 4)), ('NHS number (10 digits): @@', lambda v: groups(v, 3, 3, 4))],
                 ['NHS number is missing', 'NHS: 123', 'Call the NHS on 111'], ['Invoice @@'])
    yes('nhs-number', 'nhs-number', groups(nhs(), 3, 3, 4), '@@', 'value', 'nhs_number')
    national_set('nif-pt', pt_nif, [], ['NIF: @@', 'Contribuinte n.º @@', 'Número de contribuinte: @@', 'nif=@@', '"nif":"@@"'],
                 [('NIF @@', lambda v: groups(v, 3, 3, 3))], ['NIF em falta', 'NIF: 123', 'manif 123456789'], ['Fatura @@', 'Encomenda @@'])
    for v, t in (('QQ 12 34 56 C', 'National Insurance number @@'), ('QQ123456C', 'NINO: @@'), ('AB 12 34 56 A', 'NI number @@'),
                 ('ab123456d', 'nino=@@'), ('JG 10 37 59 B', 'National Insurance no. @@.'), ('JG103759A', '"nino":"@@"')):
        yes('nino', 'nino', v, t)
    for t in ('AB123456C', 'NINO: DQ123456C', 'NINO: QQ123456E', 'NINO: QO123456C', 'NINO is required', 'bambino AB123456C', 'NINO: QQ12345C',
              'Part AB 12 34 56 C', 'NINO: AB1234567C'):
        no('nino', t)
    # ids and words that aren't of one country
    shared('national-id', 18)
    for t in """1795223717
1795223717604
20261120131
48601234567
SKU-1758-3037-173
4711-2290-88
4006381333931
978-3-16-148410-0
12345678
Tax id missing
550e8400-e29b-41d4-a716-446655440000""".split('\n'):
        no('national-id', t)


# ---- birth dates
def births():
    labels = ['Date of birth: @@', 'DOB @@', 'Born on @@ in Leeds', 'Datum narození: @@', 'narozen @@', 'narozena dne @@', 'Dátum narodenia @@',
              'Data urodzenia: @@', 'ur. @@ w Łodzi', 'urodzona @@', 'Geburtsdatum @@', 'geboren am @@', 'geb. @@', 'Date de naissance : @@', 'née le @@ à Lyon',
              'né(e) le @@', 'Fecha de nacimiento: @@', 'nacido el @@', 'Data di nascita @@', 'nato il @@', 'nata a Roma il @@', 'Geboortedatum: @@',
              'Data de nascimento @@', 'nascido em @@', '{"birthDate":"@@"}', 'dob=@@', 'birthday @@', 'date_of_birth: @@', 'bday="@@"']
    for i, t in enumerate(labels * 2):
        y, m, d = date()
        v = [f'{d:02d}/{m:02d}/{y}', f'{d:02d}.{m:02d}.{y}', f'{d}. {m}. {y}', f'{y}-{m:02d}-{d:02d}', f'{d:02d}-{m:02d}-{y}', f'{d}.{m}.{y}',
             f'{d:02d}/{m:02d}/{y % 100:02d}'][(i + i // len(labels)) % 7]
        yes('birthdate', 'birthdate', v, t)
    for v, t in [('23 April 1961', 'Born @@ in Leeds'), ('April 23, 1961', 'Date of birth: @@'), ('23rd April 1961', 'DOB: @@'), ('23. dubna 1961', 'narozen @@'),
                 ('23. apríla 1961', 'narodený @@'), ('23 kwietnia 1961', 'urodzony @@'), ('23. April 1961', 'geboren am @@'), ('1er avril 1961', 'née le @@'),
                 ('23 de abril de 1961', 'nacida el @@'), ('23 aprile 1961', 'nato il @@'), ('23 april 1961', 'geboren op @@'), ('23 de abril de 1961', 'nascida em @@'),
                 ('23041961', 'Geburtsdatum @@'), ('19610423', '"dob":"@@"'), ('Apr. 23, 1961', 'born @@')]:
        yes('birthdate', 'birthdate', v, t)
    yes('birthdate', 'birthdate', '1961-04-23', '@@', 'value', 'Date of birth')
    yes('birthdate', 'birthdate', '23/04/1961', '@@', 'text', 'bday')
    yes('birthdate', 'birthdate', '1961-04-23', 'a=1&dob=@@&b=2', 'url')
    for t in '''2026-05-11 13:20
11.05.2026
Delivered on 11/05/2026
Order of 11 May 2026
Rechnung vom 11.05.2026
Objednávka ze dne 11. 5. 2026
Zamówienie z dnia 11.05.2026
Commande du 11 mai 2026
Pedido del 11 de mayo de 2026
Ordine del 11/05/2026
Bestelling van 11-05-2026
Encomenda de 11/05/2026
Dodané 11. 5. 2026
Date of birth
Datum narození
Data urodzenia
Geburtsdatum
Date de naissance
Fecha de nacimiento
Data di nascita
Geboortedatum
Data de nascimento
Dátum narodenia
Date of birth (DD/MM/YYYY)
Geburtsdatum (TT.MM.JJJJ)
Date of birth must be before 01/01/2010
Date of birth, e.g. 31/12/1990
Geburtsdatum, z. B. 31.12.1990
Data urodzenia, np. 31.12.1990
Datum narození, např. 31. 12. 1990
Fecha de nacimiento, por ejemplo 31/12/1990
Born to run, 5 stars
Born in 1961
Geburtsjahr 1961
newborn sizes 50/56/62
Birthday sale until 30/11
Birthday cake for 12 people
Card expires 04/29
Valid until 11/2029
Updated 3 days ago
Published 2026-11-20
Copyright 1998-2026
Exchange rate 1.0842, batch 2026-11-20/004512.
Version 10.4.22
12.05.2026 is a Tuesday
11/05/2026 - 12/06/2026
Meeting 2026-11-20 at 13:15
Chapter 12.10.2020
3.14.2015 pi day
born 99/99/9999
born 31/31/1961
date of birth 1961
dob 12
dob: 0
nato il mese scorso
naissance 2026/13
urodzony w maju
nar. 5 x 10 x 2000 mm
geb. 120 x 60 cm
1795223717604
DOB field 12 of 20
Booking 23 April 2026 at 10:00
23 kwietnia 2026
23. dubna 2026'''.split('\n'):
        no('birthdate', t)


# ---- secrets
def secrets():
    def p(v, t, ctx='', label='', cls='secret'):
        yes('secret', cls, v, t, ctx, label)
    # where several would find it, the class is what counts
    for t in ('Authorization: Bearer @@', '{"token":"@@","ok":true}', 'jwt=@@', '#access_token=@@&x=1', '{\\"id_token\\":\\"@@\\"}'):
        p(jwt(), t)
    for t in ('@@', 'session @@ opened', '(@@)', '"@@"', '/@@/', 'data=@@&x'):
        p(jwt(), t, cls='jwt')
    p(jwt(2), 'unsigned @@', cls='jwt')
    up = lambda n: ''.join(rnd.choice('ABCDEFGHIJKLMNOPQRSTUVWXYZ234567') for _ in range(n))
    for pre, n in (('ghp_', 36), ('gho_', 36), ('ghs_', 36), ('github_pat_', 40), ('glpat-', 20), ('sk_live_', 24), ('sk_test_', 24), ('rk_live_', 24),
                   ('whsec_', 32), ('npm_', 36), ('hf_', 34), ('sk-proj-', 48), ('sk-', 48), ('sk-ant-api03-', 60), ('GOCSPX-', 28), ('AIza', 35),
                   ('pypi-', 60), ('figd_', 40), ('ya29.', 60), ('xapp-1-', 40), ('glsa_', 40)):
        p(pre + alnum(n), rnd.choice(('@@', 'key @@ leaked', '"@@"', 'export KEY=@@', 'config: @@,')), cls='api-keys')
    for pre in ('dckr_pat_', 'phx_', 'gsk_', 'r8_', 'lin_oauth_', 'sntrys_', 'pscale_tkn_', 'xai-', 'pplx-', 'nvapi-', 'tskey-auth-', 'ATATT3x'):
        p(pre + 'kX9wQ2mVz7TbR4LnP8sYc3HdkX9wQ2mVz7TbR4LnP8sYc3HdkX9wQ2mVz7TbR4Ln', 'key @@', cls='api-keys')
    p('NRAK-' + 'Q7X2' * 7, 'key @@', cls='api-keys')
    for pre, n in (('shpat_', 32), ('dop_v1_', 64), ('key-', 32), ('SK', 32)):
        p(pre + alnum(n, True), 'value @@ here', cls='api-keys')
    p('AKIA' + up(16), 'aws @@', cls='api-keys')
    p('ASIA' + up(16), '"accessKeyId":"@@"')
    p('xoxb-' + digits(12) + '-' + digits(12) + '-' + alnum(24), 'slack @@', cls='api-keys')
    p('SG.' + alnum(22) + '.' + alnum(43), 'mail @@', cls='api-keys')
    p('-----BEGIN RSA PRIVATE KEY-----\\nMIIEpAIBAAKCAQEA' + alnum(60) + '\\n-----END RSA PRIVATE KEY-----', 'file: @@ end', cls='private-keys')
    p('-----BEGIN PRIVATE KEY----- MIIEvQ' + alnum(40) + ' -----END PRIVATE KEY-----', '@@', cls='private-keys')
    for kind in ('EC PRIVATE KEY', 'OPENSSH PRIVATE KEY', 'ENCRYPTED PRIVATE KEY', 'DSA PRIVATE KEY'):
        p(f'-----BEGIN {kind}----- {alnum(50)} -----END {kind}-----', 'key="@@"', cls='private-keys')
    for t in ('Authorization: Bearer @@', 'curl -H "Authorization: Bearer @@" https://a.example', '"authorization":"Bearer @@"', '{\\"Authorization\\":\\"Bearer @@\\"}'):
        p(alnum(40), t)
    for t in ('bearer @@', 'with Bearer @@.', "'Bearer @@'", 'Bearer%20@@'):
        p(alnum(40), t, cls='bearer')
    p(base64.b64encode(b'jane:hunter2!').decode(), 'basic @@', cls='bearer')
    p(base64.b64encode(b'ci:x9Zq2').decode(), 'via Basic @@ only', cls='bearer')
    p(base64.b64encode(b'jane:hunter2!').decode(), 'Authorization: Basic @@')
    p(base64.b64encode(b'svc:Pa55w0rd').decode(), '"authorization": "Basic @@"')
    for t in ('"sid":"@@"', '"session_id": "@@"', 'sessionid=@@; path=/', 'PHPSESSID=@@', 'JSESSIONID=@@;', 'X-Api-Key: @@', '"apiKey":"@@"', 'api_key=@@', 'api-key: @@',
              '"client_secret":"@@"', 'secret=@@', 'csrf_token=@@', '"csrfToken":"@@"', 'data-token="@@"', 'refresh_token=@@&grant_type=x', 'access_token=@@',
              '{\\"accessToken\\":\\"@@\\"}', '{\\\\\\"token\\\\\\":\\\\\\"@@\\\\\\"}', 'X-Auth-Token: @@', 'AWS_SECRET_ACCESS_KEY=@@', 'private_key=@@', 'token: @@', "'token': '@@'",
              'Authorization: @@', 'Authorization: ApiKey @@', 'xsrf=@@', '[session=@@]'):
        p(alnum(32, True), t, cls='tokens')
    for t in ('Cookie: theme=dark; sid=@@; lang=en', 'Cookie: a=1; s_id=@@', 'cookie: x=@@; y=2', '"cookie":"k=@@"', 'Cookie: uid=@@', 'cookie: _x=@@; b=c'):
        p(alnum(32), t, cls='cookies')
    p(alnum(32), 'Set-Cookie: id=@@; Path=/; HttpOnly', cls='cookies')
    p(alnum(32), '@@', 'text', 'token', cls='tokens')
    p(alnum(24), '@@', 'text', 'apiKey', cls='tokens')
    p(alnum(24), '@@', 'value', 'X-Api-Key', cls='tokens')
    for v in ('username="jane", realm="a", nonce="f9a7", response="6629fae49393a05397450978507c4ef1"', 'Credential=x/20261123/eu/s3/aws4_request, SignedHeaders=host, Signature=8f1c'):
        p(v, 'Digest @@' if v[0] == 'u' else 'AWS4-HMAC-SHA256 @@', 'text', 'authorization', cls='tokens')
    for v, t in [('hunter2', 'password=@@'), ('Tr0ub4dor&3', '"password":"@@"'), ('correct horse', '"passphrase":"@@"'), ('geheim', '"passwort": "@@"'), ('Xk29-fjQ2', 'Your temporary password: @@'),
                 ('tajneHeslo1', 'Heslo: @@'), ('mojeHaslo9', 'hasło: @@'), ('S3cret!x', 'mot de passe : @@'), ('Clave-2026x', 'Contraseña: @@'), ('Wacht00rd', 'Wachtwoord: @@'),
                 ('Senha#2026', 'senha=@@'), ('5056', 'PIN: @@'), ('abc', '{\\"password\\":\\"@@\\"}'), ('p4ss', 'user[password]=@@&commit=1'), ('letmein', '"newPassword":"@@","x":1'),
                 ('q\\"uote9', '{"password":"@@"}')]:
        p(v, t, cls='password')
    for v, t in [('371990', 'Your verification code is @@.'), ('188317', 'otp=@@'), ('402118', 'Ověřovací kód: @@'), ('402 118', 'Kod weryfikacyjny: @@'), ('884210', 'Ihr Bestätigungscode: @@'),
                 ('884213', 'Code de vérification : @@'), ('884214', 'código de verificación: @@'), ('884215', 'codice di verifica @@'), ('884216', 'verificatiecode: @@'),
                 ('884217', 'código de verificação: @@'), ('ZJFB-XMTE-7375', '"recovery_code":"@@"'), ('551204', 'SMS kód: @@')]:
        p(v, t, cls='otp')
    for t in '''Forgot your password?
Password
That password does not match our records.
Password changed just now
Password: must have at least 8 characters
Password: required
Heslo je povinné
Hasło jest za krótkie
Passwort vergessen?
Mot de passe oublié ?
¿Olvidó su contraseña?
Password dimenticata?
Wachtwoord vergeten?
Esqueceu a senha?
Zabudli ste heslo?
PIN for phone support
.password { color: red; }
input[type=password]
<input type="password" name="password">
autocomplete="current-password"
{"type":"password","label":"Password"}
{"password":"Password"}
forgot_password=1
showPassword=true
"rememberPassword":false
"passwordless":true
"tokenType":"Bearer"
token_type=bearer
"max_tokens": 4096
"token":null
token: invalid
"session":"expired"
session: 30 minutes
"auth":"required"
auth=none
"author":"Jane Austen"
"authorName": "Jan12345678"
"keyCode": 13
"key":"Enter"
key: value
"code":"ERR_4040404"
"statusCode":404
code=404
"secretary":"Mr. Smith12345"
Basic plan
basic subscription available
Bearer of good news
bearer token expected
sk-loading-skeleton-wrapper-large
sk-circle-fade-dot
npm_config_registry=x
npm_package_version
xoxo-hugs
glyph-icon
pk_test
ghp_short
-----BEGIN CERTIFICATE-----
-----BEGIN PUBLIC KEY-----
---------- 8< ----------
eyJust.a.word
eyJ
/avatar/d249a33628572a23533804cf662696a1.png
main.5f3a9c21d0b4e6f7.js
sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=
550e8400-e29b-41d4-a716-446655440000
data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAAB
commit 9fceb02d0ae598e95dc970b74767f19372d61af8
Cookie: theme=dark; lang=en
Cookies: we use them
cookie settings saved
Your verification code was sent
Enter the 6-digit code we sent to your phone ending in 44.
Security question
PIN code required
Zip code 12345
Promo code SUMMER2026
promoCode=SUMMER2026
"countryCode":"DE"
Secret garden, 12 photos
token = getToken();
password = document.getElementById("pw")
const token=window.authToken;
password=[password]
"token":"[secret]"
otp=[otp]
https://[secret]:[password]@db.example/x'''.split('\n'):
        no('secret', t)
    no('secret', 'a { background: url(/k/' + alnum(32, True) + '.svg) }', 'css')
    no('secret', '.token: hover { color: red }', 'css')
    no('secret', 'using llvm::Pass::doInitialization1;')


# ---- credentials and persons in URLs
def urls():
    def p(cls, v, t, ctx='url'):
        yes('url-credentials', cls, v, t, ctx)
    schemes = ['https', 'http', 'ftp', 'postgres', 'mongodb+srv', 'amqp', 'mysql', 'redis']
    for i, s in enumerate(schemes * 2):
        user, pw = rnd.choice(('ci-bot', 'admin', 'jane', 'app_rw')), rnd.choice(('hunter2', 'Pa55!word', 'x9-Zq_2', 's3cr3t.x'))
        put('url-credentials', 'url-secrets|password', f'{user}|{pw}', f'{s}://{user}:{pw}@db{i}.example/path', 'url' if i % 2 else '')
    p('password', 'hunter2', 'redis://:@@@cache.example:6379/0')
    p('password', 'hunter2', 'see https://:@@@host.example/ for it', 'text')
    for k in ('password', 'passwd', 'pwd', 'user[password]', 'newPassword', 'pass', 'heslo', 'haslo', 'passwort', 'motdepasse', 'senha', 'wachtwoord'):
        p('password', rnd.choice(('hunter2', 'geheim', 'abc', 'Pa55word')), f'https://a.example/login?{k}=@@&next=/x')
    for k in ('token', 'access_token', 'id_token', 'auth', 'apikey', 'api_key', 'sid', 'session_id', 'secret', 'client_secret', 'csrf', 'refresh_token', 'jwt',
              'X-Amz-Security-Token'):
        p('tokens', alnum(32), f'https://a.example/cb?{k}=@@&x=1')
    for k in ('signature', 'sig', 'code', 'state', 'key'):
        p('url-secrets', alnum(32), f'https://a.example/cb?{k}=@@&x=1')
    for k in ('token', 'sid', 'apikey'):
        p('tokens', alnum(32, True), f'/reset?{k}=@@#top', 'text')
        p('tokens', alnum(32, True), f'https://a.example/#{k}=@@')
        p('tokens', alnum(32, True), f'next=%2Freset%3F{k}%3D@@%26x', 'text')
    for k in ('otp', 'totp', 'verification_code', 'sms_code'):
        p('otp', digits(6), f'https://a.example/verify?{k}=@@')
    p('otp', '371990', 'https://a.example/verify?code=@@&x')
    for k, v in (('firstname', 'Jane'), ('last_name', 'Nováková'), ('surname', 'Kowalski'), ('fullname', 'Jan Novák'), ('username', 'jnovak'), ('street', 'Kestrel Lane 4'),
                 ('address', '32 Kestrel Lane'), ('nachname', 'Müller'), ('prenom', 'Élise'), ('apellidos', 'García López'), ('cognome', 'Rossi'), ('achternaam', 'de Vries'),
                 ('nazwisko', 'Zielińska'), ('prijmeni', 'Dvořák'), ('priezvisko', 'Horváth'), ('apelido', 'Silva')):
        p('url', v, f'https://a.example/form?a=1&{k}=@@&b=2')
    for v, t in (('kX9wQ2mVz7TbR4LnP8sYc3Hd', 'https://a.example/reset-password/@@'), ('9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d', '/verify/@@?lang=de'),
                 ('c8x3q1-5f1d7a84b2c94be6a0d3e1f2a4b5c6d7', 'https://a.example/accounts/reset/MQ/@@/'), ('QmFzZTY0VGV4dFdpdGhMZXR0ZXJz', '#/magic-link/@@'),
                 ('kX9wQ2mVz7TbR4LnP8sYc3He', 'https://a.example/#/invitations/@@/accept'), ('kX9wQ2mVz7TbR4LnP8sYc3Hf', 'https://a.example/emailVerification/@@')):
        p('url-secrets', v, t)
    p('email', 'eva@mail.example', 'https://a.example/?ref=@@')
    p('phone', '07700900935', 'https://a.example/?phone=@@&x=1')
    p('card', card('4', 16), 'https://a.example/?q=@@')
    p('iban', iban('DE', digits(18)), 'https://a.example/?account=@@')
    p('ipv4', '203.0.113.7', 'https://a.example/?client=@@&x')
    p('birthdate', '1961-04-23', 'https://a.example/?dob=@@&x')
    p('pesel', pesel(), 'https://a.example/?pesel=@@')
    for t in '''https://a.example/products?page=2&sort=price
https://a.example/search?q=running+shoes
https://a.example/?lang=de&currency=EUR
https://a.example/docs/reset-password/how-to-reset-your-password-2024
https://a.example/reset-password/instructions-for-customers
https://a.example/verify/static/main.3f9c2d1e8a7b6c5d.chunk.js
/products/9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d/reviews
https://a.example/checkout/confirmation/ORD2026ABCDEF1234
https://a.example/token/0xdAC17F958D2ee523a2206206994597C13D831ec7
https://a.example/reset/filters/running-shoes-and-boots
https://a.example/?code=SUMMER2026
https://a.example/?code=DE
https://a.example/?code=404
https://a.example/?promo_code=AB12CD34EF56
https://a.example/?zipcode=12345
https://a.example/?country_code=CZ
https://a.example/?key=Enter
https://a.example/?state=open
https://a.example/?state=NY
https://a.example/?token=
https://a.example/?token=1
https://a.example/?password=
https://a.example/?forgot_password=1
https://a.example/?reset_password=true
https://a.example/?show_password=1
https://a.example/?password=true
https://a.example/?session=expired
https://a.example/?auth=google
https://a.example/?login=1
https://a.example/?username=
https://a.example/?user=42
https://a.example/?name=Trail+Runner+3
https://a.example/?utm_source=newsletter&utm_campaign=2026-11
https://a.example/?v=10.4.22.1
https://a.example/?ver=2026.11.3
https://a.example/?id=1795223717604
https://a.example/?ean=4006381333931
https://a.example/?sku=1758-3037-173
https://a.example/?order=NP-100482
https://a.example/?date=2026-11-20
https://a.example/?from=2026-11-20&to=2026-11-27
https://a.example/?min=100&max=20000
https://a.example/?lat=50.9123&lng=-1.4781
https://a.example/@jane/posts
https://a.example/@51.5074,-0.1278,12z
https://cdn.example/logo@2x.png
https://cdn.example/npm/lodash@4.17.21/lodash.min.js
https://a.example:8443/path
http://localhost:3000/login
https://a.example/password/reset
https://a.example/auth/login
https://a.example/token
https://a.example/session/new
https://a.example/address
https://a.example/order/1234567890123
https://a.example/i/550e8400-e29b-41d4-a716-446655440000
https://cdn.example/5f3a9c21d0b4e6f7.js
https://a.example/a:b@2
https://a.example/time/12:30@noon
https://a.example/#section-4
https://a.example/#/cart
https://a.example/?ref=footer
https://a.example/?q=password
https://a.example/?q=secret+garden
https://a.example/?sort=-date&filter[status]=open
https://a.example/?width=1280&height=800
https://a.example/?hash=top
https://a.example/?sig=
https://a.example/?password=[password]
https://a.example/?token=[secret]&x=1
https://a.example/?ref=[email]
https://[secret]:[password]@a.example/
ftp://files.example/pub/x.zip
mailto:
tel:
javascript:void(0)'''.split('\n'):
        no('url-credentials', t, 'url')


def looks():
    for t in NOT_CARDS.split('\n'):
        no('card', t)
    for t in NOT_PHONES.split('\n'):
        no('phone', t)


def main():
    for f in (email, phone, cards, ibans, ips, national, births, secrets, urls, looks):
        f()
    bad = 0
    for name, lines in rows.items():
        text = '\n'.join(lines) + '\n'
        path = os.path.join(HERE, name + '.tsv')
        if '--check' in sys.argv[1:]:
            try:
                same = open(path, encoding='utf-8').read() == text
            except OSError:
                same = False
            if not same:
                print(f'{name}.tsv differs from what generate.py writes')
                bad = 1
        else:
            with open(path, 'w', encoding='utf-8', newline='\n') as f:
                f.write(text)
    return bad


if __name__ == '__main__':
    sys.exit(main())
