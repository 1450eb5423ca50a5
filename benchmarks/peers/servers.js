// The peers' servers: each on a free loopback port, in its own directory, which is removed when the server stops.
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

/** A server process. `keep` stops it when this process exits. */
export class Server {
  #process;
  #ended;

  /**
   * @param name its name in messages
   * @param user that it runs as; null: the current user
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

  /** Runs a preparatory command as the server's user and waits for it. */
  run(command, args) {
    execFileSync(command, args, { ...this.#options(), stdio: ['ignore', 'ignore', 'pipe'] });
  }

  /**
   * Starts it and waits until it responds.
   *
   * @param probe sends a request; throws until the server responds
   * @param signal that stops it gracefully
   */
  async start(command, args, probe, signal = 'TERM') {
    this.#process = spawn(KEEP, [this.folder, signal, command, ...args], {
      ...this.#options(),
      stdio: ['pipe', 'ignore', 'ignore'],
      // Ctrl-C is for this process only; the server stops after it.
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
    // Settings of the user's own servers must not apply here.
    return { ...this.owner, cwd: this.folder, env: { PATH: process.env.PATH, LC_ALL: 'C' } };
  }

  #log() {
    const file = join(this.folder, 'log');
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').slice(-10).join('\n') : '';
  }
}

/** Stops all running servers, for an early exit. */
export async function stopServers() {
  await Promise.all([...running].map((server) => server.stop()));
}

/** The root processes of the running servers. */
export function serverPids() {
  return [...running].map((server) => server.pid).filter((pid) => pid !== undefined);
}

/** Returns a free port. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Whether the servers' directories are in memory, where a flush costs nothing. */
export function foldersAreInMemory() {
  return statfsSync(tmpdir()).type === TMPFS;
}

function idOf(kind, user) {
  return Number(execFileSync('id', [kind, user], { encoding: 'utf8' }));
}
