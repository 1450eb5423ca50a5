-- Adds jobs to indexes and sets their texts, each of them if it is still the version whose places these are.
--
-- KEYS: any key of the shard, which tells a cluster where to run this.
-- ARGV: for each job its key, its version, its text and the number of its places; for each place the sorted set, score and member.
-- Returns the number of jobs that were added.

local added = 0
local i = 1
while i <= #ARGV do
  local places = tonumber(ARGV[i + 3])
  local version = redis.pcall('HGET', ARGV[i], 'version')
  if version == ARGV[i + 1] then
    redis.call('HSET', ARGV[i], 'text', ARGV[i + 2])
    for place = 0, places - 1 do
      local at = i + 4 + 3 * place
      redis.call('ZADD', ARGV[at], ARGV[at + 1], ARGV[at + 2])
    end
    added = added + 1
  end
  i = i + 4 + 3 * places
end
return added
