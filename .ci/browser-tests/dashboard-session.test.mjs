// A token that ends while a page watches: the page says so, keeps what it shows, and goes on with another token.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {test} from 'node:test';
import {assertAccessible, assertClean, open, shoot} from './support/browser.mjs';
import {Server} from './support/server.mjs';

test('A page whose token ends says so, keeps what it shows, and goes on once one has signed in again', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'milepost-browser-tokens-'));
  t.after(() => rm(folder, {recursive: true, force: true}));
  const file = join(folder, 'tokens.json');
  const token = (...args) => execFileSync('java', ['-jar', process.env.MILEPOST_BROWSER_SERVER, 'token', ...args, '--file', file], {encoding: 'utf8'}).trim();
  const create = (user, role) => token('create', '--user', user, '--role', role, '--ttl', '1h');
  const first = create('ann', 'OPERATOR');
  const worker = create('w-7f', 'WORKER');
  const server = await Server.start(t, {MILEPOST_AUTH_TOKENS_FILE: file});
  const call = async (path, request, credential) => {
    const response = await fetch(`${server.url}/v1/${path}`, {
      method: 'POST',
      headers: {'content-type': 'application/json', authorization: `Bearer ${credential}`},
      body: JSON.stringify(request),
    });
    assert.equal(response.status, 200, await response.clone().text());
    return response.json();
  };
  const {job} = await call('jobs', {spec: {type: 'kept', displayName: 'Goes on', timeouts: {lease: '600s'}}}, first);
  const claimed = (await call('jobs:claim', {workerId: 'w-7f', types: ['kept']}, worker)).jobs[0];
  const write = (message) =>
    call(`jobs/${job.id}:report`, {attemptToken: claimed.grant.attemptToken, report: {logs: [{level: 'LOG_LEVEL_INFO', message}]}}, worker);
  await write('before');

  const page = await open(t, {expected: [/401 \(Unauthorized\)/]});
  await page.goto(`${server.url}/ui/jobs/${job.id}`);
  await page.getByRole('textbox', {name: 'Token'}).or(page.getByLabel('Token')).fill(first);
  await page.getByRole('button', {name: 'Sign in'}).click();
  await page.getByText('before').waitFor();
  await page.evaluate(() => (globalThis.sameDocument = true));

  const id = token('list').match(/[0-9a-f]{16}(?=.*\bann\b)/)[0];
  token('revoke', id);
  await page.getByText('You are signed out.').waitFor();
  await page.getByText('signed out', {exact: true}).waitFor();
  assert.equal(await page.getByText('before').count(), 1, 'what was shown stays');
  await write('meanwhile');
  await assertAccessible(page, 'signed out');
  await shoot(page, 'signed-out');

  const field = page.getByLabel('Token');
  await field.fill(first);
  await page.getByRole('button', {name: 'Sign in again'}).click();
  await page.getByRole('alert').filter({hasText: 'UNAUTHENTICATED'}).waitFor();
  await field.fill(create('ann', 'OPERATOR'));
  // The server reads the file again within two seconds.
  for (let tries = 0; tries < 20 && (await field.count()); tries++) {
    await page.getByRole('button', {name: 'Sign in again'}).click();
    await Promise.race([field.waitFor({state: 'detached', timeout: 1000}).catch(() => {}), page.getByText('meanwhile').waitFor({timeout: 1000}).catch(() => {})]);
  }
  await page.getByText('meanwhile').waitFor();
  await write('afterwards');
  await page.getByText('afterwards').waitFor();
  assert.equal(await page.getByText('before').count(), 1, 'nothing is shown twice');
  assert.equal(await page.getByText('You are signed out.').count(), 0);
  assert.equal(await page.evaluate(() => globalThis.sameDocument), true, 'the page was not loaded again');
  assertClean(page);
});
