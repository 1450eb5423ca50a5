-- Writes what servers keep beside the jobs: records of one kind.
--
-- KEYS[1] hash: the records, KEYS[2] sorted set: their keys, by the time when they expire.
-- ARGV    the time, the time when the new records expire, how many records may be kept at most, the
--         number of removed keys, these keys, then the new records, each as key and value.
-- Returns the number of records.
-- It may run twice: it sets what it has set.

local now, expires, most, removed = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])

local function forget(keys)
  for _, key in ipairs(keys) do
    redis.call('HDEL', KEYS[1], key)
    redis.call('ZREM', KEYS[2], key)
  end
end

forget(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now))
for i = 5, 4 + removed do
  forget({ARGV[i]})
end
for i = 5 + removed, #ARGV, 2 do
  redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
  redis.call('ZADD', KEYS[2], expires, ARGV[i])
end
local excess = redis.call('ZCARD', KEYS[2]) - most
if excess > 0 then
  forget(redis.call('ZRANGE', KEYS[2], 0, excess - 1))
end
return redis.call('HLEN', KEYS[1])
