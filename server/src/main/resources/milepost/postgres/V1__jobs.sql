-- What a report changes lies in one row of job: the status, and the newest entries of the journal as its tail. Rows leave
-- room for their next version, so that a report touches no index. Text is ordered by its bytes, as in every store.

CREATE SEQUENCE job_no;

CREATE TABLE job (
  job_no bigint PRIMARY KEY,            -- in order of creation, never used again
  tenant_id text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  user_id text COLLATE "C" NOT NULL,
  type text COLLATE "C" NOT NULL,
  scope integer NOT NULL,
  parent_id text COLLATE "C",           -- null: none
  state integer NOT NULL,
  priority integer NOT NULL,
  ready integer,                        -- 1: waits and may be claimed; else null
  wake_micros bigint,                   -- null: never
  status bytea NOT NULL,                -- JobRecord without its spec
  tail bytea NOT NULL,                  -- JournalChunk: what is not sealed yet
  spec bytea                            -- JobSpec; null: it is long and lies in the table spec
) WITH (fillfactor = 70, toast_tuple_target = 8160, autovacuum_vacuum_scale_factor = 0.05);

CREATE UNIQUE INDEX job_by_id ON job (tenant_id, id);
CREATE INDEX job_to_claim ON job (tenant_id, type, scope, priority DESC, job_no) WHERE ready = 1;
CREATE INDEX job_to_wake ON job (wake_micros, job_no) WHERE wake_micros IS NOT NULL;
CREATE INDEX job_by_user ON job (tenant_id, user_id, job_no);
CREATE INDEX job_by_state ON job (tenant_id, state, job_no);
CREATE INDEX job_by_type ON job (tenant_id, type, job_no);
CREATE INDEX job_by_parent ON job (tenant_id, parent_id, job_no) WHERE parent_id IS NOT NULL;

CREATE TABLE spec (
  job_no bigint PRIMARY KEY,
  spec bytea NOT NULL
);

CREATE TABLE journal (
  run_no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  job_no bigint NOT NULL,
  last_seq bigint NOT NULL,             -- sequence of the last entry in the run
  run bytea NOT NULL                    -- JournalChunk
);

CREATE UNIQUE INDEX journal_by_job ON journal (job_no, last_seq);

CREATE TABLE item (
  job_no bigint NOT NULL,
  id text COLLATE "C" NOT NULL,
  state integer NOT NULL,
  project_id text COLLATE "C" NOT NULL,
  item bytea NOT NULL,
  PRIMARY KEY (job_no, id)
);

CREATE TABLE request (
  digest bytea PRIMARY KEY,             -- of the request's key
  expire_micros bigint NOT NULL,
  request bytea NOT NULL                -- RequestRecord
);

CREATE INDEX request_to_expire ON request (expire_micros);

-- Counts stand once for each slot, and are summed up when they are read: servers that write to different slots do not
-- wait for each other.
CREATE TABLE count (
  tenant_id text COLLATE "C" NOT NULL,
  user_id text COLLATE "C" NOT NULL,
  project_id text COLLATE "C" NOT NULL,
  type text COLLATE "C" NOT NULL,
  scope integer NOT NULL,
  state integer NOT NULL,
  slot integer NOT NULL,
  jobs bigint NOT NULL,
  PRIMARY KEY (tenant_id, user_id, project_id, type, scope, state, slot)
) WITH (fillfactor = 50);

CREATE TABLE total (                    -- the same without users and projects: they can be many
  tenant_id text COLLATE "C" NOT NULL,
  type text COLLATE "C" NOT NULL,
  scope integer NOT NULL,
  state integer NOT NULL,
  slot integer NOT NULL,
  jobs bigint NOT NULL,
  PRIMARY KEY (tenant_id, type, scope, state, slot)
) WITH (fillfactor = 50);

-- What servers tell each other. A reader's position is a transaction number below which all have ended: no commit that
-- comes later can lie before it.
CREATE TABLE change (
  change_no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
  server_id uuid NOT NULL,              -- the server that made it, which has told its own listeners
  made_time timestamptz NOT NULL DEFAULT clock_timestamp(),
  tenant_id text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  before bytea                          -- JobRecord as it was; null: it is new
);

CREATE INDEX change_by_xid ON change (xid);
