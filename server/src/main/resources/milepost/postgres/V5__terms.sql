-- Jobs by label, display name and end: see IndexTerms. The next migration adds the jobs of earlier versions.
CREATE TABLE term (
  tenant_id text COLLATE "C" NOT NULL,
  term text COLLATE "C" NOT NULL,
  job_no bigint NOT NULL,
  PRIMARY KEY (tenant_id, term, job_no)
);
