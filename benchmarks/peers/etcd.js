// etcd with one member, called through gRPC like its own clients. A job, its owner and each log line are keys.
import { fileURLToPath } from 'node:url';
import { credentials, loadPackageDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { JOBS, LOG_LINES, PARAMS, UPDATES, logLine } from './life.js';
import { Server, freePort } from './servers.js';

const definition = loadSync(fileURLToPath(new URL('etcd.proto', import.meta.url)), { longs: Number });
const { KV, Maintenance, Watch } = loadPackageDefinition(definition).etcdserverpb;

export async function openEtcd() {
  const server = new Server('etcd');
  const client = `http://127.0.0.1:${await freePort()}`;
  const peer = `http://127.0.0.1:${await freePort()}`;
  const settings = {
    'data-dir': `${server.folder}/data`,
    'listen-client-urls': client,
    'advertise-client-urls': client,
    'listen-peer-urls': peer,
    'initial-advertise-peer-urls': peer,
    'initial-cluster': `default=${peer}`,
    logger: 'zap',
    'log-level': 'warn',
  };
  const args = Object.entries(settings).map(([name, value]) => `--${name}=${value}`);
  const address = new URL(client).host;
  const etcd = new Etcd(server, address);
  await server.start('etcd', args, () => etcd.settings());
  return etcd;
}

class Etcd {
  #server;
  #kv;
  #watches;
  #maintenance;
  #prefixes = 0;

  constructor(server, address) {
    const plain = credentials.createInsecure();
    const options = { 'grpc.max_receive_message_length': -1, 'grpc.initial_reconnect_backoff_ms': 50 };
    this.#server = server;
    this.#kv = new KV(address, plain, options);
    this.#watches = new Watch(address, plain, options);
    this.#maintenance = new Maintenance(address, plain, options);
  }

  async settings() {
    const { version } = await call(this.#maintenance, 'Status', {});
    return `etcd ${version}, one member, default settings: it flushes its log before it responds`;
  }

  async lives() {
    const prefix = `/${++this.#prefixes}`;
    let lives = 0;
    const count = async (kind) => (await this.#range(`${prefix}/${kind}/`, { countOnly: true })).count ?? 0;
    return {
      live: async () => {
        const id = ++lives;
        const job = new Job(this.#kv, prefix, id, `worker-${id}`);
        await job.create();
        await job.claim();
        for (let n = 1; n <= UPDATES; n++) {
          await job.update(n);
        }
        for (let n = 1; n <= LOG_LINES; n++) {
          await job.log(n, logLine(n));
        }
        await job.complete();
      },

      /** Whether the store holds all of these lives completely. */
      holds: async (expected) => {
        const { kvs = [] } = await this.#range(`${prefix}/jobs/`);
        const done = kvs.map(({ value }) => JSON.parse(value)).filter(({ state }) => state === 'SUCCEEDED');
        return (
          done.length === expected &&
          (await count('logs')) === expected * LOG_LINES &&
          (await count('owners')) === 0
        );
      },

      close: async () => {},
    };
  }

  async runningJobs() {
    const prefix = `/${++this.#prefixes}`;
    const jobs = Array.from({ length: JOBS }, (_, slot) => new Job(this.#kv, prefix, slot, `worker-${slot}`));
    for (const job of jobs) {
      await job.create();
      await job.claim();
    }
    let stream = null;
    return {
      update: (slot, n) => jobs[slot].update(n),

      watch: (seen) =>
        new Promise((resolve, reject) => {
          stream = this.#watches.Watch();
          stream.on('error', reject);
          stream.on('data', ({ created, events = [] }) => {
            if (created) {
              resolve();
            }
            for (const { kv } of events) {
              seen(JSON.parse(kv.value).progress);
            }
          });
          stream.write({ createRequest: range(`${prefix}/jobs/`) });
        }),

      /** Whether each job has its last acknowledged progress. */
      holds: async (last) => {
        const { kvs } = await this.#range(`${prefix}/jobs/`);
        const stored = new Map(kvs.map(({ key, value }) => [String(key), JSON.parse(value).progress]));
        return jobs.every((job, slot) => stored.get(job.key) === last[slot]);
      },

      close: async () => stream?.cancel(),
    };
  }

  async close() {
    for (const client of [this.#kv, this.#watches, this.#maintenance]) {
      client.close();
    }
    await this.#server.stop();
  }

  #range(prefix, options = {}) {
    return call(this.#kv, 'Range', { ...range(prefix), ...options });
  }
}

/** A job and its lease: the owner key, which every write of the worker compares. */
class Job {
  #kv;
  #logs;
  #owner;
  #worker;

  constructor(kv, prefix, id, worker) {
    this.#kv = kv;
    this.key = `${prefix}/jobs/${id}`;
    this.#logs = `${prefix}/logs/${id}`;
    this.#owner = Buffer.from(`${prefix}/owners/${id}`);
    this.#worker = Buffer.from(worker);
  }

  create() {
    return call(this.#kv, 'Put', this.#value({ state: 'QUEUED' }));
  }

  claim() {
    return this.#txn({ target: 'VERSION', version: 0 }, [
      { requestPut: { key: this.#owner, value: this.#worker } },
      { requestPut: this.#value({ state: 'RUNNING' }) },
    ]);
  }

  update(progress) {
    return this.#fenced([{ requestPut: this.#value({ state: 'RUNNING', progress }) }]);
  }

  log(n, line) {
    return call(this.#kv, 'Put', { key: Buffer.from(`${this.#logs}/${n}`), value: Buffer.from(line) });
  }

  complete() {
    return this.#fenced([
      { requestPut: this.#value({ state: 'SUCCEEDED', progress: UPDATES }) },
      { requestDeleteRange: { key: this.#owner } },
    ]);
  }

  #fenced(success) {
    return this.#txn({ target: 'VALUE', value: this.#worker }, success);
  }

  async #txn(condition, success) {
    const compare = [{ key: this.#owner, result: 'EQUAL', ...condition }];
    const { succeeded } = await call(this.#kv, 'Txn', { compare, success });
    if (!succeeded) {
      throw new Error(`etcd: ${this.key} has another owner`);
    }
  }

  #value(status) {
    return { key: Buffer.from(this.key), value: Buffer.from(JSON.stringify({ params: PARAMS, ...status })) };
  }
}

/** All keys with the prefix, which ends in a slash: up to the character after the slash. */
function range(prefix) {
  return { key: Buffer.from(prefix), rangeEnd: Buffer.from(`${prefix.slice(0, -1)}0`) };
}

function call(client, method, request) {
  return new Promise((resolve, reject) => {
    client[method](request, (error, response) => (error ? reject(error) : resolve(response)));
  });
}
