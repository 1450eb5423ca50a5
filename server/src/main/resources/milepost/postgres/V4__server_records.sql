-- What servers keep beside the jobs. Its rows are small, few, and rewritten every few seconds.
CREATE TABLE server_record (
  kind text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  expire_micros bigint NOT NULL,
  value bytea NOT NULL,
  PRIMARY KEY (kind, key)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);
