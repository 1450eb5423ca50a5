// The load: a closed loop that counts, an open loop that times, and the statistics.
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker as Thread } from 'node:worker_threads';
import { countCores } from './processors.js';

// How long after its end a phase waits for what is still under way.
const DRAIN_MS = 60_000;

/** Milliseconds on a clock that all threads share. */
export function now() {
  return Number(process.hrtime.bigint()) / 1e6;
}

/**
 * Keeps each lane busy with one step after the other.
 *
 * @param step takes the lane's number, and ends when all it wrote is acknowledged
 * @return perSecond: steps that ended after the warm-up; total: all of them; cores: who had the processors
 */
export async function closedLoop({ lanes, warmUp, seconds }, step) {
  let total = 0;
  let stop = false;
  const work = Promise.all(
    Array.from({ length: lanes }, async (_, lane) => {
      while (!stop) {
        await step(lane);
        total++;
      }
    }),
  );
  const measure = async () => {
    await sleep(warmUp * 1000);
    const cores = countCores();
    const before = { total, at: now() };
    await sleep(seconds * 1000);
    const elapsed = (now() - before.at) / 1000;
    return { perSecond: (total - before.total) / elapsed, cores: cores() };
  };
  // The work ends first only where it fails.
  const measured = await Promise.race([measure(), work]);
  stop = true;
  await within(work, 'what was under way at the end of the phase was never acknowledged');
  return { ...measured, total };
}

/**
 * Sends at a fixed rate, however slow the answers are. A latency counts from the time at which the call was meant to
 * be sent: a stall is then seen by all the calls that fell into it (coordinated omission).
 *
 * The calls go round the lanes. In a lane one follows the other, as the updates of one worker do; a lane that is
 * held up sends late, and its latencies say so.
 *
 * @param send takes the lane and the call's number; ends when it is acknowledged
 * @param onSeen is given a function to call with the number of each call that was seen
 * @return p50, p99: milliseconds; lateP99: of the sending alone; last: each lane's last call; cores: who had the
 *     processors
 */
export async function openLoop({ lanes, perSecond, warmUp, seconds }, send, onSeen) {
  const calls = Math.round(perSecond * (warmUp + seconds));
  const skipped = Math.round(perSecond * warmUp);
  const start = now() + 100;
  const due = (i) => start + (i * 1000) / perSecond;
  const latency = new Float64Array(calls).fill(NaN);
  const late = new Float64Array(calls);
  let unseen = calls;
  let cores;
  const allSeen = new Promise((resolve) =>
    onSeen((i) => {
      if (Number.isNaN(latency[i])) {
        latency[i] = now() - due(i);
        if (--unseen === 0) {
          resolve();
        }
      }
    }),
  );
  const tails = Array.from({ length: lanes }, () => Promise.resolve());
  const last = new Array(lanes).fill(null);
  const pacer = new Thread(new URL('pacer.js', import.meta.url), { workerData: { start, perSecond, calls } });
  const allSent = new Promise((resolve, reject) => {
    pacer.on('error', reject);
    pacer.on('message', (i) => {
      if (i === skipped) {
        cores = countCores();
      }
      const lane = i % lanes;
      last[lane] = i;
      tails[lane] = tails[lane].then(() => {
        late[i] = now() - due(i);
        return send(lane, i);
      });
      tails[lane].catch(reject);
      if (i === calls - 1) {
        resolve();
      }
    });
  });
  await within(allSent, 'the driver could not keep its time: the machine is too busy', (calls / perSecond) * 1000);
  await within(Promise.all(tails), 'an update was never acknowledged');
  await within(allSeen, () => `${unseen} of ${calls} acknowledged updates never reached the watcher`);
  const measured = latency.slice(skipped).sort();
  return {
    p50: percentile(measured, 50),
    p99: percentile(measured, 99),
    lateP99: percentile(late.slice(skipped).sort(), 99),
    last,
    cores: cores(),
  };
}

/** The least value that so many per cent of all do not exceed. */
export function percentile(sorted, percent) {
  return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)];
}

/** Fails with the sentence where the promise takes longer than it should, and than what is still under way may take. */
async function within(promise, sentence, should = 0) {
  const timer = new AbortController();
  const late = sleep(should + DRAIN_MS, null, { signal: timer.signal }).then(() => {
    throw new Error(typeof sentence === 'function' ? sentence() : sentence);
  });
  late.catch(() => {});
  try {
    await Promise.race([promise, late]);
  } finally {
    timer.abort();
  }
}
