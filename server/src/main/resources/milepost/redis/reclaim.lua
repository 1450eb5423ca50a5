-- Frees runs of a journal of which nothing is kept, if the job has not been replaced by another of the same id.
--
-- KEYS[1] the job, KEYS[2] its journal.
-- ARGV    the job's number, then the runs.
-- Returns the number of freed runs.

if redis.call('HGET', KEYS[1], 'number') ~= ARGV[1] then
  return 0
end
return redis.call('XDEL', KEYS[2], unpack(ARGV, 2))
