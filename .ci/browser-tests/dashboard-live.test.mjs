// The dashboard while jobs run: logs, cancels, a killed server.
import assert from 'node:assert/strict';
import {before, test} from 'node:test';
import {allTests, assertClean, eventually, open, shoot} from './support/browser.mjs';
import {Server} from './support/server.mjs';

const info = (message) => ({level: 'LOG_LEVEL_INFO', message});

/** What Chromium says of a server that is gone. */
const OUTAGE = [/ERR_CONNECTION_REFUSED/, /ERR_INCOMPLETE_CHUNKED/, /ERR_CONNECTION_RESET/, /ERR_EMPTY_RESPONSE/];

/** Lines of the longest log that a server can keep of one level. */
const LONG_LOG = 100_000;

let server;

before(async () => (server = await Server.start(allTests, {MILEPOST_JOBS_JOURNAL_CAP: `${LONG_LOG}`})));

async function runningJob(on, type, displayName) {
  const job = await on.create({type, displayName, timeouts: {lease: '600s'}});
  const attempt = await on.claim(type);
  await attempt.report({stage: {name: 'Working'}, logs: [info('the first line')]});
  return {job, attempt};
}

const state = (page, name) => page.locator(`[data-view=job] .head [data-state=${name}]`).waitFor();

test('A log is followed live, and a cancel is seen from the request to its delivery and end', async (t) => {
  const {job, attempt} = await runningJob(server, 'live', 'Followed');
  const page = await open(t);
  await page.goto(`${server.url}/ui/jobs`);
  await page.locator(`[data-job="${job.id}"]`).getByRole('link', {name: 'Followed'}).click();
  await page.getByText('the first line').waitFor();
  for (let i = 0; i < 5; i++) {
    await attempt.report({logs: [info(`live line ${i}`)], progress: {current: i, total: 10, unit: 'things'}});
    await page.getByText(`live line ${i}`).waitFor();
  }
  await page.getByText('4 of 10 things').first().waitFor();
  await page.getByRole('button', {name: 'Cancel…'}).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox').fill('a test of the cancel');
  await dialog.getByRole('button', {name: 'Cancel job'}).click();
  await state(page, 'CANCELLING');
  const {ack} = await attempt.heartbeat();
  assert.equal(ack.directive, 'DIRECTIVE_CANCEL');
  await page.getByText(/delivered/i).first().waitFor();
  await page.getByText('a test of the cancel').first().waitFor();
  await shoot(page, 'cancel-delivered');
  await attempt.confirmCancel();
  await state(page, 'CANCELLED');
  await page.getByRole('button', {name: 'Retry…'}).waitFor();
  assertClean(page);
});

test('The page of a job and the list go on without a reload when the server is killed', async (t) => {
  const mortal = await Server.start(t);
  const {job, attempt} = await runningJob(mortal, 'mortal', 'Survivor');
  const page = await open(t, {expected: OUTAGE});
  const list = await open(t, {expected: OUTAGE});
  await page.goto(`${mortal.url}/ui/jobs/${job.id}`);
  await list.goto(`${mortal.url}/ui/jobs`);
  await page.getByText('the first line').waitFor();
  await list.locator(`[data-job="${job.id}"]`).waitFor();
  for (const each of [page, list]) {
    await each.evaluate(() => (globalThis.sameDocument = true));
  }
  await mortal.kill();
  for (const each of [page, list]) {
    await each.getByText('reconnecting').first().waitFor();
  }
  assert.equal(await page.getByText('the first line').count(), 1, 'what was shown stays');
  await shoot(page, 'reconnecting');
  await mortal.start();
  await attempt.report({logs: [info('after the restart')]});
  await page.getByText('after the restart').waitFor();
  assert.equal(await page.getByText('the first line').count(), 1, 'nothing is shown twice');
  await attempt.complete();
  await state(page, 'SUCCEEDED');
  await list.locator(`[data-job="${job.id}"] [data-state=SUCCEEDED]`).waitFor();
  for (const each of [page, list]) {
    assert.equal(await each.evaluate(() => globalThis.sameDocument), true);
    await eventually('no longer reconnecting', async () => (await each.getByText('reconnecting').count()) === 0);
    assertClean(each);
  }
});

test(`A log of ${LONG_LOG} lines is followed, scrolled and searched`, async (t) => {
  const {job, attempt} = await runningJob(server, 'talker', 'Talks much');
  const send = async (from, to) => {
    for (let next = from; next < to; next += 1000) {
      await attempt.report({logs: Array.from({length: Math.min(1000, to - next)}, (_, i) => info(`line ${next + i} of a long log`))});
    }
  };
  // One line was there before, and one comes later.
  const count = LONG_LOG - 2;
  await send(0, count - 10_000);
  const page = await open(t);
  const begun = Date.now();
  await page.goto(`${server.url}/ui/jobs/${job.id}`);
  const last = (number) => page.getByText(`line ${number} of a long log`, {exact: true}).waitFor({timeout: 120_000});
  await last(count - 10_001);
  console.log(`figure: a log of ${count - 10_000} lines is shown to its end ${Date.now() - begun} ms after navigation`);
  await send(count - 10_000, count);
  await last(count - 1);
  assert.ok((await page.locator('[data-sequence]').count()) < 300, 'only what is seen is drawn');
  // Far up and back, by keys, as a person does.
  await page.getByRole('region', {name: 'Log'}).press('Home');
  await page.getByText('the first line').waitFor();
  await attempt.report({logs: [info('a line while one reads the beginning')]});
  await page.getByText(/lines of 100,000 loaded/).waitFor();
  assert.equal(await page.getByText('the first line').count(), 1, 'the log does not jump');
  await page.getByRole('button', {name: /Follow/}).click();
  await page.getByText('a line while one reads the beginning').waitFor();
  // Up through what is loaded: more is, and nothing jumps or is missing.
  const log = page.getByRole('region', {name: 'Log'});
  const seen = new Set();
  for (let up = 0; up < 200 && seen.size < 2500; up++) {
    await log.evaluate((scroller) => scroller.scrollBy(0, -400));
    await log.evaluate(() => new Promise(requestAnimationFrame));
    for (const sequence of await page.locator('[data-sequence]').evaluateAll((rows) => rows.map((row) => Number(row.dataset.sequence)))) {
      seen.add(sequence);
    }
  }
  const all = [...seen].sort((a, b) => a - b);
  assert.ok(all.length >= 2500, `${all.length} lines were seen on the way up`);
  assert.equal(all.at(-1) - all[0] + 1, all.length, 'no line is missing on the way up');
  await page.getByRole('searchbox', {name: 'Search the log'}).fill('line 54321 of');
  await last(54_321);
  await shoot(page, 'log-long');
  assertClean(page);
});
