-- Forgets that a user had jobs, unless it has some.
--
-- KEYS[1] the counts of the user's jobs, KEYS[2] the users of the tenant.
-- ARGV    the user.
-- Returns 1 if the user has jobs, else 0.

if redis.call('EXISTS', KEYS[1]) == 1 then
  return 1
end
redis.call('SREM', KEYS[2], ARGV[1])
return 0
