// Follows a job until it has finished, and prints each entry of its journal once.
//
// Arguments: JOB_ID [SEQUENCE]. Each line starts with its number; with the number of the last line that it has printed,
// a new watcher continues where an earlier one stopped. Progress goes to the standard error.
import {setTimeout as sleep} from 'node:timers/promises';
import grpc from '@grpc/grpc-js';
import {Backoff, jobs, metadata} from './client.js';

/** A server says every 15 s that a watch is alive. */
const SILENCE = 45_000;

/** Yields what is new about a job until it has finished, and reconnects as often as it must. */
async function* watch(jobId, afterSequence = 0) {
  const request = {jobId, afterSequence};
  const backoff = new Backoff();
  for (;;) {
    const stream = jobs.watchJob(request, metadata);
    const silence = setTimeout(() => stream.destroy(unavailable(`nothing for ${SILENCE / 1000} s`)), SILENCE);
    try {
      for await (const message of stream) {
        silence.refresh();
        yield message;
        // The caller has handled it: a new stream begins behind it.
        request.afterSequence = message.sequence;
        request.jobCreateTime = message.job?.createTime ?? request.jobCreateTime;
        backoff.reset();
      }
      return;
    } catch (error) {
      const pause = backoff.after(error);
      if (pause === undefined) {
        throw error;
      }
      console.error(`${error.message}: reconnecting`);
      await sleep(pause);
    } finally {
      clearTimeout(silence);
      stream.cancel();
    }
  }
}

const unavailable = (message) => Object.assign(new Error(message), {code: grpc.status.UNAVAILABLE});

function describe(entry) {
  switch (entry.entry) {
    case 'log':
      return entry.log.message;
    case 'stageChange':
      return `Stage: ${entry.stageChange.stage.name}`;
    default:
      return entry.stateChange.toState;
  }
}

const [jobId, after] = process.argv.slice(2);
let state;
for await (const message of watch(jobId, after)) {
  for (const gap of message.skipped) {
    console.log(`${gap.lastSequence} Entries from ${gap.firstSequence} on are no longer kept`);
  }
  for (const entry of message.entries) {
    console.log(`${entry.sequence} ${describe(entry)}`);
  }
  const status = message.job?.status ?? message.status;
  if (status) {
    state = status.state;
    console.error(`${status.progress?.percent ?? 0} %`);
  }
}
jobs.close();
process.exitCode = state === 'JOB_STATE_SUCCEEDED' ? 0 : 1;
