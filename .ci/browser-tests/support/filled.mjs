// A store with many jobs, filled once through a server's API and copied for each use.
import {cp, mkdir, mkdtemp, rename, rm, stat} from 'node:fs/promises';
import {connect} from 'node:http2';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {Server} from './server.mjs';

/** Jobs in the store, so many as the limit of a tenant allows by default: 1,000,000. */
export const JOBS = Number(process.env.MILEPOST_BROWSER_JOBS ?? 20_000);

const TYPES = ['user-sync', 'export', 'thumbnails', 'report'];
const OWNERS = 1000;
const IN_FLIGHT = 128;
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

/** Creates jobs by HTTP/2, many at a time. */
async function create(server, from, to) {
  const session = connect(server.url);
  let next = from;
  const one = async () => {
    while (next < to) {
      const number = next++;
      await post(session, {
        userId: `owner-${number % OWNERS}`,
        spec: {
          type: TYPES[Math.floor(number / OWNERS) % TYPES.length],
          displayName: `Customer ${number} of the morning run`,
          projectId: `project-${number % 50}`,
          labels: {customer: `customer-${number}`, region: number % 2 ? 'eu' : 'us'},
        },
      });
    }
  };
  try {
    await Promise.all(Array.from({length: IN_FLIGHT}, one));
  } finally {
    session.close();
  }
}

function post(session, request) {
  return new Promise((resolve, reject) => {
    const stream = session.request({
      ':method': 'POST',
      ':path': '/v1/jobs',
      'content-type': 'application/json',
      'x-milepost-user': 'filler',
      'x-milepost-roles': 'OPERATOR',
    });
    let status = 0;
    stream.on('response', (headers) => (status = headers[':status']));
    stream.on('data', () => {});
    stream.on('error', reject);
    stream.on('end', () => (status === 200 ? resolve() : reject(new Error(`a job could not be created: ${status}`))));
    stream.end(JSON.stringify(request));
  });
}
