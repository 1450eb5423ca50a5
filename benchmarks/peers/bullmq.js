// BullMQ on Redis. A life is a job of a queue; the worker is BullMQ's.
import { Queue, QueueEvents, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { JOBS, LOG_LINES, PARAMS, UPDATES, logLine } from './life.js';
import { Server, freePort } from './servers.js';

/**
 * @param appendfsync when Redis flushes its log to disk: `always` (before it answers), `everysec`
 */
export async function openBullmq(appendfsync) {
  const server = new Server('redis-server');
  const connection = { host: '127.0.0.1', port: await freePort(), maxRetriesPerRequest: null };
  const settings = { port: connection.port, bind: connection.host, dir: server.folder, save: '', appendonly: 'yes', appendfsync };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const redis = new Redis({ ...connection, lazyConnect: true, enableOfflineQueue: false, retryStrategy: null });
  redis.on('error', () => {});
  const probe = async () => {
    await redis.connect();
    await redis.ping();
  };
  await server.start('redis-server', args, probe);
  return new Bullmq(server, connection, redis);
}

class Bullmq {
  #server;
  #connection;
  #redis;
  #queues = 0;

  constructor(server, connection, redis) {
    this.#server = server;
    this.#connection = connection;
    this.#redis = redis;
  }

  async settings() {
    const version = /redis_version:(\S+)/.exec(await this.#redis.info('server'))[1];
    const setting = async (name) => (await this.#redis.call('CONFIG', 'GET', name))[1];
    return `Redis ${version}, appendonly ${await setting('appendonly')}, appendfsync ${await setting('appendfsync')}`;
  }

  async lives() {
    const queue = await this.#queue();
    const waiting = new Map();
    const worker = await this.#worker(queue, async (job) => {
      for (let n = 1; n <= UPDATES; n++) {
        await job.updateProgress(n);
      }
      for (let n = 1; n <= LOG_LINES; n++) {
        await job.log(logLine(n));
      }
    });
    const end = (life, settle) => {
      waiting.get(life)[settle]();
      waiting.delete(life);
    };
    worker.on('completed', (job) => end(job.data.life, 'resolve'));
    worker.on('failed', (job) => end(job.data.life, 'reject'));
    let lives = 0;
    return {
      async live() {
        const life = ++lives;
        const completed = new Promise((resolve, reject) => {
          waiting.set(life, { resolve, reject: () => reject(new Error('a job failed')) });
        });
        await queue.add('life', { life, ...PARAMS });
        await completed;
      },

      /** Whether the store holds all of these lives completely. */
      async holds(count) {
        const jobs = await queue.getJobs(['completed']);
        const whole = await Promise.all(
          jobs.map(async (job) => job.progress === UPDATES && (await queue.getJobLogs(job.id, 0, 0)).count === LOG_LINES),
        );
        return whole.filter(Boolean).length === count;
      },

      async close() {
        await worker.close();
        await queue.close();
      },
    };
  }

  async runningJobs() {
    const queue = await this.#queue();
    const jobs = [];
    let started;
    let finish;
    const allStarted = new Promise((resolve) => (started = resolve));
    const finished = new Promise((resolve) => (finish = resolve));
    const worker = await this.#worker(queue, (job) => {
      if (jobs.push(job) === JOBS) {
        started();
      }
      return finished;
    });
    await queue.addBulk(Array.from({ length: JOBS }, () => ({ name: 'long', data: PARAMS })));
    await allStarted;
    const connection = this.#connection;
    let events = null;
    return {
      update: (slot, n) => jobs[slot].updateProgress({ n }),

      async watch(seen) {
        events = new QueueEvents(queue.name, { connection, lastEventId: '0-0' });
        events.on('error', () => {});
        await events.waitUntilReady();
        events.on('progress', ({ data }) => seen(data.n));
      },

      /** Whether each job has its last acknowledged progress. */
      async holds(last) {
        const stored = await Promise.all(jobs.map((job) => queue.getJob(job.id)));
        return stored.every((job, slot) => job.progress.n === last[slot]);
      },

      async close() {
        finish();
        await worker.close();
        await events?.close();
        await queue.close();
      },
    };
  }

  async close() {
    this.#redis.disconnect();
    await this.#server.stop();
  }

  async #queue() {
    const queue = new Queue(`peer-${++this.#queues}`, { connection: this.#connection });
    // A lost connection shows as missing acknowledgements.
    queue.on('error', () => {});
    await queue.waitUntilReady();
    return queue;
  }

  async #worker(queue, handler) {
    const worker = new Worker(queue.name, handler, { connection: this.#connection, concurrency: JOBS });
    worker.on('error', () => {});
    await worker.waitUntilReady();
    return worker;
  }
}
