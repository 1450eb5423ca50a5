-- Finds the jobs that a claim would take, best first, and reserves them for a moment. Another server that claims
-- meanwhile takes the next best jobs instead of losing a race.
--
-- KEYS[1] the tenant's lanes.
-- ARGV    prefixes of the keys of lanes, jobs and reservations;
--         the server, and how long it reserves jobs, in milliseconds;
--         maximum number of jobs to find, the maximum sum of their sizes, and what to add to the size of each;
--         the lowest and the highest score: 100 minus the priority;
--         number of scopes, then the scopes; number of types, then the types; no types: any.
-- Returns 1 if a job was skipped because another server has reserved it, or did not fit, else 0; then the id and the fields of each job.

local MAX_SKIPPED = 1000

local lanePrefix, jobPrefix, heldPrefix = ARGV[1], ARGV[2], ARGV[3]
local server, milliseconds = ARGV[4], ARGV[5]
local limit, maxBytes, extra = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
local lowest, highest = ARGV[9], ARGV[10]

local scopes, scopeList, types = {}, {}, {}
local at = 12
for _ = 1, tonumber(ARGV[11]) do
  scopes[ARGV[at]] = true
  scopeList[#scopeList + 1] = ARGV[at]
  at = at + 1
end
for i = at + 1, at + tonumber(ARGV[at]) do
  types[#types + 1] = ARGV[i]
end

-- Fetches the next jobs of a lane; returns false if there are none.
local function fetch(lane)
  lane.chunk = redis.call(
    'ZRANGEBYSCORE', lane.key, lowest, highest, 'WITHSCORES', 'LIMIT', lane.offset, limit)
  lane.offset = lane.offset + limit
  lane.next = 1
  return #lane.chunk > 0
end

local lanes = {}
local function open(name)
  local lane = {key = lanePrefix .. name, offset = 0}
  if fetch(lane) then
    lanes[#lanes + 1] = lane
  elseif #types == 0 and redis.call('EXISTS', lane.key) == 0 then
    redis.call('SREM', KEYS[1], name)
  end
end

if #types == 0 then
  for _, name in ipairs(redis.call('SMEMBERS', KEYS[1])) do
    if scopes[string.match(name, ' (%d+)$')] then
      open(name)
    end
  end
else
  for _, type in ipairs(types) do
    for _, scope in ipairs(scopeList) do
      open(type .. ' ' .. scope)
    end
  end
end

-- Takes the best job of all lanes; returns nil if they are empty.
local function take()
  local best, bestScore, bestMember
  for index, lane in ipairs(lanes) do
    local member = lane.chunk[lane.next]
    local score = tonumber(lane.chunk[lane.next + 1])
    if not best or score < bestScore or (score == bestScore and member < bestMember) then
      best, bestScore, bestMember = index, score, member
    end
  end
  if best then
    local lane = lanes[best]
    lane.next = lane.next + 2
    if lane.next > #lane.chunk and not fetch(lane) then
      table.remove(lanes, best)
    end
  end
  return bestMember
end

local result = {0}
local found, skipped, bytes = 0, 0, 0
while found < limit and skipped < MAX_SKIPPED do
  local member = take()
  if not member then
    break
  end
  local id = string.sub(member, 17)
  local holder = redis.call('GET', heldPrefix .. id)
  if holder and holder ~= server then
    skipped = skipped + 1
    result[1] = 1
  else
    local job = redis.pcall('HMGET', jobPrefix .. id, 'number', 'version', 'record', 'spec', 'fixed')
    if job.err then
      job = false
    end
    bytes = bytes + extra + (job and #(job[3] or '') + #(job[4] or '') or 0)
    if found > 0 and bytes > maxBytes then
      result[1] = 1
      break
    end
    redis.call('SET', heldPrefix .. id, server, 'PX', milliseconds)
    result[#result + 1] = id
    result[#result + 1] = job
    found = found + 1
  end
end
return result
