// Sharing a job: the link and the element that the page gives work for people without an account, until they are revoked.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {PHONE, Site, assertAccessible, assertClean, eventually, open, shoot} from './support/browser.mjs';
import {Server} from './support/server.mjs';

test('A job is shared by a link and by an element, and no longer once that is revoked', async (t) => {
  const site = await Site.start(t);
  const server = await Server.start(t, {MILEPOST_HTTP_ALLOWED_ORIGINS: site.origin});
  const job = await server.create({type: 'shared', displayName: 'Quarterly figures', params: {secret: 'not for all'}, timeouts: {lease: '600s'}});
  const attempt = await server.claim('shared');
  await attempt.report({stage: {name: 'Adding up'}, progress: {current: 30, total: 120, unit: 'sheets'}, logs: [{level: 'LOG_LEVEL_INFO', message: 'a secret line'}]});

  const page = await open(t, {permissions: ['clipboard-read', 'clipboard-write']});
  await page.goto(`${server.url}/ui/jobs/${job.id}`);
  await page.getByRole('button', {name: 'Share…'}).click();
  const dialog = page.getByRole('dialog', {name: /Share/});
  await dialog.getByText(/nothing of its owner, log/).waitFor();
  await dialog.getByLabel('Valid for').selectOption('7 days');
  await dialog.getByLabel('For whom').fill('the board');
  await assertAccessible(page, 'before a job is shared');
  await dialog.getByRole('button', {name: 'Create the link'}).click();
  await dialog.getByText(/Valid until/).waitFor();
  await dialog.getByText('the board').waitFor();
  const {shares} = await server.call(`jobs/${job.id}/shares`);
  assert.equal(shares.length, 1);
  assert.equal(shares[0].label, 'the board');
  const days = (Date.parse(shares[0].expireTime) - Date.parse(shares[0].createTime)) / 86_400_000;
  assert.ok(Math.abs(days - 7) < 0.01, `${days} days`);
  await assertAccessible(page, 'a shared job');
  await shoot(page, 'share');

  const copy = async (name) => {
    await dialog.getByRole('button', {name}).click();
    await dialog.getByRole('button', {name: 'Copied'}).waitFor();
    return page.evaluate(() => navigator.clipboard.readText());
  };
  const link = await copy('Copy link');
  const snippet = await copy('Copy snippet');
  assert.match(snippet, /^<script type="module" src=.*<\/script>\n<milepost-progress job=/);

  // Somebody else, with a phone and without an account.
  const guest = await open(t, {viewport: PHONE});
  const requests = [];
  guest.on('request', (request) => requests.push(request.url()));
  await guest.goto(link);
  await guest.getByText('Quarterly figures').waitFor();
  await guest.getByText('Adding up').waitFor();
  await eventually('the page has its title', async () => (await guest.title()) === 'Quarterly figures · Milepost');
  const text = await guest.evaluate(() => document.body.innerText + document.querySelector('milepost-progress').shadowRoot.textContent);
  assert.doesNotMatch(text, /secret|alice/);
  assert.ok(requests.every((url) => !url.includes('mls_')), 'no address that is sent has the token');
  await assertAccessible(guest, 'the page behind a link');
  await shoot(guest, 'shared-phone');

  // The other site, which needs nothing but the snippet.
  const embedded = await open(t);
  await embedded.goto(site.add('/board', `<!doctype html><html lang="en"><title>Board</title><main>${snippet}</main>`));
  await embedded.getByText('Quarterly figures').waitFor();
  await attempt.report({progress: {current: 60, total: 120, unit: 'sheets'}});
  for (const each of [guest, embedded]) {
    await each.getByText('50%').or(each.getByText('50 %')).first().waitFor();
  }

  await dialog.getByRole('button', {name: 'Revoke'}).click();
  await eventually('nothing is shared', async () => !(await server.call(`jobs/${job.id}/shares`)).shares?.length);
  for (const each of [guest, embedded]) {
    await each.getByText(/expired or was revoked/).waitFor();
  }
  await dialog.getByRole('button', {name: 'Create the link'}).waitFor();
  await dialog.getByRole('button', {name: 'Close'}).click();
  assertClean(page);
});
