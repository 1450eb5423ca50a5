// Load: a closed loop for throughput, an open loop for latency, and statistics.
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker as Thread } from 'node:worker_threads';
import { countCores } from './processors.js';

// How long a phase waits after its end for operations in flight.
const DRAIN_MS = 60_000;

/** Milliseconds on a clock that all threads share. */
export function now() {
  return Number(process.hrtime.bigint()) / 1e6;
}

/**
 * Runs steps in a number of slots, one at a time in each.
 *
 * @param step receives the number of the slot, and resolves when all of its writes are acknowledged
 * @return perSecond: rate of the steps that ended after the warm-up; total: all steps; cores: processor use
 */
export async function closedLoop({ slots, warmUp, seconds }, step) {
  let total = 0;
  let stop = false;
  const work = Promise.all(
    Array.from({ length: slots }, async (_, slot) => {
      while (!stop) {
        await step(slot);
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
  // The work ends first only if it fails.
  const measured = await Promise.race([measure(), work]);
  stop = true;
  await within(work, 'operations in flight at the end of the phase were not acknowledged');
  return { ...measured, total };
}

/**
 * Sends at a fixed rate, however slow the responses are. Latency counts from the intended send time, so that a stall shows
 * in all calls that it delays (coordinated omission).
 *
 * Calls are distributed over the slots. Those of one slot are sequential, like the updates of one worker. A slot that is
 * delayed sends late, which its latencies include.
 *
 * @param send receives the slot and the number of the call; resolves when it is acknowledged
 * @param onSeen receives a function to call with the number of each call that was seen
 * @return p50, p99: milliseconds; lateP99: delay of sending alone; last: last call of each slot; cores: processor use
 */
export async function openLoop({ slots, perSecond, warmUp, seconds }, send, onSeen) {
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
  const tails = Array.from({ length: slots }, () => Promise.resolve());
  const last = new Array(slots).fill(null);
  const pacer = new Thread(new URL('pacer.js', import.meta.url), { workerData: { start, perSecond, calls } });
  const allSent = new Promise((resolve, reject) => {
    pacer.on('error', reject);
    pacer.on('message', (i) => {
      if (i === skipped) {
        cores = countCores();
      }
      const slot = i % slots;
      last[slot] = i;
      tails[slot] = tails[slot].then(() => {
        late[i] = now() - due(i);
        return send(slot, i);
      });
      tails[slot].catch(reject);
      if (i === calls - 1) {
        resolve();
      }
    });
  });
  await within(allSent, 'the driver cannot keep up the rate: the machine is too busy', (calls / perSecond) * 1000);
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

/** Returns a percentile. */
export function percentile(sorted, percent) {
  return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)];
}

/** Fails with the message if the promise takes longer than expected plus the time for operations in flight. */
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
