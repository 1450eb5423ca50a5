// Real servers, each a process with a store of its own, and calls to them by HTTP.
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

/** The server's jar. */
export const JAR = process.env.MILEPOST_BROWSER_SERVER;
/** Without the settings of these tests, and those of whoever runs them. */
const ENVIRONMENT = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('MILEPOST_')));

const START_TIMEOUT = 120_000;

/** A server on free ports of this machine. Its store and ports outlive its process. */
export class Server {
  #settings;
  #store;
  #process;
  #output = '';
  #ports = ['localhost:0', 'localhost:0'];

  constructor(folder, settings, store) {
    this.folder = folder;
    this.#settings = settings;
    this.#store = store ?? `sqlite:${join(folder, 'milepost.db')}`;
  }

  /** Starts a server that stops with the test. The settings are environment variables. */
  static async start(t, settings = {}, store = undefined) {
    const server = new Server(await mkdtemp(join(tmpdir(), 'milepost-browser-')), settings, store);
    t.after(async () => {
      await server.kill();
      await rm(server.folder, {recursive: true, force: true});
    });
    await server.start();
    return server;
  }

  /** Starts the process: again on the ports that it had before. */
  async start() {
    this.#output = '';
    const [grpc, http] = this.#ports;
    this.#process = spawn(
      'java',
      ['-Xmx768m', '-XX:+UseSerialGC', '-jar', JAR, '--store', this.#store, '--listen', grpc, '--http-listen', http, '--exit-with', `${process.pid}`],
      {env: {...ENVIRONMENT, ...this.#settings}, stdio: ['ignore', 'pipe', 'pipe']},
    );
    await new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`The server is not ready:\n${this.#output}`)), START_TIMEOUT);
      const read = (chunk) => {
        this.#output += chunk;
        if (this.#output.includes('Milepost is ready.')) {
          clearTimeout(timer);
          resolve();
        }
      };
      this.#process.stdout.on('data', read);
      this.#process.stderr.on('data', read);
      this.#process.on('exit', (code) => {
        clearTimeout(timer);
        reject(new Error(`The server has stopped with ${code}:\n${this.#output}`));
      });
    });
    const [, grpcPort] = this.#output.match(/address +localhost:(\d+)/);
    const [, httpPort] = this.#output.match(/http +http:\/\/localhost:(\d+)/);
    this.#ports = [`localhost:${grpcPort}`, `localhost:${httpPort}`];
    this.address = `localhost:${grpcPort}`;
    this.url = `http://localhost:${httpPort}`;
  }

  /** What the process has written since it started. */
  get output() {
    return this.#output;
  }

  /** Ends the process as kill -9 does, and waits until it is gone. */
  kill() {
    return this.#end('SIGKILL');
  }

  /** Ends the process in order. */
  stop() {
    return this.#end('SIGTERM');
  }

  async #end(signal) {
    const ended = this.#process;
    if (ended && ended.exitCode === null && ended.signalCode === null) {
      const gone = new Promise((resolve) => ended.once('exit', resolve));
      ended.kill(signal);
      await gone;
    }
  }

  /** Calls as a user of the development server. Fails with the server's error. */
  async call(path, request = undefined, user = 'alice', method = request === undefined ? 'GET' : 'POST', roles = {}) {
    const response = await fetch(`${this.url}/v1/${path}`, {
      method,
      headers: {'content-type': 'application/json', 'x-milepost-user': user, ...roles},
      body: request === undefined ? undefined : JSON.stringify(request),
    });
    const text = await response.text();
    assert.ok(response.ok, `${method} ${path}: ${response.status} ${text.slice(0, 1000)}`);
    return JSON.parse(text);
  }

  /** Calls as one who may see everyone's jobs. */
  callAsOperator(path, request) {
    return this.call(path, request, 'olga', 'POST', {'x-milepost-roles': 'OPERATOR'});
  }

  /** Creates a job and returns it. */
  async create(spec) {
    return (await this.call('jobs', {spec})).job;
  }

  /** Shares a job and returns the token and the id of the share. */
  async share(job) {
    const {token, share} = await this.call(`jobs/${job.id}:share`, {});
    return {token, shareId: share.shareId};
  }

  /** Claims the next job of a type as soon as there is one. */
  async claimSoon(type, workerId = 'w-7f') {
    const {jobs} = await this.call('jobs:claim', {workerId, types: [type], wait: '30s'});
    assert.equal(jobs?.length, 1, `no job of type ${type} can be claimed`);
    return new Attempt(this, jobs[0]);
  }

  /** Claims the next job of a type, as a worker of the caller's tenant. */
  async claim(type, workerId = 'w-7f') {
    const {jobs} = await this.call('jobs:claim', {workerId, types: [type]});
    assert.equal(jobs?.length, 1, `no job of type ${type} can be claimed`);
    return new Attempt(this, jobs[0]);
  }
}

/** The work on one claimed job. */
export class Attempt {
  #server;
  #token;

  constructor(server, {job, grant}) {
    this.job = job;
    this.#server = server;
    this.#token = grant.attemptToken;
  }

  report(report) {
    return this.#send('report', {report});
  }

  heartbeat() {
    return this.#send('heartbeat', {});
  }

  complete(rest = {}) {
    return this.#send('complete', rest);
  }

  fail(error, rest = {}) {
    return this.#send('fail', {error, ...rest});
  }

  confirmCancel(rest = {}) {
    return this.#send('confirmCancel', rest);
  }

  #send(verb, rest) {
    return this.#server.call(`jobs/${this.job.id}:${verb}`, {attemptToken: this.#token, ...rest});
  }
}
