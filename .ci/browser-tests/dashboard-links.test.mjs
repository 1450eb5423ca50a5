// The URL is the state: what one sees is in it, so that back, reload and a link that is passed on lead to the same.
import assert from 'node:assert/strict';
import {before, test} from 'node:test';
import {allTests, assertClean, eventually, open} from './support/browser.mjs';
import {Server} from './support/server.mjs';

const line = (level, message, context) => ({level: `LOG_LEVEL_${level}`, message, context});

/** Lines of the first attempt, more than a page loads at once. */
const FIRST_ATTEMPT = 20_000;

/** More than two pages of the list. */
const JOBS = 130;

let server;

before(async () => {
  server = await Server.start(allTests, {
    MILEPOST_JOBS_JOURNAL_CAP: '100000',
    MILEPOST_LIMITS_USER_REQUESTS_PER_SECOND: '0',
    MILEPOST_LIMITS_TENANT_REQUESTS_PER_SECOND: '0',
  });
});

/** A job whose second attempt has died between two long ones. */
async function threeAttempts() {
  const job = await server.create({type: 'attempts', displayName: 'Three attempts', maxRetries: 2, retryBackoff: {initial: '0.1s'}, timeouts: {lease: '600s'}});
  const talk = async (attempt, count, name) => {
    for (let i = 0; i < count; i += 1000) {
      await attempt.report({logs: Array.from({length: 1000}, (_, k) => line('INFO', `${name} line ${i + k}`))});
    }
  };
  const first = await server.claim('attempts');
  await talk(first, FIRST_ATTEMPT, 'first');
  await first.fail({code: 'TRANSIENT', message: 'once more', retryable: true});
  const second = await server.claimSoon('attempts');
  await second.report({logs: [line('INFO', 'second begins'), line('WARNING', 'second feels ill', {errno: 13}), line('ERROR', 'second: the last words')]});
  await second.fail({code: 'DIED', message: 'out of memory', retryable: true});
  const third = await server.claimSoon('attempts');
  await talk(third, FIRST_ATTEMPT, 'third');
  return {job, third};
}

test('What attempt 2 said before it died is one click away in a log of 40,000 lines, and a link that can be passed on', async (t) => {
  const {job, third} = await threeAttempts();
  const page = await open(t);
  const pages = [];
  page.on('request', (request) => /\/journal\?/.test(request.url()) && pages.push(request.url()));
  await page.goto(`${server.url}/ui/jobs/${job.id}`);
  await page.getByText(`third line ${FIRST_ATTEMPT - 1}`, {exact: true}).waitFor();
  assert.ok(pages.length <= 2, `the end of the log takes ${pages.length} pages, not all of it`);
  await page.getByRole('link', {name: 'Attempt 2'}).click();
  await page.getByText('second: the last words').waitFor();
  await page.getByText('second begins').waitFor();
  assert.equal(await page.getByText(/^(first|third) line/).count(), 0, 'only the second attempt');
  await page.getByLabel('Level').selectOption('warning and above');
  await eventually('no line of information is left', async () => (await page.getByText('second begins').count()) === 0);
  await page.getByText('second feels ill').waitFor();
  const search = page.getByRole('searchbox', {name: 'Search the log'});
  await search.fill('errno');
  await eventually('only the line with this in its context', async () => (await page.getByText('second: the last words').count()) === 0);
  await page.getByText('second feels ill').waitFor();
  const {search: query} = new URL(page.url());
  assert.equal(query, '?attempt=2&level=WARNING&search=errno');

  // A link that is passed on.
  const other = await open(t);
  await other.goto(page.url());
  await other.getByText('second feels ill').waitFor();
  assert.equal(await other.getByRole('combobox', {name: 'Attempt'}).inputValue(), '2');
  assert.equal(await other.getByLabel('Level').inputValue(), 'WARNING');
  assert.equal(await other.getByRole('searchbox', {name: 'Search the log'}).inputValue(), 'errno');
  assert.equal(await other.getByText('second: the last words').count(), 0);

  // What arrives is filtered as what was there.
  await page.goto(`${server.url}/ui/jobs/${job.id}?attempt=3&level=ERROR&search=alarm`);
  await page.getByText('No line matches').waitFor();
  await third.report({logs: [line('INFO', 'alarm, but calm'), line('ERROR', 'all is well'), line('ERROR', 'ALARM in the third')]});
  await page.getByText('ALARM in the third').waitFor();
  assert.equal(await page.getByText('alarm, but calm').or(page.getByText('all is well')).count(), 0);

  // Back goes through what was chosen.
  await other.getByLabel('Level').selectOption('all');
  await eventually('the level is left out', async () => !other.url().includes('level'));
  await other.goBack();
  await eventually('the level is back', async () => (await other.getByLabel('Level').inputValue()) === 'WARNING');
  assertClean(page);
  assertClean(other);
});

