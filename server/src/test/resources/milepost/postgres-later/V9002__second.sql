CREATE TABLE added_later_2 (x INTEGER);
SELECT pg_advisory_xact_lock(4711);
