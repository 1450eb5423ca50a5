-- The size of the counted jobs. Jobs that an earlier version wrote are added when they change.
ALTER TABLE count ADD COLUMN bytes bigint NOT NULL DEFAULT 0;
ALTER TABLE total ADD COLUMN bytes bigint NOT NULL DEFAULT 0;
