// The creators, workers and watchers of examples/python and examples/node, also with each other, on a real server.
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import {test} from 'node:test';
import {setTimeout as sleep} from 'node:timers/promises';
import {Server} from '../browser-tests/support/server.mjs';

const FOLDER = process.env.MILEPOST_EXAMPLES;
const COMMANDS = {
  python: (name) => [process.env.PYTHON, join(FOLDER, 'python', `${name}.py`)],
  node: (name) => [process.execPath, join(FOLDER, 'node', `${name}.js`)],
};
const TIMEOUT = 120_000;
/** More than a worker can do while it is cut off: it keeps 50 updates at most. */
const PHOTOS = 100;

/** A creator, worker or watcher of a language, which ends with the test. */
class Program {
  lines = [];
  #errors = '';
  #process;

  constructor(t, server, user, language, name, ...args) {
    const [command, file] = COMMANDS[language](name);
    this.title = `${language} ${name} of ${user}`;
    this.#process = spawn(command, [file, ...args], {
      env: {...process.env, MILEPOST_ADDRESS: server.address, MILEPOST_USER: user},
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    createInterface({input: this.#process.stdout}).on('line', (line) => this.lines.push(line));
    this.#process.stderr.on('data', (chunk) => (this.#errors += chunk));
    this.closed = once(this.#process, 'close');
    t.after(() => this.kill());
  }

  /** Returns the exit code. */
  async end() {
    await eventually(`${this.title} ends`, () => this.#ended, () => this.output);
    return this.#process.exitCode;
  }

  /** Ends it as kill -9 does. */
  kill() {
    return this.#stop('SIGKILL');
  }

  /** Asks it to stop, and returns the exit code. */
  terminate() {
    return this.#stop('SIGTERM');
  }

  async #stop(signal) {
    if (!this.#ended) {
      this.#process.kill(signal);
      await this.closed;
    }
    return this.#process.exitCode;
  }

  get #ended() {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  get output() {
    return `${this.lines.join('\n')}\n${this.#errors}`;
  }
}

async function eventually(what, condition, output = () => '') {
  for (const end = Date.now() + TIMEOUT; !(await condition()); await sleep(50)) {
    assert.ok(Date.now() < end, `After ${TIMEOUT / 1000} s it is not so that ${what}. ${output()}`);
  }
}

const create = async (t, server, user, language, photos) => {
  const creator = new Program(t, server, user, language, 'creator', `${photos}`);
  assert.equal(await creator.end(), 0, creator.output);
  await creator.closed;
  return creator.lines[0];
};

/** One job with its programs. Users keep the jobs of several runs apart: workers see those of their own user. */
class Run {
  #t;
  #server;
  #lines = [];

  constructor(t, server, name, languages) {
    this.#t = t;
    this.#server = server;
    this.name = name;
    this.languages = languages;
  }

  start(language, name, ...args) {
    return new Program(this.#t, this.#server, this.name, language, name, ...args);
  }

  async begin() {
    this.id = await create(this.#t, this.#server, this.name, this.languages.creator, PHOTOS);
    this.watcher = this.start(this.languages.watcher, 'watcher', this.id);
    this.worker = this.start(this.languages.worker, 'worker');
  }

  /** Waits until the watcher has printed so many photos. */
  printed(count) {
    return eventually(`${this.watcher.title} prints ${count} photos`, () => resized(this.lines).length >= count, () => this.watcher.output + this.worker.output);
  }

  /** What all watchers of the job have printed. */
  get lines() {
    return [...this.#lines, ...this.watcher.lines];
  }

  async killWorker() {
    await this.worker.kill();
    this.worker = this.start(this.languages.successor, 'worker');
  }

  /** Another watcher continues after the last line of the first one, as a person would do it. */
  async killWatcher() {
    await this.watcher.kill();
    await this.watcher.closed;
    this.#lines.push(...this.watcher.lines);
    const [last] = this.#lines.at(-1).split(' ');
    this.watcher = this.start(this.languages.watcher, 'watcher', this.id, last);
  }

  async check() {
    assert.equal(await this.watcher.end(), 0, this.watcher.output);
    await this.watcher.closed;
    const all = Array.from({length: PHOTOS}, (_, index) => `Resized photo-${index + 1}.jpg`);
    const {entries} = await this.#server.call(`jobs/${this.id}/journal?logs_only=true&page_size=1000`, undefined, this.name);
    assert.deepEqual(entries.map((entry) => entry.log.message), all, 'the journal has each line once, in order');
    assert.deepEqual(resized(this.lines), all, 'the watcher prints each line once, in order');
    assert.deepEqual(this.lines.map((line) => Number(line.split(' ')[0])), this.lines.map((_, index) => index + 1), 'no entry is missing');
    const {job} = await this.#server.call(`jobs/${this.id}`, undefined, this.name);
    assert.equal(job.status.state, 'JOB_STATE_SUCCEEDED');
    assert.ok(job.status.attempt >= 2, 'the second worker has continued');
    assert.equal(job.status.outcome.resized, `${PHOTOS}`, 'each photo counts once');
  }
}

const resized = (lines) => lines.map((line) => line.replace(/^\d+ /, '')).filter((line) => line.startsWith('Resized'));

test('no line is missing or doubled although server, worker and watcher are killed', async (t) => {
  const server = await Server.start(t);
  const runs = [
    new Run(t, server, 'python', {creator: 'python', worker: 'python', successor: 'python', watcher: 'python'}),
    new Run(t, server, 'node', {creator: 'node', worker: 'node', successor: 'node', watcher: 'node'}),
    new Run(t, server, 'mixed', {creator: 'python', worker: 'node', successor: 'python', watcher: 'node'}),
  ];
  const each = (action) => Promise.all(runs.map(action));
  await each((run) => run.begin());
  await each((run) => run.printed(5));
  await server.kill();
  await server.start();
  await each(async (run) => {
    await run.printed(15);
    await run.killWatcher();
    await run.killWorker();
    await run.check();
  });
});

for (const language of ['python', 'node']) {
  test(`the worker in ${language} stops when its job is cancelled, and gives it back when it is stopped itself`, async (t) => {
    const server = await Server.start(t);
    const job = async (id) => (await server.call(`jobs/${id}`)).job;
    const running = (id, done) => eventually(`${id} runs`, async () => Number((await job(id)).status.progress?.current ?? 0) >= done, () => worker.output);
    const worker = new Program(t, server, 'alice', language, 'worker');

    const cancelled = await create(t, server, 'alice', language, 1000);
    await running(cancelled, 1);
    await server.call(`jobs/${cancelled}:cancel`, {});
    await eventually('it is cancelled', async () => (await job(cancelled)).status.state === 'JOB_STATE_CANCELLED', () => worker.output);
    assert.equal((await job(cancelled)).status.error, undefined, 'the worker has confirmed');

    const released = await create(t, server, 'alice', language, 1000);
    await running(released, 1);
    assert.equal(await worker.terminate(), 0, worker.output);
    const {status} = await job(released);
    assert.equal(status.state, 'JOB_STATE_QUEUED');
    assert.equal(status.retryCount ?? 0, 0, 'no retry is used up');
    assert.equal(status.checkpoint.done, Number(status.outcome.resized), 'checkpoint and counter agree');
  });
}
