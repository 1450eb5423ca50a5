-- Finds the first claimable jobs of each of a tenant's lanes and priorities, in the order of creation.
--
-- KEYS[1] the tenant's lanes.
-- ARGV    prefix of the keys of lanes; maximum number of jobs of each lane and priority; maximum number of those.
-- Returns the ids of the jobs.

local prefix, each, left = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local found = {}
for _, name in ipairs(redis.call('SMEMBERS', KEYS[1])) do
  local lane = prefix .. name
  local lowest = '-inf'
  while left > 0 do
    local best = redis.call('ZRANGEBYSCORE', lane, lowest, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
    if #best == 0 then
      break
    end
    left = left - 1
    for _, member in ipairs(redis.call('ZRANGEBYSCORE', lane, best[2], best[2], 'LIMIT', 0, each)) do
      found[#found + 1] = string.sub(member, 17)
    end
    lowest = '(' .. best[2]
  end
end
return found
