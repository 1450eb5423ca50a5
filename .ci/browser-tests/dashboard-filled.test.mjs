// The dashboard on a store with many jobs: finding one, and how long that takes.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {assertClean, open, shoot} from './support/browser.mjs';
import {JOBS, NEEDLE, startFilled} from './support/filled.mjs';

/** Compressed bytes of the first view, with everything that it loads. */
const MAX_FIRST_LOAD = 80 * 1024;

test(`One failed job among ${JOBS} is found by the search field, in each way in which one may know it`, async (t) => {
  const server = await startFilled(t);
  // More jobs than the server counts by text: the page then shows no number.
  const page = await open(t, {expected: [/400 \(Bad Request\).*jobs:count$/]});
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
    if (query === 'Zanzibar') {
      // No index helps to find a text: the page searches for some seconds, and then asks whether to go on.
      const older = page.getByRole('button', {name: 'Search older jobs'});
      for (await found.or(older).waitFor(); !(await found.isVisible()); await found.or(older).waitFor()) {
        await older.click();
      }
    }
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

const sinceNavigation = (page) => page.evaluate(() => Math.round(performance.now()));