test('A link to a line leads to it in the middle of a long log', async (t) => {
  const job = await server.create({type: 'lines', displayName: 'Long', timeouts: {lease: '600s'}});
  const attempt = await server.claim('lines');
  for (let i = 0; i < 12_000; i += 1000) {
    await attempt.report({logs: Array.from({length: 1000}, (_, k) => line('INFO', `line ${i + k} here`))});
  }
  const page = await open(t);
  await page.goto(`${server.url}/ui/jobs/${job.id}?line=6000`);
  const marked = page.locator('.marked');
  await marked.waitFor();
  assert.equal(await marked.getAttribute('data-sequence'), '6000');
  assert.ok(await marked.evaluate((row) => {
    const {top, bottom} = row.getBoundingClientRect();
    const box = row.closest('.scroll').getBoundingClientRect();
    return top >= box.top && bottom <= box.bottom;
  }), 'the line is in sight');
  await page.getByText('Follow', {exact: false}).first().waitFor();
  // A click marks another line without a jump; back marks the first one again.
  const before = await marked.boundingBox();
  await page.locator('[data-sequence="6003"] .number').click();
  await eventually('the other line is marked', async () => (await marked.getAttribute('data-sequence')) === '6003');
  assert.ok(Math.abs((await page.locator('[data-sequence="6000"]').boundingBox()).y - before.y) < 2, 'nothing has jumped');
  assert.match(page.url(), /line=6003/);
  await page.goBack();
  await eventually('the first line is marked', async () => (await marked.getAttribute('data-sequence')) === '6000');
  await page.reload();
  await eventually('and after a reload', async () => (await marked.getAttribute('data-sequence')) === '6000');
  assertClean(page);
});

test('The place in a list of many jobs is in the URL: reload, back and a new tab lead to it', async (t) => {
  const user = 'lister';
  for (let i = 0; i < JOBS; i++) {
    await server.call('jobs', {spec: {type: 'listed', displayName: `Job number ${i}`}}, user);
  }
  const page = await open(t);
  const rows = page.locator('[data-view=jobs] [data-job]');
  await page.goto(`${server.url}/ui/jobs?type=listed`);
  await page.getByText(`Job number ${JOBS - 1}`, {exact: true}).waitFor();
  assert.equal(await rows.count(), 50);
  await page.getByRole('button', {name: 'Load older jobs'}).click();
  await page.getByText('Job number 70', {exact: true}).scrollIntoViewIfNeeded();
  await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
  await page.getByText('Job number 40', {exact: true}).waitFor();
  await eventually('the place is in the URL', async () => page.url().includes('at='));
  const address = page.url();

  const other = await open(t);
  await other.goto(address);
  const first = `Job number ${JOBS - 51}`;
  await other.getByText(first, {exact: true}).waitFor();
  const names = await other.locator('[data-view=jobs] [data-job] .name a').allInnerTexts();
  assert.equal(names[0], first, 'the page that was seen comes first');
  await other.getByRole('link', {name: 'Job number 60', exact: true}).click();
  await other.locator('[data-view=job]').waitFor();
  await other.goBack();
  await other.getByText(first, {exact: true}).waitFor();
  await other.reload();
  await other.getByText(first, {exact: true}).waitFor();
  assert.equal((await other.locator('[data-view=jobs] [data-job] .name a').allInnerTexts())[0], first);

  // Forward to the newest, page by page and at once.
  await other.getByRole('button', {name: 'Load newer jobs'}).click();
  await other.getByText(`Job number ${JOBS - 1}`, {exact: true}).waitFor();
  const all = await other.locator('[data-view=jobs] [data-job] .name a').allInnerTexts();
  assert.equal(new Set(all).size, all.length, 'no job is shown twice');
  assert.deepEqual(all, Array.from({length: all.length}, (_, i) => `Job number ${JOBS - 1 - i}`), 'none is left out');
  await page.goto(address);
  await page.getByRole('link', {name: 'Go to the newest'}).click();
  await page.getByText(`Job number ${JOBS - 1}`, {exact: true}).waitFor();
  assert.doesNotMatch(page.url(), /at=/);
  assertClean(page);
  assertClean(other);
});

test('A tab, its filter and how much of it is shown are in the URL', async (t) => {
  const job = await server.create({type: 'many-items', displayName: 'Many items', timeouts: {lease: '600s'}});
  const attempt = await server.claim('many-items');
  const items = (from, to, state) => Array.from({length: to - from}, (_, i) => ({id: `item-${String(from + i).padStart(4, '0')}`, state: `ITEM_STATE_${state}`}));
  await attempt.report({items: [...items(0, 250, 'DONE'), ...items(250, 260, 'FAILED')]});
  const page = await open(t);
  await page.goto(`${server.url}/ui/jobs/${job.id}`);
  await page.getByRole('link', {name: /^Items/}).click();
  await page.getByRole('button', {name: /^Done/}).click();
  await page.getByRole('button', {name: 'Load more items'}).click();
  await page.getByText('item-0199').waitFor();
  const other = await open(t);
  await other.goto(page.url());
  await other.getByText('item-0199').waitFor();
  assert.equal(await other.getByRole('button', {name: /^Done/}).getAttribute('aria-pressed'), 'true');
  assert.equal(await other.getByText('item-0250').count(), 0);
  await page.goBack();
  await page.getByRole('button', {name: /^All/, pressed: true}).waitFor();
  assertClean(page);
  assertClean(other);
});
