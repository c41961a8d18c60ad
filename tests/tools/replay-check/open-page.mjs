#!/usr/bin/env node
// open-page: open pages that play a recording, as somebody does who clicks on one in a folder, and say what came of it.
//
// usage: open-page.mjs FILE.html... [--out DIR]
//   --out DIR  write NAME.png (the last frame) there
// Each is opened as a file, played for a moment by its button, and sent to its end by its bar. Prints one JSON object a file:
//   note      what the page says instead of playing, or null
//   title     the page's, at the end
//   moved     whether playing got the time on
//   text      the text of the last frame
//   requests  what was asked for beside the file itself, and not refused by its own policy
//   errors    exceptions, and what the console shows as errors
// Chromium is found through CHROMIUM or in PATH.
import { chromium } from 'playwright-core';
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const exe = process.env.CHROMIUM || (process.env.PATH || '').split(':').flatMap((d) => ['chromium', 'chromium-browser', 'google-chrome'].map((n) => path.join(d, n))).find((p) => fs.existsSync(p));
// What a recording's own pages would load is refused by the page's policy, and said so: no fault of the page.
const REFUSED = /Content Security Policy|sandboxed|net::ERR_/;
const files = process.argv.slice(2);
const at = files.indexOf('--out');
const out = at < 0 ? null : files.splice(at, 2)[1];
if (!files.length) { console.error('usage: open-page.mjs FILE.html... [--out DIR]'); process.exit(2); }
const browser = await chromium.launch({ executablePath: exe, headless: true, args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync'] });

async function clock(page) { return page.locator('.rr-timeline__time').first().textContent(); }
async function open(file) {
  const r = { file: path.basename(file), title: null, note: null, moved: false, text: '', requests: [], errors: [] };
  const url = pathToFileURL(file).href;
  const page = await (await browser.newContext({ viewport: { width: 1300, height: 900 } })).newPage();
  page.on('request', (q) => { if (q.url() !== url && !/^(data|blob|about):/.test(q.url())) r.requests.push(q.url()); });
  page.on('requestfailed', (q) => { if (/BLOCKED_BY_CSP|csp/i.test(q.failure().errorText)) r.requests = r.requests.filter((u) => u !== q.url()); });
  page.on('console', (m) => { if (m.type() === 'error' && !REFUSED.test(m.text())) r.errors.push(m.text()); });
  page.on('pageerror', (e) => r.errors.push('exception: ' + e.message));
  await page.goto(url, { waitUntil: 'load', timeout: 60000 });
  const note = page.locator('#note');
  if (await note.isVisible()) {
    r.note = await note.textContent();
  } else {
    const begin = await clock(page);
    await page.locator('.rr-controller__btns button').first().click();
    r.moved = await page.waitForFunction((t) => document.querySelector('.rr-timeline__time').textContent !== t, begin, { timeout: 15000 }).then(() => true, () => false);
    const bar = await page.locator('.rr-progress').boundingBox();
    await page.mouse.click(bar.x + bar.width - 1, bar.y + bar.height / 2);
    await page.waitForTimeout(500);
    r.text = await page.evaluate(() => {
      const texts = [];
      const walk = (n) => { if (n.shadowRoot) walk(n.shadowRoot); for (const c of n.childNodes || []) { if (c.nodeType !== 3) walk(c); else if (!/^(STYLE|SCRIPT|NOSCRIPT)$/.test(n.nodeName) && c.data.trim()) texts.push(c.data.trim()); } if (n.value && /^(INPUT|TEXTAREA)$/.test(n.tagName)) texts.push(n.value); };
      walk(document.querySelector('.replayer-wrapper iframe').contentDocument);
      return texts.join('\n');
    });
  }
  r.title = await page.title();
  if (out) { fs.mkdirSync(out, { recursive: true }); await page.screenshot({ path: path.join(out, r.file + '.png') }); }
  await page.context().close();
  return r;
}
for (const f of files) console.log(JSON.stringify(await open(f)));
await browser.close();
