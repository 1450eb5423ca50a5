// The dashboard: every view, as it looks and to those who do not see it, and with hostile texts.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {fileURLToPath} from 'node:url';
import {DESKTOP, PHONE, assertAccessible, assertClean, eventually, open, shoot} from './support/browser.mjs';
import {populate, populateHostile} from './support/jobs.mjs';
import {Server} from './support/server.mjs';

const TASKS = fileURLToPath(new URL('../../examples/recipes/src/main/resources/tasks.yaml', import.meta.url));

/** What each view shows once it is complete. */
const views = ({running, failed}) => [
  ['overview', '/', 'Needs attention'],
  ['jobs', '/ui/jobs', 'Users of the morning run'],
  ['jobs-none', '/ui/jobs?q=nothing-has-this-name', /no job/i],
  ['job-log', `/ui/jobs/${running.id}`, 'half of the users are loaded'],
  ['job-items', `/ui/jobs/${running.id}?tab=items`, 'photo-20.jpg'],
  ['job-input', `/ui/jobs/${running.id}?tab=input`, 'ldap://directory'],
  ['job-outcome', `/ui/jobs/${running.id}?tab=outcome`, 'loaded'],
  ['job-history', `/ui/jobs/${running.id}?tab=history`, 'Running'],
  ['job-failed', `/ui/jobs/${failed.id}`, 'segment 3 has a wrong checksum'],
  ['job-unknown', '/ui/jobs/no-such-job', 'All jobs'],
  ['tasks', '/ui/tasks', 'Nightly photos'],
  ['server', '/ui/server', /version/i],
];

test('Every view opens without errors, is accessible in light and dark, and fits a phone', async (t) => {
  const server = await Server.start(t, {MILEPOST_TASKS_FILE: TASKS});
  const jobs = await populate(server);
  await server.call('tasks', {definition: 'nightly-photos'});
  for (const [theme, options] of [['light', {viewport: DESKTOP}], ['dark', {viewport: DESKTOP, dark: true}], ['phone', {viewport: PHONE}]]) {
    for (const [name, path, text] of views(jobs)) {
      await t.test(`${name}, ${theme}`, async (t) => {
        const page = await open(t, {...options, expected: name === 'job-unknown' ? [/404 \(Not Found\)/, /400 \(Bad Request\)/] : []});
        await page.goto(server.url + path);
        await page.getByText(text).filter({visible: true}).first().waitFor();
        await shoot(page, `${name}-${theme}`);
        const {width, window} = await page.evaluate(() => ({width: document.documentElement.scrollWidth, window: document.documentElement.clientWidth}));
        assert.ok(width <= window, `${width} px wide in a window of ${window} px`);
        await assertAccessible(page, `${name}, ${theme}`);
        assertClean(page);
      });
    }
  }
});

test('Texts of users stay text, in every field and view', async (t) => {
  const server = await Server.start(t);
  const {job, failed, done, cancelled} = await populateHostile(server);
  const views = [
    ['/', ['failed']],
    ['/ui/jobs', ['name', 'stage', 'error', 'reason']],
    [`/ui/jobs/${job.id}`, ['name', 'stage', 'detail', 'message', 'part', 'log', 'colored', 'worker']],
    [`/ui/jobs/${job.id}?tab=items`, ['item', 'item message']],
    [`/ui/jobs/${job.id}?tab=input`, ['project', 'label', 'label value', 'key', 'value', 'element', 'version']],
    [`/ui/jobs/${job.id}?tab=outcome`, ['counter', 'key', 'value']],
    [`/ui/jobs/${job.id}?tab=history`, []],
    [`/ui/jobs/${failed.id}`, ['failed', 'error']],
    [`/ui/jobs/${failed.id}?tab=outcome`, ['error', 'key', 'value']],
    [`/ui/jobs/${done.id}?tab=outcome`, ['key', 'value', 'element']],
    [`/ui/jobs/${cancelled.id}`, ['reason']],
    [`/ui/jobs/${cancelled.id}?tab=history`, ['reason']],
    [`/ui/jobs?q=${encodeURIComponent('<img src=x onerror="globalThis.pwned=1">')}`, []],
    ['/ui/server', []],
  ];
  for (const [path, names] of views) {
    await t.test(path.replace(/[0-9a-f-]{36}/, 'JOB'), async (t) => {
      const page = await open(t);
      await page.goto(server.url + path);
      await page.locator('[data-view]').first().waitFor();
      for (const name of names) {
        // A text is there, markup and all: `name <script>...`.
        await eventually(`the text of ${name}`, async () => (await visibleText(page)).includes(`${name} <script>globalThis.pwned=1</`));
      }
      const found = await page.evaluate(() => {
        const roots = (root) => [root, ...[...root.querySelectorAll('*')].filter((node) => node.shadowRoot).flatMap((node) => roots(node.shadowRoot))];
        return roots(document).flatMap((root) => [...root.querySelectorAll('[onload], [onerror], [src=x], a[href^="javascript:"]')]).length;
      });
      assert.equal(found, 0, 'elements of a hostile text');
      assert.equal(await page.evaluate(() => globalThis.pwned), undefined, 'a hostile text ran');
      assertClean(page);
    });
  }
});

/** All texts of a page and of the shadow roots in it. */
function visibleText(page) {
  return page.evaluate(() => {
    const text = (node) =>
      node.nodeType === Node.TEXT_NODE
        ? node.data
        : ['STYLE', 'SCRIPT'].includes(node.nodeName)
          ? ''
          : [...(node.shadowRoot ?? node).childNodes].map(text).join('');
    return text(document.body);
  });
}
