// Measures the peers. Figures are JSON lines on standard output; progress messages go to standard error.
import { parseArgs } from 'node:util';
import { openBullmq } from './bullmq.js';
import { openEtcd } from './etcd.js';
import { JOBS, WRITES } from './life.js';
import { closedLoop, openLoop } from './load.js';
import { openPostgresql } from './postgresql.js';
import { foldersAreInMemory, stopServers } from './servers.js';

const PEERS = {
  bullmq: () => openBullmq('always'),
  'bullmq-everysec': () => openBullmq('everysec'),
  etcd: openEtcd,
  postgresql: openPostgresql,
};
const WATCH_PER_SECOND = 500;

class UsageError extends Error {}

async function measure(name, open, time) {
  say(`\n${name}`);
  const peer = await open();
  say(`  ${await peer.settings()}`);
  await life(name, peer, time);
  await progress(name, peer, time);
  await watch(name, peer, time);
  await peer.close();
}

async function life(name, peer, time) {
  const lives = await peer.lives();
  const { perSecond, total, cores } = await closedLoop({ slots: JOBS, ...time }, (slot) => lives.live(slot));
  ensure(await lives.holds(total), `${name}: the store does not hold the ${total} acknowledged lives`);
  await lives.close();
  figure(`peer.${name}.life`, perSecond, '1/s', `of ${WRITES} writes each, ${JOBS} at a time; ${shares(cores)}`);
}

async function progress(name, peer, time) {
  const jobs = await peer.runningJobs();
  const last = new Array(JOBS).fill(0);
  const { perSecond, cores } = await closedLoop({ slots: JOBS, ...time }, (slot) => jobs.update(slot, ++last[slot]));
  ensure(await jobs.holds(last), `${name}: the store does not hold the last acknowledged progress`);
  await jobs.close();
  figure(`peer.${name}.progress`, perSecond, '1/s', `over ${JOBS} jobs, one in flight each; ${shares(cores)}`);
}

async function watch(name, peer, time) {
  const jobs = await peer.runningJobs();
  let seen;
  await jobs.watch((n) => seen(n));
  const { p50, p99, lateP99, last, cores } = await openLoop(
    { slots: JOBS, perSecond: WATCH_PER_SECOND, ...time },
    (slot, n) => jobs.update(slot, n),
    (listener) => (seen = listener),
  );
  ensure(await jobs.holds(last), `${name}: the store does not hold the last acknowledged progress`);
  await jobs.close();
  const how = `at ${WATCH_PER_SECOND}/s over ${JOBS} jobs`;
  figure(`peer.${name}.watch-p50`, p50, 'ms', `${how}; ${shares(cores)}`);
  figure(`peer.${name}.watch-p99`, p99, 'ms', `${how}; of that, ${lateP99.toFixed(2)} is delay of sending`);
}

function figure(name, value, unit, how) {
  const rounded = Number(value.toFixed(4));
  say(`  ${name.split('.').at(-1).padEnd(10)} ${value.toFixed(unit === 'ms' ? 2 : 0).padStart(8)} ${unit.padEnd(4)} ${how}`);
  const line = { name, value: rounded, unit, floor: null, ratio: null, goal: null, met: null };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** The cores that each used. With the driver near 1.00, the driver is the bottleneck; others should be near 0. */
function shares({ driver, server, others }) {
  return `cores: driver ${driver.toFixed(2)}, server ${server.toFixed(2)}, others ${others.toFixed(2)}`;
}

function ensure(condition, sentence) {
  if (!condition) {
    throw new Error(sentence);
  }
}

function say(text) {
  process.stderr.write(`${text}\n`);
}

function options() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { seconds: { type: 'string' }, 'warm-up': { type: 'string' }, quick: { type: 'boolean' } },
    });
    const number = (name, usual) => {
      const value = Number(values[name] ?? usual);
      if (!(value >= 0 && value <= 3600) || (name === 'seconds' && value === 0)) {
        throw new UsageError(`--${name} must be a number of seconds, at most 3600`);
      }
      return value;
    };
    for (const name of positionals) {
      if (!Object.hasOwn(PEERS, name)) {
        throw new UsageError(`${name} is not a peer: ${Object.keys(PEERS).join(', ')}`);
      }
    }
    return {
      names: positionals.length === 0 ? Object.keys(PEERS) : positionals,
      time: { seconds: number('seconds', values.quick ? 3 : 20), warmUp: number('warm-up', values.quick ? 2 : 10) },
    };
  } catch (error) {
    throw new UsageError(error.message);
  }
}

async function end(code) {
  await stopServers();
  process.exit(code);
}

let interrupted = false;
for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143], ['SIGHUP', 129]]) {
  process.on(signal, () => {
    interrupted = true;
    end(code);
  });
}

// Settings of the user's own servers.
Object.keys(process.env)
  .filter((name) => name.startsWith('PG'))
  .forEach((name) => delete process.env[name]);

try {
  const { names, time } = options();
  if (foldersAreInMemory()) {
    say('peers: the temporary directory is in memory, so that nothing is durable. Set TMPDIR to a directory on a disk.');
  }
  for (const name of names) {
    await measure(name, PEERS[name], time);
  }
  await end(0);
} catch (error) {
  if (!interrupted) {
    say(`peers: ${error.message}`);
    await end(error instanceof UsageError ? 2 : 1);
  }
}
