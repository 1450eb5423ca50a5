-- Commits a group of updates: completely if nothing it depends on has changed, otherwise not at all.
--
-- KEYS[1] the last commit by this server, KEYS[2] the number of the shard's last commit, KEYS[3] the stream of what
--         recent commits changed.
-- ARGV    serial number of this commit among those of this server, never reused;
--         channel to publish on, and the message;
--         minimum number of commits to keep in the stream;
--         number of arguments that follow: fields and values for KEYS[3];
--         number of checks that follow: a key, a field of it ('' for a string), and the expected value ('' if missing);
--         commands up to the end: the number of words of each, then its words.
-- Returns the number of the commit; 0 if there was nothing to do; -1 if a check failed.

local REMEMBERED_SECONDS = 3600

local serial = ARGV[1]
local known = redis.call('HMGET', KEYS[1], 'serial', 'number')
if known[1] == serial then
  -- Already committed: the response was lost, and this is a retry.
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

-- Changes a count. One that is damaged is left as it is: what was written before it cannot be taken back here.
local function count(from, words)
  local reply = redis.pcall(unpack(ARGV, from + 1, from + words))
  if type(reply) ~= 'table' then
    return reply
  end
  if string.find(reply.err, 'not an integer') or string.find(reply.err, 'WRONGTYPE') then
    return nil
  end
  return redis.call(unpack(ARGV, from + 1, from + words))
end

while at <= #ARGV do
  local words = tonumber(ARGV[at])
  local reply
  if ARGV[at + 1] == 'HINCRBY' then
    reply = count(at, words)
  else
    redis.call(unpack(ARGV, at + 1, at + words))
  end
  if reply == 0 then
    -- A count of zero is deleted; if it is that of jobs, with their size.
    redis.call('HDEL', ARGV[at + 2], ARGV[at + 3], 'b' .. ARGV[at + 3])
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
