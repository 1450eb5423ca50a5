-- Replaces values that layout 2 has written by the same values with checksums, under new names. What has its new name
-- already is left alone: another server was faster.
--
-- KEYS: any key of the shard, which tells a cluster where to run this.
-- ARGV: for each value five words: its kind, the key it is under, the key it gets, its name within these, and the value.
--       Kinds: field, of a hash; run, of a stream; string; job, a field of a hash that keeps its key, whose record must be
--       the last one: the name is the new one, and the second key is the former name.
-- Returns the number of values that were replaced.

local replaced = 0

local replace = {}

function replace.field(from, to, name, value)
  if redis.call('HDEL', from, name) == 0 then
    return 0
  end
  redis.call('HSET', to, name, value)
  return 1
end

function replace.run(from, to, name, value)
  if redis.call('XDEL', from, name) == 0 then
    return 0
  end
  redis.call('XADD', to, name, 'run', value)
  if redis.call('XLEN', from) == 0 then
    redis.call('DEL', from)
  end
  return 1
end

function replace.string(from, to, name, value)
  local left = redis.call('PTTL', from)
  if left == -2 then
    return 0
  end
  redis.call('DEL', from)
  if left == -1 then
    redis.call('SET', to, value)
  else
    redis.call('SET', to, value, 'PX', math.max(1, left))
  end
  return 1
end

function replace.job(key, former, name, value)
  if redis.call('HEXISTS', key, 'status') == 0 then
    return 0
  end
  redis.call('HSET', key, name, value)
  if former ~= name then
    redis.call('HDEL', key, former)
  end
  return 1
end

for i = 1, #ARGV, 5 do
  replaced = replaced + replace[ARGV[i]](ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4])
end
return replaced
