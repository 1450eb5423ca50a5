// <milepost-progress> in pages of other sites, against real servers.
import assert from 'node:assert/strict';
import {before, test} from 'node:test';
import {DESKTOP, PHONE, Site, allTests, assertAccessible, assertClean, eventually, open, payload, shoot} from './support/browser.mjs';
import {Server} from './support/server.mjs';

/** As strict as a page can be: no inline style, no inline script, no markup from strings. */
const policy = (server) =>
  `default-src 'none'; script-src ${server}; connect-src ${server}; base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'`;

const attribute = (text) => text.replaceAll('&', '&amp;').replaceAll('"', '&quot;');

const bar = ({job, token}) => `<milepost-progress job="${attribute(job.id ?? job)}" token="${attribute(token)}"></milepost-progress>`;

const host = (server, bars) => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"><title>Another site</title>
<script type="module" src="${server}/ui/progress.js"></script></head>
<body><main><h1>Another site</h1>${bars}</main></body></html>`;

/** What the tests share that do not kill it. */
let both;

before(async () => (both = await pair(allTests)));

/** A server and a site that it allows. */
async function pair(t, settings = {}) {
  const site = await Site.start(t);
  const server = await Server.start(t, {MILEPOST_HTTP_ALLOWED_ORIGINS: site.origin, ...settings});
  return {server, site};
}

/** Starts a job, shares it, claims it and shows it in a page. */
async function shown(t, {server, site}, spec = {type: 'hash'}, options = {}) {
  const job = await server.create(spec);
  const {token, shareId} = await server.share(job);
  const page = await open(t, options);
  await page.goto(site.add(`/${job.id}`, host(server.url, bar({job, token})), policy(server.url)));
  const element = page.locator('milepost-progress');
  await page.evaluate(() => {
    globalThis.seen = [];
    for (const type of ['milepost-progress', 'milepost-end', 'milepost-error']) {
      document.addEventListener(type, ({detail}) => globalThis.seen.push([type, detail.state ?? detail.status]));
    }
  });
  return {page, job, shareId, element, state: (name) => stateIs(element, name)};
}

const stateIs = (element, name) => eventually(`state ${name}`, async () => (await element.getAttribute('data-state')) === name);

const valueIs = (element, value) =>
  eventually(`progress ${value}`, async () => (await element.getByRole('progressbar').getAttribute('aria-valuenow')) === String(value));

/** The text that is visible in an element, which its own innerText does not contain. */
const textOf = (element) => element.evaluate((node) => [...node.shadowRoot.children].map((child) => child.innerText).join('\n'));

const textHas = (element, text) => eventually(`text "${text}"`, async () => (await textOf(element)).includes(text));

const files = (current) => ({stage: {name: 'Hashing'}, progress: {current, total: 1204, unit: 'files'}});

test('A bar is live from 0 % to SUCCEEDED, in a page with the strictest policy', async (t) => {
  const {page, element, state} = await shown(t, both, {type: 'hash', displayName: 'Holiday photos'});
  await state('QUEUED');
  await textHas(element, 'Holiday photos');
  const attempt = await both.server.claim('hash');
  await attempt.report(files(0));
  await state('RUNNING');
  await valueIs(element, 0);
  await attempt.report(files(730));
  await valueIs(element, 60);
  await textHas(element, '730 of 1,204 files');
  await textHas(element, 'Hashing');
  const fill = element.locator('[part=fill]');
  const share = () => fill.evaluate((node) => node.getBoundingClientRect().width / node.parentElement.getBoundingClientRect().width);
  await eventually('the bar is as long as the work', async () => Math.abs((await share()) - 730 / 1204) < 0.01);
  await eventually('rate and time left', async () => {
    await attempt.report(files(731 + Math.floor(Math.random() * 100)));
    return /\/(s|min) · about \d+ (s|m|h)/.test(await textOf(element));
  });
  await attempt.report(files(1204));
  await attempt.complete();
  await state('SUCCEEDED');
  await textHas(element, 'Succeeded');
  await textHas(element, '1,204 of 1,204 files · took ');
  await valueIs(element, 100);
  assert.deepEqual((await page.evaluate(() => globalThis.seen)).filter(([type]) => type !== 'milepost-progress'), [['milepost-end', 'JOB_STATE_SUCCEEDED']]);
  assertClean(page);
});

test('A bar shows that a job FAILED, and how far it had come', async (t) => {
  const {page, element, state} = await shown(t, both, {type: 'hash', maxRetries: 0});
  const attempt = await both.server.claim('hash');
  await attempt.report({...files(301), progress: {current: 301, total: 1204, failed: 6, unit: 'files'}});
  await attempt.fail({code: 'DISK_FULL', message: 'The disk is full.'});
  await state('FAILED');
  await textHas(element, 'Failed');
  await textHas(element, '301 of 1,204 files · 6 failed');
  await valueIs(element, 25);
  assertClean(page);
});

test('A bar shows a cancel from the request to the end', async (t) => {
  const {page, job, element, state} = await shown(t, both);
  const attempt = await both.server.claim('hash');
  await attempt.report(files(100));
  await state('RUNNING');
  await both.server.call(`jobs/${job.id}:cancel`, {});
  await state('CANCELLING');
  await attempt.confirmCancel();
  await state('CANCELLED');
  await textHas(element, 'Cancelled');
  assertClean(page);
});

test('A bar goes on without a reload when the server is killed and restarted', async (t) => {
  const {server, site} = await pair(t);
  const {page, element, state} = await shown(t, {server, site}, {type: 'hash'}, {expected: [/ERR_CONNECTION_REFUSED/, /ERR_INCOMPLETE_CHUNKED/, /ERR_CONNECTION_RESET/]});
  const attempt = await server.claim('hash');
  await attempt.report(files(301));
  await valueIs(element, 25);
  await page.evaluate(() => (globalThis.sameDocument = true));
  await server.kill();
  await textHas(element, 'reconnecting');
  assert.equal(await element.getByRole('progressbar').getAttribute('aria-valuenow'), '25', 'what was shown stays');
  await server.start();
  await attempt.report(files(602));
  await valueIs(element, 50);
  await eventually('reconnected', async () => !(await textOf(element)).includes('reconnecting'));
  await attempt.complete();
  await state('SUCCEEDED');
  assert.equal(await page.evaluate(() => globalThis.sameDocument), true);
  assertClean(page);
});

test('A bar says that its token was revoked, and does not ask again', async (t) => {
  const {page, job, shareId, element, state} = await shown(t, both, {type: 'hash'}, {expected: [/401 \(Unauthorized\)/]});
  await both.server.claim('hash');
  await state('RUNNING');
  await both.server.call(`jobs/${job.id}:unshare`, {shareId});
  await textHas(element, 'has expired or was revoked');
  assert.deepEqual((await page.evaluate(() => globalThis.seen)).at(-1), ['milepost-error', 'UNAUTHENTICATED']);
  const requests = [];
  page.on('request', (request) => requests.push(request.url()));
  await element.evaluate((node, token) => node.setAttribute('token', token), 'mls_forged');
  await textHas(element, 'has expired or was revoked');
  await eventually('one request', () => requests.length === 1);
  // A new token in the same element is all that it takes to go on.
  const {token} = await both.server.share(job);
  await element.evaluate((node, text) => node.setAttribute('token', text), token);
  await eventually('no refusal', async () => !(await textOf(element)).includes('revoked'));
  await state('RUNNING');
  assert.equal(requests.length, 2);
  assertClean(page);
});

test('A page of a site that is not allowed gets neither the script nor the stream', async (t) => {
  const {server} = both;
  const other = await Site.start(t);
  const job = await server.create({type: 'foreign'});
  const {token} = await server.share(job);
  const page = await open(t, {expected: [/CORS policy/, /ERR_FAILED/, /403/]});
  const refused = page.waitForEvent('requestfailed', (request) => request.url().endsWith('progress.js'));
  await page.goto(other.add('/', host(server.url, bar({job, token}))));
  await refused;
  assert.equal(await page.evaluate(() => customElements.get('milepost-progress') === undefined), true);
  const stream = await page.evaluate(
    ([url, secret]) => fetch(url, {headers: {authorization: `Bearer ${secret}`}}).then((r) => `read ${r.status}`, () => 'refused'),
    [`${server.url}/v1/jobs/${job.id}/progress:watch`, token],
  );
  assert.equal(stream, 'refused');
  assertClean(page);
});

test('Texts of users stay text', async (t) => {
  // Long texts of each field, as far as its limit allows.
  const name = payload('name').slice(0, 256);
  const stage = payload('stage').slice(0, 256);
  const message = payload('message');
  const {page, element} = await shown(t, both, {type: 'hash', displayName: name});
  const attempt = await both.server.claim('hash');
  await attempt.report({stage: {name: stage, detail: payload('detail')}, progress: {current: 1, total: 2, unit: '<b>files</b>', message}});
  for (const text of [name, stage, message, payload('detail'), '<b>files</b>']) {
    await eventually(text, async () => (await element.evaluate((node) => node.shadowRoot.textContent)).includes(text));
  }
  assert.equal(await element.evaluate((node) => node.shadowRoot.querySelectorAll('script, img, b').length), 0);
  assert.equal(await page.evaluate(() => globalThis.pwned), undefined);
  assertClean(page);
});

/** One bar in each state, of real jobs. */
async function everyState(server) {
  const bars = [];
  const add = async (type, displayName, more = {}) => {
    const job = await server.create({type, displayName, maxRetries: 0, ...more});
    bars.push({job, ...(await server.share(job))});
    return job;
  };
  await add('queued', 'Waits for a worker');
  await add('running', 'Holiday photos');
  await (await server.claim('running')).report({stage: {name: 'Resizing', detail: 'beach'}, progress: {current: 730, total: 1204, unit: 'photos', failed: 6}});
  await add('unknown', 'Nobody knows how much');
  await (await server.claim('unknown')).report({stage: {name: 'Reading'}, progress: {current: 4_200_000_000, unit: 'bytes', message: 'ملف ١٢ 🎉'}});
  const cancelling = await add('cancelling', 'Is asked to stop');
  await (await server.claim('cancelling')).report(files(900));
  await server.call(`jobs/${cancelling.id}:cancel`, {});
  await add('stalled', 'Says nothing', {timeouts: {stallAfter: '1s'}});
  await (await server.claim('stalled')).report(files(300));
  await add('succeeded', 'x'.repeat(256));
  await (await server.claim('succeeded')).complete({report: files(1204)});
  await add('failed', 'reindex');
  await (await server.claim('failed')).fail({code: 'BROKEN', message: 'broken'}, {report: files(400)});
  const cancelled = await add('cancelled', 'No longer needed');
  await server.call(`jobs/${cancelled.id}:cancel`, {});
  bars.push({job: cancelled, token: 'mls_forged'});
  return bars;
}

const STATES = ['QUEUED', 'RUNNING', 'RUNNING', 'CANCELLING', 'STALLED', 'SUCCEEDED', 'FAILED', 'CANCELLED', null];

test('Every state has its word and its look, is accessible, and fits a phone', async (t) => {
  const {server, site} = both;
  const address = site.add('/', host(server.url, (await everyState(server)).map(bar).join('<p></p>')), policy(server.url));
  const accessible = site.add('/axe', host(server.url, site.pages.get('/').text.match(/<milepost.*>/)[0]));
  for (const [name, options] of [['light', {}], ['dark', {dark: true}], ['phone', {viewport: PHONE}]]) {
    const page = await open(t, {viewport: DESKTOP, ...options, expected: [/401 \(Unauthorized\)/]});
    await page.goto(address);
    const bars = page.locator('milepost-progress');
    for (const [index, state] of STATES.entries()) {
      await eventually(`bar ${index} is ${state}`, async () => (await bars.nth(index).getAttribute('data-state')) === state);
    }
    await textHas(bars.last(), 'has expired or was revoked');
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth), true, 'wider than the window');
    await shoot(page, `progress-${name}`, {fullPage: true});
    assertClean(page);
    // Without the policy, which refuses axe itself.
    await page.goto(accessible);
    await textHas(bars.last(), 'has expired or was revoked');
    await assertAccessible(page, name);
  }
});
