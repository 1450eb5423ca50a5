// Jobs as real ones are: in every state, with logs, items, results, errors, children and texts of all kinds.
import {payload} from './browser.mjs';

const line = (level, message, context = undefined) => ({level: `LOG_LEVEL_${level}`, message, context});

const items = (from, to, state, message = undefined) =>
  Array.from({length: to - from}, (_, i) => ({id: `photo-${from + i}.jpg`, state: `ITEM_STATE_${state}`, message}));

/** Creates jobs of all states. Returns the running one and the failed one, which show most. */
export async function populate(server) {
  await server.create({type: 'thumbnails', displayName: 'Waits for a worker'});
  await server.create({type: 'thumbnails', displayName: 'Waits for tomorrow', notBeforeTime: new Date(Date.now() + 86_400_000).toISOString()});

  const running = await server.create({
    type: 'user-sync',
    displayName: 'Users of the morning run',
    projectId: 'acme/42',
    labels: {region: 'eu', customer: 'zanzibar'},
    timeouts: {lease: '3600s'},
    params: {source: 'ldap://directory', batch: 500, fields: ['name', 'mail'], dryRun: false},
  });
  const attempt = await server.claim('user-sync', 'w-91');
  await attempt.report({stage: {name: 'Scanning'}, logs: [line('INFO', 'reading the directory'), line('DEBUG', 'page 1', {cursor: 'a1'})]});
  await attempt.report({
    stage: {name: 'Loading users', detail: 'eu-west'},
    items: [...items(0, 20, 'DONE'), ...items(20, 26, 'FAILED', 'unreadable: errno 13'), ...items(26, 60, 'PENDING')],
    progress: {
      current: 730,
      total: 1204,
      unit: 'users',
      failed: 6,
      subOperations: [
        {id: 'scan', displayName: 'scan', fraction: 1},
        {id: 'load', displayName: 'load', fraction: 0.41},
        {id: 'check', displayName: 'check', fraction: 0},
      ],
    },
    logs: [
      line('MILESTONE', 'half of the users are loaded'),
      line('WARNING', 'unreadable: /data/x', {errno: 13, path: '/data/x'}),
      line('ERROR', 'user 17 has no mail'),
      line('INFO', `a long line ${'0123456789 '.repeat(40)}`),
      line('INFO', '\u001b[32mgreen\u001b[0m and \u001b[1;31mbold red\u001b[0m'),
      line('INFO', 'several\nlines\nof text'),
    ],
    outcomeIncrements: {loaded: 724, skipped: 6},
  });

  const failed = await server.create({type: 'reindex', displayName: 'Catalogue', maxRetries: 1, retryBackoff: {initial: '0.1s'}});
  for (const last of [false, true]) {
    const claimed = await server.claimSoon('reindex', 'w-7f');
    await claimed.report({stage: {name: 'Indexing'}, progress: {current: 3, total: 9, unit: 'segments'}, logs: [line('WARNING', 'segment 3 looks odd')]});
    await claimed.fail({
      code: 'INDEX_CORRUPTED',
      message: 'segment 3 has a wrong checksum',
      retryable: !last,
      details: {segment: 3},
      stackTrace: 'IndexCorrupted: segment 3\n  at index.Segment.read(Segment.java:42)\n  at index.Index.open(Index.java:7)',
    });
  }

  await server.create({type: 'export', displayName: 'Monthly report'});
  const done = await server.claim('export', 'w-7f');
  await done.report({stage: {name: 'Writing'}, progress: {current: 40, total: 40, unit: 'pages'}, logs: [line('INFO', 'written')]});
  await done.complete({result: {pages: 40, file: 'report.pdf'}});

  const cancelled = await server.create({type: 'later', displayName: 'No longer needed'});
  await server.call(`jobs/${cancelled.id}:cancel`, {reason: 'a duplicate'});

  const cancelling = await server.create({type: 'video', displayName: 'Is asked to stop', timeouts: {lease: '3600s', cancelGrace: '3600s'}});
  await (await server.claim('video', 'w-7f')).report({progress: {current: 2, total: 8, unit: 'scenes'}});
  await server.call(`jobs/${cancelling.id}:cancel`, {reason: 'the wrong film'});

  await server.create({type: 'import', displayName: 'Says nothing', timeouts: {stallAfter: '1s', lease: '3600s'}});
  await (await server.claim('import', 'w-91')).report({stage: {name: 'Reading'}, progress: {current: 1, unit: 'files'}});

  await server.create({type: 'odd', displayName: 'ملف طويل جدا 🎉 mit Umlauten äöü'});
  await server.create({type: 'long', displayName: 'x'.repeat(256), projectId: 'p'.repeat(128)});
  const long = await server.claim('long');
  await long.fail({code: 'C'.repeat(64), message: 'all that went wrong, '.repeat(195), retryable: false});
  return {running, failed, attempt};
}

/** A job with texts that run wherever they are taken for markup, in every field that has a text. */
export async function populateHostile(server) {
  const object = {[payload('key')]: payload('value'), list: [payload('element')]};
  const job = await server.create({
    type: 'hostile',
    displayName: payload('name').slice(0, 256),
    projectId: payload('project').slice(0, 128),
    labels: {[payload('label').slice(0, 63)]: payload('label value').slice(0, 256)},
    params: object,
    metadata: object,
    algorithmVersion: payload('version').slice(0, 64),
    maxRetries: 0,
  });
  const attempt = await server.claim('hostile', payload('worker').slice(0, 128));
  await attempt.report({
    stage: {name: payload('stage').slice(0, 256), detail: payload('detail')},
    progress: {
      current: 1,
      total: 2,
      unit: payload('u').slice(0, 64),
      message: payload('message'),
      subOperations: [{id: 'a', displayName: payload('part').slice(0, 256), fraction: 0.5}],
    },
    logs: [
      {level: 'LOG_LEVEL_ERROR', message: payload('log'), context: object},
      {level: 'LOG_LEVEL_INFO', message: `\u001b[31m${payload('colored')}\u001b[0m`},
    ],
    items: [{id: payload('item').slice(0, 256), projectId: payload('item project').slice(0, 128), state: 'ITEM_STATE_FAILED', message: payload('item message'), data: object}],
    outcomeValues: {[payload('counter').slice(0, 63)]: 1},
    checkpoint: object,
  });
  const failed = await server.create({type: 'hostile-end', displayName: payload('failed').slice(0, 256), maxRetries: 0});
  await (await server.claim('hostile-end')).fail({code: 'HOSTILE', message: payload('error'), stackTrace: payload('stack'), details: object});
  const done = await server.create({type: 'hostile-result', displayName: payload('done').slice(0, 256)});
  await (await server.claim('hostile-result')).complete({result: object});
  const cancelled = await server.create({type: 'hostile-cancel', displayName: payload('cancelled').slice(0, 256)});
  await server.call(`jobs/${cancelled.id}:cancel`, {reason: payload('reason')});
  return {job, failed, done, cancelled};
}
