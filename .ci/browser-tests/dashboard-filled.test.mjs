// The dashboard on a store with many jobs: finding one, and how long that takes.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {assertClean, open, shoot} from './support/browser.mjs';
import {JOBS, NEEDLE, startFilled} from './support/filled.mjs';

/** Compressed bytes of the first view, with everything that it loads. */
const MAX_FIRST_LOAD = 80 * 1024;

/** Calls of which a figure is the median. The first ones warm the server up. */
const CALLS = 11;

test(`One failed job among ${JOBS} is found by the search field, in each way in which one may know it`, async (t) => {
  const server = await startFilled(t);
  const page = await open(t);
  let bytes = 0;
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Network.enable');
  const files = new Set();
  cdp.on('Network.responseReceived', ({requestId, response}) => /\/ui\/|:\d+\/$/.test(response.url) && files.add(requestId));
  cdp.on('Network.loadingFinished', ({requestId, encodedDataLength}) => (bytes += files.has(requestId) ? encodedDataLength : 0));
  await page.goto(`${server.url}/`);
  await page.getByText('Needs attention').waitFor();
  const paint = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime);
  console.log(`figure: first paint of the overview after ${Math.round(paint)} ms; complete after ${await sinceNavigation(page)} ms`);
  console.log(`figure: first load of ${(bytes / 1024).toFixed(1)} KiB in ${files.size} files, compressed`);
  assert.ok(bytes <= MAX_FIRST_LOAD, `the first load has ${bytes} bytes`);
  await shoot(page, 'filled-overview');

  await page.goto(`${server.url}/ui/jobs`);
  await page.locator('[data-view=jobs] [data-job]').first().waitFor();
  console.log(`figure: the list of ${JOBS} jobs is shown ${await sinceNavigation(page)} ms after navigation`);
  const {jobs} = await server.call('jobs?filter.types=reindex');
  const {id} = jobs[0];
  const field = page.getByRole('searchbox', {name: 'Search jobs'});
  const found = page.locator(`[data-view=jobs] [data-job="${id}"]`);
  for (const query of [id, id.slice(0, 13), 'customer:zanzibar-42', 'type:reindex', 'state:failed', 'Zanzibar']) {
    await field.fill('');
    await page.locator('[data-view=jobs] [data-job]').nth(5).waitFor();
    const begun = Date.now();
    await field.fill(query);
    await found.waitFor();
    assert.equal(await page.locator('[data-view=jobs] [data-job]').count(), 1);
    console.log(`figure: found by "${query === id ? 'ID' : query}" in ${Date.now() - begun} ms, with a pause of 300 ms after typing`);
  }
  await shoot(page, 'filled-search');
  await page.getByRole('link', {name: NEEDLE.displayName}).click();
  await page.getByText('segment 3 looks odd').waitFor();
  await page.getByText('segment 3 has a wrong checksum').first().waitFor();
  await page.goBack();
  await found.waitFor();
  assertClean(page);
});

test(`How long lists and counts of ${JOBS} jobs take`, async (t) => {
  const server = await startFilled(t);
  const search = (filter, pageToken = '') => server.callAsOperator('jobs:search', {filter, pageToken, pageSize: 50, view: 'JOB_VIEW_BASIC'});
  await figure('the newest 50', () => search({}));
  await figure('the newest 50 of a state', () => search({states: ['JOB_STATE_QUEUED']}));
  await figure('the only failed job', () => search({states: ['JOB_STATE_FAILED']}));
  await figure('the newest 50 with a label', () => search({labels: {region: 'eu'}}));
  await figure('the only job with a label', () => search({labels: NEEDLE.labels}));
  await figure('the newest 50 with a common text', () => search({text: 'MORNING'}));
  await figure('the only job with a text, and that there is no other', async () => {
    const found = [];
    let page;
    do {
      page = await search({text: 'ZANZIBAR'}, page?.nextPageToken);
      found.push(...(page.jobs ?? []));
    } while (page.nextPageToken);
    assert.deepEqual(found.map((job) => job.spec.displayName), [NEEDLE.displayName]);
  });
  await figure('counts by state', () => server.callAsOperator('jobs:count', {groupBy: ['JOB_GROUP_STATE']}));
  await figure('the count of a text', async () => {
    const {total} = await server.callAsOperator('jobs:count', {filter: {text: 'zanzibar'}});
    assert.equal(Number(total), 1);
  });
});

/** Prints the median time of some calls by HTTP, and that of the fastest: on a busy machine, calls mostly wait. */
async function figure(name, call) {
  const took = [];
  for (let i = 0; i < CALLS; i++) {
    const begun = performance.now();
    await call();
    took.push(performance.now() - begun);
  }
  took.sort((one, other) => one - other);
  console.log(`figure: ${name} in ${took[CALLS >> 1].toFixed(1)} ms, median of ${CALLS}; the fastest in ${took[0].toFixed(1)} ms`);
}

const sinceNavigation = (page) => page.evaluate(() => Math.round(performance.now()));
