// Works on jobs of the type "resize-photos", one at a time, until SIGTERM or Ctrl-C.
import {randomUUID} from 'node:crypto';
import {hostname} from 'node:os';
import {setTimeout as sleep} from 'node:timers/promises';
import {Attempt} from './attempt.js';
import {call, workers} from './client.js';
import {Cancelled, LeaseLost, WorkerStops} from './reasons.js';
import {toStruct} from './struct.js';

const stopping = new AbortController();
let attempt;

for (const signal of ['SIGTERM', 'SIGINT']) {
  process.once(signal, () => {
    stopping.abort();
    attempt?.stop(new WorkerStops('The worker stops'));
  });
}

/** Does the work, from where the previous attempt left it, and returns the result. */
async function resizePhotos() {
  const {photos} = attempt.params;
  for (let done = attempt.checkpoint.done ?? 0; done < photos.length; done++) {
    await sleep(200, undefined, {signal: attempt.signal}); // the work
    // In one report, so that the line is there if and only if the next attempt would not do this photo again.
    await attempt.report({
      logs: [{level: 'LOG_LEVEL_INFO', message: `Resized ${photos[done]}`}],
      progress: {current: done + 1, total: photos.length, unit: 'photos'},
      outcomeIncrements: {resized: 1},
      checkpoint: toStruct({done: done + 1}),
    });
  }
  return {folder: '/photos/small'};
}

/** Carries out an attempt and says how it has ended. */
async function work() {
  let result;
  try {
    result = await resizePhotos();
  } catch (error) {
    const reason = attempt.signal.aborted ? attempt.signal.reason : error;
    if (reason instanceof LeaseLost) {
      throw reason;
    }
    if (reason instanceof Cancelled) {
      return attempt.end('confirmCancel');
    }
    if (reason instanceof WorkerStops) {
      return attempt.end('releaseJob', {reason: reason.message});
    }
    return attempt.end('failJob', {error: {code: 'RESIZE_FAILED', message: reason.message, retryable: true}});
  }
  return attempt.end('completeJob', {result: toStruct(result)});
}

/** Waits for a job, and returns undefined if there is none for half a minute. */
async function claim() {
  const request = {
    workerId: `${hostname()}/${process.pid}`,
    types: ['resize-photos'],
    maxJobs: 1,
    wait: {seconds: 30},
    // If the response gets lost, the same request returns the job that it had claimed.
    requestId: randomUUID(),
  };
  const {jobs} = await call(workers, 'claimJobs', request, {giveUpAfter: 86_400_000, signal: stopping.signal});
  return jobs[0];
}

while (!stopping.signal.aborted) {
  try {
    const claimed = await claim();
    if (claimed) {
      console.log(`Working on ${claimed.job.id}, attempt ${claimed.grant.attempt}`);
      attempt = new Attempt(claimed);
      await work();
    }
  } catch (error) {
    if (error instanceof LeaseLost) {
      console.error(`Stopped working: ${error.message}`);
    } else if (!stopping.signal.aborted) {
      throw error;
    }
  }
}
workers.close();
