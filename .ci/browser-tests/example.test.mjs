// examples/browser, as its README says, but on free ports.
import {readFileSync} from 'node:fs';
import {test} from 'node:test';
import {PHONE, Site, assertAccessible, assertClean, eventually, open, shoot} from './support/browser.mjs';
import {Server} from './support/server.mjs';

const file = (name) => readFileSync(new URL(`../../examples/browser/${name}`, import.meta.url), 'utf8');

test('examples/browser starts a job and shows it by fetch and by <milepost-progress>', async (t) => {
  const site = await Site.start(t);
  const server = await Server.start(t, {MILEPOST_HTTP_ALLOWED_ORIGINS: site.origin});
  const at = (name) => file(name).replaceAll('http://localhost:7301', server.url);
  for (const name of ['milepost.js', 'worker.js']) {
    site.add(`/${name}`, at(name), '', 'text/javascript');
  }
  const page = await open(t, {viewport: PHONE});
  await page.goto(site.add('/', at('index.html')));
  await page.getByRole('button', {name: 'Start a job'}).click();
  const bar = page.locator('milepost-progress');
  await eventually('it runs', async () => (await bar.getAttribute('data-state')) === 'RUNNING');
  await page.getByText('JOB_STATE_RUNNING').waitFor();
  await page.getByText('20 photos resized').waitFor();
  await assertAccessible(page, 'examples/browser');
  await shoot(page, 'example');
  await page.getByText('Ended: JOB_STATE_SUCCEEDED').waitFor();
  await eventually('it shows the end', async () => (await bar.getAttribute('data-state')) === 'SUCCEEDED');
  assertClean(page);
});
