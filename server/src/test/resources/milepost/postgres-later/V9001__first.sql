CREATE TABLE added_later_1 (x INTEGER);
