// One Chromium for a file of tests, pages that fail a test by what they must not do, and pages of other sites.
import assert from 'node:assert/strict';
import {createServer} from 'node:http';
import {mkdirSync, readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {join} from 'node:path';
import {after} from 'node:test';

const tools = createRequire(join(process.env.MILEPOST_BROWSER_TOOLS, 'package.json'));
const {chromium} = tools('playwright-core');
const axe = readFileSync(tools.resolve('axe-core/axe.min.js'), 'utf8');
const shots = process.env.MILEPOST_BROWSER_OUTPUT;

/** How long a page may take to show what a test waits for, on a busy machine. */
export const WAIT = 30_000;

export const DESKTOP = {width: 1280, height: 860};
export const PHONE = {width: 360, height: 740};

let launched;

function browser() {
  launched ??= chromium.launch({
    executablePath: process.env.MILEPOST_BROWSER,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic'],
  });
  return launched;
}

const endings = [];

/** In place of a test: what lasts until the last test of a file. */
export const allTests = {after: (end) => endings.push(end)};

after(async () => {
  await (await launched)?.close();
  await Promise.all(endings.map((end) => end()));
});

/**
 * Opens a page of its own session. What goes wrong in it is in `problems`: exceptions, errors on the console, violations of
 * its policy, dialogs. Of these, `expected` ones are left out.
 */
export async function open(t, {viewport = DESKTOP, dark = false, expected = [], ...options} = {}) {
  const context = await (await browser()).newContext({
    viewport,
    colorScheme: dark ? 'dark' : 'light',
    reducedMotion: 'reduce',
    bypassCSP: false,
    ...options,
  });
  t.after(() => context.close());
  context.setDefaultTimeout(WAIT);
  const page = await context.newPage();
  page.problems = [];
  const report = (text) => {
    if (!expected.some((pattern) => pattern.test(text))) {
      page.problems.push(text);
      console.log(`${page.url()}: ${text}`);
    }
  };
  page.on('pageerror', (error) => report(`exception: ${error.stack}`));
  page.on('console', (message) => message.type() === 'error' && report(`console: ${message.text()} ${message.location().url}`));
  page.on('dialog', (dialog) => {
    report(`dialog: ${dialog.message()}`);
    return dialog.dismiss();
  });
  await page.exposeFunction('reportViolation', (text) => report(`policy: ${text}`));
  await page.addInitScript(() => {
    globalThis.addEventListener('securitypolicyviolation', (event) =>
      globalThis.reportViolation(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber} ${event.sample}`));
  });
  return page;
}

/** Fails if anything went wrong in a page. */
export function assertClean(page) {
  assert.deepEqual(page.problems, [], 'the page reports errors');
}

/** Fails if axe finds a violation. */
export async function assertAccessible(page, name) {
  await page.evaluate(axe);
  const violations = await page.evaluate(async () => {
    const {violations} = await globalThis.axe.run(document, {resultTypes: ['violations']});
    return violations.map(({id, help, nodes}) => `${id}: ${help}: ${nodes.slice(0, 3).map((n) => `${n.target} ${n.failureSummary}`).join(' | ')}`);
  });
  assert.deepEqual(violations, [], `axe: ${name}`);
}

/** Writes a picture of a page into the output of the build. */
export async function shoot(page, name, options = {}) {
  mkdirSync(shots, {recursive: true});
  await page.screenshot({path: join(shots, `${name}.png`), animations: 'disabled', ...options});
}

/** Another site: serves pages by path, on a free port, with a policy. */
export class Site {
  /** No icon, so that browsers do not complain. */
  pages = new Map([['', {text: '', type: 'image/png'}]]);

  static async start(t) {
    const site = new Site();
    const http = createServer((request, response) => {
      const {pathname} = new URL(request.url, site.origin);
      const page = site.pages.get(pathname === '/favicon.ico' ? '' : pathname);
      response.writeHead(page ? 200 : 404, {'content-type': page?.type ?? 'text/plain', ...(page?.policy ? {'content-security-policy': page.policy} : {})});
      response.end(page?.text ?? '');
    });
    await new Promise((resolve) => http.listen(0, 'localhost', resolve));
    t.after(() => {
      http.closeAllConnections();
      http.close();
    });
    site.origin = `http://localhost:${http.address().port}`;
    return site;
  }

  /** Serves a page and returns its address. */
  add(path, text, policy = '', type = 'text/html; charset=utf-8') {
    this.pages.set(path, {text, policy, type});
    return this.origin + path;
  }
}

/** Waits until a condition holds. Fails with what was seen last. */
export async function eventually(what, condition, timeout = WAIT) {
  const end = Date.now() + timeout;
  for (;;) {
    let seen;
    try {
      if (await condition()) {
        return;
      }
    } catch (error) {
      seen = error;
    }
    assert.ok(Date.now() < end, `not within ${timeout / 1000} s: ${what}${seen ? `: ${seen.message}` : ''}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Texts that run, or break out of markup, wherever they are taken for it. */
export const PAYLOADS = [
  '<script>globalThis.pwned=1</script>',
  '<img src=x onerror="globalThis.pwned=1">',
  '"><svg onload=globalThis.pwned=1>',
  "';globalThis.pwned=1;//",
  '${globalThis.pwned=1}{{globalThis.pwned=1}}',
  'javascript:globalThis.pwned=1',
];

/** All of them in one line, told apart by a name. */
export const payload = (name) => `${name} ${PAYLOADS.join(' ')}`;
