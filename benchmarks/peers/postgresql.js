// A hand-written queue table in PostgreSQL: claims use SKIP LOCKED, watches use NOTIFY.
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { JOBS, LOG_LINES, PARAMS, UPDATES, logLine } from './life.js';
import { Server, freePort } from './servers.js';

const SCHEMA = `
  -- Room in each page, so that an update can stay in it and need not touch an index.
  CREATE TABLE jobs (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    state text NOT NULL DEFAULT 'QUEUED',
    params jsonb NOT NULL,
    progress int NOT NULL DEFAULT 0,
    worker int
  ) WITH (fillfactor = 70);
  CREATE INDEX jobs_queued ON jobs (id) WHERE state = 'QUEUED';
  CREATE TABLE logs (
    job_id bigint NOT NULL,
    number int NOT NULL,
    message text NOT NULL,
    PRIMARY KEY (job_id, number)
  );
`;

const CREATE = 'INSERT INTO jobs (params) VALUES ($1)';
const CLAIM = `
  UPDATE jobs SET state = 'RUNNING', worker = $1
  WHERE id = (SELECT id FROM jobs WHERE state = 'QUEUED' ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
  RETURNING id`;
const UPDATE = "UPDATE jobs SET progress = $3 WHERE id = $1 AND worker = $2 AND state = 'RUNNING'";
const UPDATE_AND_NOTIFY = `WITH updated AS (${UPDATE} RETURNING id) SELECT pg_notify('jobs', $3::text) FROM updated`;
const LOG = 'INSERT INTO logs (job_id, number, message) VALUES ($1, $2, $3)';
const COMPLETE = "UPDATE jobs SET state = 'SUCCEEDED' WHERE id = $1 AND worker = $2 AND state = 'RUNNING'";

export async function openPostgresql() {
  // PostgreSQL does not run as root.
  const server = new Server('postgres', process.getuid() === 0 ? 'postgres' : null);
  const password = randomBytes(16).toString('hex');
  const access = { host: '127.0.0.1', port: await freePort(), user: 'peer', database: 'postgres', password, ssl: false };
  const data = join(server.folder, 'data');
  const secret = join(server.folder, 'password');
  writeFileSync(secret, password, { mode: 0o644 });
  server.run('initdb', ['-D', data, '-U', access.user, '-A', 'scram-sha-256', `--pwfile=${secret}`, '-E', 'UTF8', '--locale=C']);
  const settings = {
    port: access.port,
    listen_addresses: access.host,
    unix_socket_directories: server.folder,
    fsync: 'on',
    synchronous_commit: 'on',
    max_connections: JOBS + 20,
  };
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  // INT: a fast shutdown, which does not wait for clients.
  await server.start('postgres', ['-D', data, ...args], async () => (await connect(access)).end(), 'INT');
  const clients = await Promise.all(Array.from({ length: JOBS }, () => connect(access)));
  return new Postgresql(server, access, clients);
}

class Postgresql {
  #server;
  #access;
  #clients;

  constructor(server, access, clients) {
    this.#server = server;
    this.#access = access;
    this.#clients = clients;
  }

  async settings() {
    const show = async (name) => Object.values((await this.#clients[0].query(`SHOW ${name}`)).rows[0])[0];
    let text = `PostgreSQL ${await show('server_version')}`;
    for (const name of ['fsync', 'synchronous_commit', 'wal_sync_method']) {
      text += `, ${name} ${await show(name)}`;
    }
    return text;
  }

  async lives() {
    await this.#empty();
    return {
      live: async (slot) => {
        const client = this.#clients[slot];
        await write(client, 'create', CREATE, [PARAMS]);
        const job = await claim(client, slot);
        for (let n = 1; n <= UPDATES; n++) {
          await write(client, 'update', UPDATE, [job, slot, n]);
        }
        for (let n = 1; n <= LOG_LINES; n++) {
          await write(client, 'log', LOG, [job, n, logLine(n)]);
        }
        await write(client, 'complete', COMPLETE, [job, slot]);
      },

      /** Whether the store holds all of these lives completely. */
      holds: async (expected) => {
        const { rows } = await this.#clients[0].query(
          `SELECT (SELECT count(*) FROM jobs WHERE state = 'SUCCEEDED' AND progress = ${UPDATES}) AS jobs,
                  (SELECT count(*) FROM logs) AS logs`,
        );
        return Number(rows[0].jobs) === expected && Number(rows[0].logs) === expected * LOG_LINES;
      },

      close: async () => {},
    };
  }

  async runningJobs() {
    await this.#empty();
    const jobs = [];
    for (const [slot, client] of this.#clients.entries()) {
      await write(client, 'create', CREATE, [PARAMS]);
      jobs.push(await claim(client, slot));
    }
    let listener = null;
    return {
      update: (slot, n) =>
        listener === null
          ? write(this.#clients[slot], 'update', UPDATE, [jobs[slot], slot, n])
          : write(this.#clients[slot], 'notify', UPDATE_AND_NOTIFY, [jobs[slot], slot, n]),

      watch: async (seen) => {
        listener = await connect(this.#access);
        listener.on('notification', ({ payload }) => seen(Number(payload)));
        await listener.query('LISTEN jobs');
      },

      /** Whether each job has its last acknowledged progress. */
      holds: async (last) => {
        const { rows } = await this.#clients[0].query('SELECT id, progress FROM jobs');
        const stored = new Map(rows.map(({ id, progress }) => [id, progress]));
        return jobs.every((job, slot) => stored.get(job) === last[slot]);
      },

      close: async () => listener?.end(),
    };
  }

  async close() {
    await Promise.all(this.#clients.map((client) => client.end()));
    await this.#server.stop();
  }

  #empty() {
    return this.#clients[0].query(`DROP TABLE IF EXISTS jobs, logs; ${SCHEMA}`);
  }
}

async function connect(access) {
  const client = new pg.Client(access);
  client.on('error', () => {});
  await client.connect();
  return client;
}

/** Runs one prepared statement as one transaction. */
async function write(client, name, text, values) {
  const { rowCount } = await client.query({ name, text, values });
  if (rowCount !== 1) {
    throw new Error(`PostgreSQL: ${name} affected ${rowCount} rows instead of one`);
  }
}

async function claim(client, worker) {
  for (;;) {
    const { rows } = await client.query({ name: 'claim', text: CLAIM, values: [worker] });
    // No row: another claim has locked the only one that this statement could see. There is a newer one.
    if (rows.length === 1) {
      return rows[0].id;
    }
  }
}
