// The overview, the tasks and the server's load: live by one stream each, and whom the server takes one for.
import assert from 'node:assert/strict';
import {before, test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {allTests, assertAccessible, assertClean, eventually, open, shoot} from './support/browser.mjs';
import {Server} from './support/server.mjs';

const OUTAGE = [/ERR_CONNECTION_REFUSED/, /ERR_INCOMPLETE_CHUNKED/, /ERR_CONNECTION_RESET/, /ERR_EMPTY_RESPONSE/, /503 \(/];
const TASKS = fileURLToPath(new URL('../../examples/recipes/src/main/resources/tasks.yaml', import.meta.url));

/** A minute hidden, and a little more. */
const HIDDEN_MS = 61_000;

let server;

before(async () => (server = await Server.start(allTests, {MILEPOST_TASKS_FILE: TASKS})));

const overview = async (page, on = server) => {
  await page.goto(`${on.url}/`);
  await page.getByText('Needs attention').waitFor();
};

const counter = (page, state, number) =>
  page.locator(`.counters li:has([data-state=${state}])`).getByText(number, {exact: true}).waitFor();

const calls = (page) => {
  const made = [];
  page.on('request', (request) => request.url().includes('/v1/') && made.push(new URL(request.url()).pathname));
  return made;
};

const claim = (on, type, workerId, more) => on.call('jobs:claim', {workerId, types: [type], ...more});

test('The overview follows jobs and workers by one stream, and makes no other call', async (t) => {
  const page = await open(t);
  const made = calls(page);
  await overview(page);
  await page.getByText('No job waits.').waitFor();
  assert.deepEqual(made, ['/v1/caller', '/v1/stats:watch']);

  const job = await server.create({type: 'resize', displayName: 'Doomed', maxRetries: 0});
  await page.getByText('no worker', {exact: true}).waitFor();
  const {jobs} = await claim(server, 'resize', 'w-8', {capacity: 8});
  const worker = page.locator('[data-worker=w-8]');
  await worker.getByText('1 of 8 busy').waitFor();
  await counter(page, 'RUNNING', '1');
  await server.call(`jobs/${job.id}:fail`, {attemptToken: jobs[0].grant.attemptToken, error: {code: 'BROKEN', message: 'the disk is full'}});
  await page.locator(`[data-job="${job.id}"]`).getByText('the disk is full').waitFor();
  await counter(page, 'FAILED', '1');
  await worker.getByText('0 of 8 busy').waitFor();
  await page.getByText('1 in the last hour').waitFor();

  await server.create({type: 'old', displayName: 'Of an old client'});
  await claim(server, 'old', 'w-old');
  await page.locator('[data-worker=w-old]').getByText('1 busy', {exact: true}).waitFor();
  assert.deepEqual(made, ['/v1/caller', '/v1/stats:watch']);
  assertClean(page);
});

test('The charts say how many jobs ended and how long they ran, and lead to their list', async (t) => {
  await server.create({type: 'timed'});
  await (await server.claim('timed')).complete();
  const page = await open(t);
  await overview(page);
  const chart = page.locator('mp-durations');
  await chart.locator('canvas').waitFor();
  await chart.getByRole('img', {name: /jobs ran for .*they had waited/}).waitFor();
  const over = chart.locator('.u-over');
  const {width, height} = await over.boundingBox();
  await over.hover({position: {x: width - 2, y: height / 2}});
  await eventually('a duration in the legend', async () => /\d (ms|s)/.test(await chart.locator('.u-legend').innerText()));
  await shoot(page, 'overview-durations', {fullPage: true});
  await over.click({position: {x: width - 2, y: height / 2}});
  await page.waitForURL(/\/ui\/jobs\?state=SUCCEEDED&state=FAILED&ended-from=/);
  await page.locator('[data-view=jobs] [data-job]').first().waitFor();
  assertClean(page);
});

test('The overview goes on without a reload when the server is killed', async (t) => {
  const mortal = await Server.start(t);
  await mortal.create({type: 'a'});
  const page = await open(t, {expected: OUTAGE});
  await overview(page, mortal);
  await page.evaluate(() => (globalThis.sameDocument = true));
  await mortal.kill();
  await page.getByText('reconnecting').waitFor();
  await counter(page, 'QUEUED', '1');
  await mortal.start();
  await mortal.create({type: 'a'});
  await counter(page, 'QUEUED', '2');
  assert.equal(await page.evaluate(() => globalThis.sameDocument), true);
  assertClean(page);
});

test('A tab that is hidden for a minute closes its stream, and resumes without blanking', async (t) => {
  const quiet = await Server.start(t);
  const hide = (page, hidden) =>
    page.evaluate((value) => {
      Object.defineProperty(document, 'hidden', {value, configurable: true});
      document.dispatchEvent(new Event('visibilitychange'));
    }, hidden);
  await quiet.create({type: 'a'});
  const page = await open(t);
  await page.clock.install();
  await overview(page, quiet);
  await counter(page, 'QUEUED', '1');
  const closed = page.waitForEvent('requestfailed', (request) => request.url().endsWith('/v1/stats:watch'));
  await hide(page, true);
  await page.clock.fastForward(HIDDEN_MS);
  await closed;
  const made = calls(page);
  await quiet.create({type: 'a'});
  await page.clock.fastForward(HIDDEN_MS);
  await counter(page, 'QUEUED', '1');
  assert.deepEqual(made, []);

  await hide(page, false);
  await counter(page, 'QUEUED', '2');
  assert.deepEqual(made, ['/v1/stats:watch']);
  assertClean(page);
});

test('Tasks and their steps are live by one stream', async (t) => {
  const page = await open(t);
  const made = calls(page);
  await page.goto(`${server.url}/ui/tasks`);
  await page.getByText('No tasks').waitFor();
  const {task} = await server.call('tasks', {definition: 'nightly-photos'});
  const row = page.locator(`[data-job="${task.job.id}"]`);
  await row.waitFor();
  const first = row.locator('.step').first();
  await eventually('a link to the first step', async () => /\/ui\/jobs\/./.test((await first.getAttribute('href')) ?? ''));
  assert.equal(made.filter((path) => path === '/v1/jobs:watch').length, 1);

  const {job} = await server.call(`jobs/${(await first.getAttribute('href')).split('/').pop()}`);
  const {jobs} = await claim(server, job.spec.type, 'w-steps');
  await server.call(`jobs/${job.id}:complete`, {attemptToken: jobs[0].grant.attemptToken});
  await row.locator('.step.DONE').first().waitFor();
  const second = row.locator('.step').nth(1);
  await eventually('a link to the second step', async () => /\/ui\/jobs\/./.test((await second.getAttribute('href')) ?? ''));

  await server.call('tasks', {definition: 'nightly-photos'});
  await page.getByRole('button', {name: '1 new'}).click();
  await eventually('two tasks', async () => (await page.locator('[data-view=tasks] .task').count()) === 2);
  assertClean(page);
});

test('The page says whom the server takes one for, and offers what that one may do', async (t) => {
  const page = await open(t);
  await overview(page);
  await page.getByRole('link', {name: 'Server'}).waitFor();
  await page.getByRole('button', {name: /developer/}).click();
  const dialog = page.getByRole('dialog', {name: 'Identity'});
  await dialog.getByText('The server takes you for this user').waitFor();
  await dialog.getByText('user, operator').waitFor();
  await shoot(page, 'identity');
  await assertAccessible(page, 'identity');

  await dialog.getByRole('textbox', {name: 'User'}).fill('carla');
  await dialog.getByLabel('Role').selectOption('USER');
  await dialog.getByRole('button', {name: 'Use this identity'}).click();
  await page.getByRole('button', {name: /carla/}).waitFor();
  await page.getByText('Needs attention').waitFor();
  assert.equal(await page.getByRole('link', {name: 'Server'}).count(), 0);
  assert.equal(await page.getByText('Throughput').count(), 0);
  await server.call('jobs', {spec: {type: 'of-carla'}}, 'carla');
  await page.getByText('of-carla').waitFor();
  await counter(page, 'QUEUED', '1');
  assertClean(page);
});

test('What the server is busy with is live for an administrator', async (t) => {
  const page = await open(t);
  await page.addInitScript(() =>
    sessionStorage.setItem('milepost.identity', JSON.stringify({user: 'root', tenant: 'default', roles: ['USER', 'ADMIN']})));
  const made = calls(page);
  await page.goto(`${server.url}/ui/server`);
  await page.getByText('Busy with').waitFor();
  await page.getByText('live', {exact: true}).waitFor();
  assert.deepEqual([...made].sort(), ['/v1/caller', '/v1/server', '/v1/stats:watch']);
  assertClean(page);
});
