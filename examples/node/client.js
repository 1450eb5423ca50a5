// What the creator, the worker and the watcher share: the connection, and how a call is repeated.
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {fileURLToPath} from 'node:url';
import grpc from '@grpc/grpc-js';
import {loadSync} from '@grpc/proto-loader';

const {MILEPOST_ADDRESS = 'localhost:7300', MILEPOST_TOKEN, MILEPOST_USER = 'ann', MILEPOST_CONTRACT} = process.env;
const CONTRACT = MILEPOST_CONTRACT ?? fileURLToPath(new URL('../../proto/target/contract', import.meta.url));
const MAX_DELAY = 30_000;

const definition = loadSync(
  ['milepost/v1/job_service.proto', 'milepost/v1/worker_service.proto', 'google/rpc/error_details.proto'],
  // A 64-bit number does not always fit into one of JavaScript.
  {includeDirs: [CONTRACT], longs: String, enums: String, defaults: true, oneofs: true},
);
const {JobService, WorkerService} = grpc.loadPackageDefinition(definition).milepost.v1;

/** What each call carries. A development server believes what a process of the same machine says. */
export const metadata = new grpc.Metadata();
if (MILEPOST_TOKEN) {
  metadata.set('authorization', `Bearer ${MILEPOST_TOKEN}`);
} else {
  metadata.set('x-milepost-user', MILEPOST_USER);
}

const credentials = MILEPOST_TOKEN ? grpc.credentials.createSsl() : grpc.credentials.createInsecure();
const options = {
  // Timeouts of each method, and which ones gRPC itself may repeat.
  'grpc.service_config': readFileSync(join(CONTRACT, 'service_config.json'), 'utf8'),
  // Notices a dead connection while a stream is open.
  'grpc.keepalive_time_ms': 30_000,
  'grpc.keepalive_timeout_ms': 10_000,
  'grpc.max_reconnect_backoff_ms': 5_000,
};

/** Both use the same connection, which is to be kept as long as the process lives. */
export const jobs = new JobService(MILEPOST_ADDRESS, credentials, options);
export const workers = new WorkerService(MILEPOST_ADDRESS, credentials, options);

/**
 * Sends a request until it is answered: the same each time, so that it takes effect once. Fails with an error that a
 * repetition cannot help, and with the last error once `giveUpAfter` milliseconds are over or the signal is aborted.
 */
export async function call(client, method, request, {giveUpAfter = 600_000, signal} = {}) {
  const giveUpTime = Date.now() + giveUpAfter;
  const delay = new Backoff();
  for (;;) {
    try {
      return await callOnce(client, method, request, giveUpTime, signal);
    } catch (error) {
      const pause = delay.after(error);
      if (pause === undefined || signal?.aborted || Date.now() + pause > giveUpTime) {
        throw error;
      }
      await sleep(pause, undefined, {signal});
    }
  }
}

function callOnce(client, method, request, deadline, signal) {
  return new Promise((resolve, reject) => {
    // The timeout of the service config holds too: whichever is shorter.
    const sent = client[method](request, metadata, {deadline}, (error, response) => {
      signal?.removeEventListener('abort', cancel);
      return error ? reject(error) : resolve(response);
    });
    const cancel = () => sent.cancel();
    signal?.addEventListener('abort', cancel);
  });
}

/** How long to wait before the same is sent again. */
export class Backoff {
  #delay = 100;

  /** Returns milliseconds, or undefined if a repetition cannot help. */
  after(error) {
    const told = toldDelay(error);
    if (error.code === grpc.status.RESOURCE_EXHAUSTED) {
      return told; // undefined: the request is too large
    }
    if (error.code !== grpc.status.UNAVAILABLE && error.code !== grpc.status.DEADLINE_EXCEEDED) {
      return undefined;
    }
    const delay = this.#delay * (0.8 + 0.4 * Math.random());
    this.#delay = Math.min(2 * this.#delay, MAX_DELAY);
    return told ?? delay;
  }

  reset() {
    this.#delay = 100;
  }
}

/** Returns the milliseconds in the RetryInfo of an error, if it has one. */
function toldDelay({status, metadata}) {
  const [bytes] = metadata?.get('grpc-status-details-bin') ?? [];
  const {details} = status ?? (bytes ? decode('google.rpc.Status', bytes) : {details: []});
  const info = details.find((detail) => detail.type_url.endsWith('/google.rpc.RetryInfo'));
  return info && milliseconds(decode('google.rpc.RetryInfo', info.value).retryDelay);
}

const decode = (type, bytes) => definition[type].deserialize(bytes);

/** Converts a google.protobuf.Duration. */
export const milliseconds = ({seconds, nanos}) => 1000 * Number(seconds) + nanos / 1e6;
