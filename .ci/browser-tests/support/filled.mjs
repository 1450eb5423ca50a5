// A store with many jobs, filled once through a server's API and copied for each use.
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {cp, mkdir, mkdtemp, rename, rm, stat} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {JAR, Server} from './server.mjs';

/** Jobs in the store: more than a search goes through for one page. The limit of a tenant is 1,000,000 by default. */
export const JOBS = Number(process.env.MILEPOST_BROWSER_JOBS ?? 150_000);

const SETTINGS = {MILEPOST_LIMITS_USER_REQUESTS_PER_SECOND: '0', MILEPOST_LIMITS_TENANT_REQUESTS_PER_SECOND: '0', MILEPOST_LIMITS_TENANT_JOBS: '0'};

/** The one that is looked for. */
export const NEEDLE = {type: 'reindex', displayName: 'Catalogue of the Zanzibar shop', projectId: 'acme', labels: {customer: 'zanzibar-42'}, maxRetries: 0};

/** Starts a server on a copy of the store with JOBS jobs, of which NEEDLE alone has failed. */
export async function startFilled(t) {
  const filled = await fill(t);
  const folder = await mkdtemp(join(tmpdir(), 'milepost-browser-filled-'));
  t.after(() => rm(folder, {recursive: true, force: true}));
  await cp(filled, join(folder, 'milepost.db'));
  return Server.start(t, SETTINGS, `sqlite:${join(folder, 'milepost.db')}`);
}

async function fill(t) {
  const done = join(process.env.MILEPOST_BROWSER_OUTPUT, '..', 'browser-stores', `${JOBS}.db`);
  if (await stat(done).catch(() => null)) {
    return done;
  }
  await mkdir(join(done, '..'), {recursive: true});
  const folder = await mkdtemp(join(tmpdir(), 'milepost-browser-fill-'));
  t.after(() => rm(folder, {recursive: true, force: true}));
  const store = join(folder, 'milepost.db');
  const server = await Server.start(t, SETTINGS, `sqlite:${store}`);
  const begun = Date.now();
  const half = Math.floor(JOBS / 2);
  await create(server, 0, half);
  await server.create(NEEDLE);
  const attempt = await server.claim(NEEDLE.type);
  await attempt.report({stage: {name: 'Indexing'}, logs: [{level: 'LOG_LEVEL_WARNING', message: 'segment 3 looks odd'}]});
  await attempt.fail({code: 'INDEX_CORRUPTED', message: 'segment 3 has a wrong checksum'});
  await create(server, half, JOBS - 1);
  await server.stop();
  await rename(store, done).catch(() => cp(store, done));
  console.log(`filled a store with ${JOBS} jobs in ${Math.round((Date.now() - begun) / 1000)} s`);
  return done;
}

/** Creates jobs by gRPC: see Fill.java. */
async function create(server, from, to) {
  const jobs = spawn('java', ['-cp', JAR, fileURLToPath(new URL('Fill.java', import.meta.url)), server.address, `${from}`, `${to}`], {stdio: ['ignore', 'inherit', 'inherit']});
  const [code] = await once(jobs, 'exit');
  assert.equal(code, 0, 'the store could not be filled');
}
