-- Commits a group of decisions: all of it where everything it was decided on is still so, else nothing.
--
-- KEYS[1] what this server committed last, KEYS[2] the number of the shard's last commit, KEYS[3] what the last commits
--         changed.
-- ARGV    serial of this commit among those of this server, never used twice;
--         channel to publish on, and what;
--         how many of the last commits to remember at least;
--         number of words that follow: fields and values for KEYS[3];
--         number of checks that follow: of each a key, a field of it or '' where it is a string, and what stands there,
--         '' where it is missing;
--         commands up to the end: of each the number of its words, then its words.
-- Answers the number of the commit, 0 where there was nothing to do, or -1 where a check failed.

local REMEMBERED_SECONDS = 3600

local serial = ARGV[1]
local known = redis.call('HMGET', KEYS[1], 'serial', 'number')
if known[1] == serial then
  -- It was committed already: the answer was lost on its way, and this is asked for again.
  return tonumber(known[2])
end

local changes = tonumber(ARGV[5])
local at = 6 + changes
local checks = tonumber(ARGV[at])
at = at + 1
for _ = 1, checks do
  local key, field, expected = ARGV[at], ARGV[at + 1], ARGV[at + 2]
  local found
  if field == '' then
    found = redis.call('GET', key)
  else
    found = redis.call('HGET', key, field)
  end
  if (found or '') ~= expected then
    return -1
  end
  at = at + 3
end
if at > #ARGV then
  return 0
end

while at <= #ARGV do
  local words = tonumber(ARGV[at])
  local reply = redis.call(unpack(ARGV, at + 1, at + words))
  if ARGV[at + 1] == 'HINCRBY' and reply == 0 then
    -- A count that has come to nothing goes.
    redis.call('HDEL', ARGV[at + 2], ARGV[at + 3])
  end
  at = at + words + 1
end

local number = redis.call('INCR', KEYS[2])
if changes > 0 then
  redis.call('XADD', KEYS[3], 'MAXLEN', '~', ARGV[4], number .. '-0', unpack(ARGV, 6, 5 + changes))
end
redis.call('HSET', KEYS[1], 'serial', serial, 'number', number)
redis.call('EXPIRE', KEYS[1], REMEMBERED_SECONDS)
redis.call('PUBLISH', ARGV[2], ARGV[3])
return number
