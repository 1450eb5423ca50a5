-- The texts in which filters search: see SearchText. The next migration adds those of the jobs of earlier versions.
CREATE TABLE search_text (
  job_no bigint PRIMARY KEY,
  tenant_id text COLLATE "C" NOT NULL,
  text text COLLATE "C"                 -- null: not known, as the job cannot be read
);
