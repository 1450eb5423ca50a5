// The peers' servers: each on a free loopback port, in a folder of its own that goes when it goes.
import { execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readFileSync, rmSync, statfsSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const KEEP = fileURLToPath(new URL('keep', import.meta.url));
const START_MS = 30_000;
const TMPFS = 0x01021994;
const running = new Set();

/** A server in a process of its own. `keep` ends it when this process ends. */
export class Server {
  #process;
  #ended;

  /**
   * @param name what it is called in messages
   * @param user whom it runs as; null: whoever runs this
   */
  constructor(name, user = null) {
    this.name = name;
    this.owner = user === null ? {} : { uid: idOf('-u', user), gid: idOf('-g', user) };
    this.folder = mkdtempSync(join(tmpdir(), 'milepost-peer-'));
    if (user !== null) {
      chownSync(this.folder, this.owner.uid, this.owner.gid);
    }
    running.add(this);
  }

  /** Runs a command to its end, as the server's user: what has to be prepared. */
  run(command, args) {
    execFileSync(command, args, { ...this.#options(), stdio: ['ignore', 'ignore', 'pipe'] });
  }

  /**
   * Starts it and waits until it answers.
   *
   * @param probe asks it something; throws while it does not answer
   * @param signal what ends it in good order
   */
  async start(command, args, probe, signal = 'TERM') {
    this.#process = spawn(KEEP, [this.folder, signal, command, ...args], {
      ...this.#options(),
      stdio: ['pipe', 'ignore', 'ignore'],
      // Ctrl-C is for this process alone; the server ends after it.
      detached: true,
    });
    let log = '';
    this.#ended = new Promise((resolve) => this.#process.once('close', resolve));
    this.#process.once('error', () => {});
    const deadline = Date.now() + START_MS;
    for (;;) {
      try {
        return await probe();
      } catch (error) {
        log = this.#log() || log;
        if (this.#process.exitCode !== null || Date.now() > deadline) {
          throw new Error(`${this.name} does not start (${error.message}): ${log}`);
        }
        await sleep(50);
      }
    }
  }

  get pid() {
    return this.#process?.pid;
  }

  async stop() {
    running.delete(this);
    if (this.pid === undefined) {
      rmSync(this.folder, { recursive: true, force: true });
      return;
    }
    this.#process.stdin.end();
    await this.#ended;
  }

  #options() {
    // What the person who measures has set for servers of its own must not count here.
    return { ...this.owner, cwd: this.folder, env: { PATH: process.env.PATH, LC_ALL: 'C' } };
  }

  #log() {
    const file = join(this.folder, 'log');
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').slice(-10).join('\n') : '';
  }
}

/** Stops what still runs: for an end before the time. */
export async function stopServers() {
  await Promise.all([...running].map((server) => server.stop()));
}

/** The processes at the root of what runs now. */
export function serverPids() {
  return [...running].map((server) => server.pid).filter((pid) => pid !== undefined);
}

/** A port that nobody listens at. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Whether the servers' folders lie in memory, where a flush to disk costs nothing. */
export function foldersAreInMemory() {
  return statfsSync(tmpdir()).type === TMPFS;
}

function idOf(kind, user) {
  return Number(execFileSync('id', [kind, user], { encoding: 'utf8' }));
}
