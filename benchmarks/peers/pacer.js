// A thread that signals when the next call is due. Timers of the main thread have a resolution of one millisecond.
import { parentPort, workerData } from 'node:worker_threads';

const { start, perSecond, calls } = workerData;
const never = new Int32Array(new SharedArrayBuffer(4));
const now = () => Number(process.hrtime.bigint()) / 1e6;

for (let i = 0; i < calls; i++) {
  const due = start + (i * 1000) / perSecond;
  for (let wait = due - now(); wait > 0; wait = due - now()) {
    Atomics.wait(never, 0, 0, wait);
  }
  parentPort.postMessage(i);
}
