-- Searches the texts of jobs, in the order of creation.
--
-- KEYS: any key of the shard, which tells a cluster where to run this.
-- ARGV: what a text must contain; 'newest' or 'oldest', the jobs to begin with; number of the first job, or an infinity;
--       maximum number of jobs of each index; prefix that makes the key of a job of a member; then the indexes: sorted sets
--       of jobs by number, of which each job is in one.
-- Returns the number of texts that were read; 1 if these were all jobs, else 0; member and number of the last job up to
-- which all were searched, if there is any; then member and number of each job whose text matches, in no order.
-- A job without a text matches, since it is not known what it contains.

-- Maximum number of jobs with the same number.
local TWINS = 16

local wanted, isNewest, from, prefix = ARGV[1], ARGV[2] == 'newest', ARGV[3], ARGV[5]
local limit = tonumber(ARGV[4])

local function isAfter(number, other)
  if isNewest then
    return number < other
  end
  return number > other
end

local indexes = {}
local last = nil
for i = 6, #ARGV do
  local jobs
  if isNewest then
    jobs = redis.call('ZREVRANGEBYSCORE', ARGV[i], from, '-inf', 'WITHSCORES', 'LIMIT', 0, limit + TWINS)
  else
    jobs = redis.call('ZRANGEBYSCORE', ARGV[i], from, '+inf', 'WITHSCORES', 'LIMIT', 0, limit + TWINS)
  end
  if #jobs == 2 * (limit + TWINS) then
    -- There are others: only so many were read that all of the same number are among them.
    local number = tonumber(jobs[2 * limit])
    if not last or isAfter(last, number) then
      last = number
    end
  end
  indexes[#indexes + 1] = jobs
end

local texts = 0
local endNumber, endMember, endScore = nil, '', ''
local reply = {0, 0, '', ''}
for _, jobs in ipairs(indexes) do
  for i = 1, #jobs, 2 do
    local member, score = jobs[i], jobs[i + 1]
    local number = tonumber(score)
    if last and isAfter(number, last) then
      break
    end
    texts = texts + 1
    if not endNumber or isAfter(number, endNumber) or (number == endNumber and (member < endMember) == isNewest) then
      endNumber, endMember, endScore = number, member, score
    end
    local text = redis.pcall('HGET', prefix .. member, 'text')
    if type(text) ~= 'string' or string.find(text, wanted, 1, true) then
      reply[#reply + 1] = member
      reply[#reply + 1] = score
    end
  end
end
if texts == 0 then
  return {0, 1}
end
reply[1], reply[2], reply[3], reply[4] = texts, last and 0 or 1, endMember, endScore
return reply
