-- Reads a snapshot.
--
-- KEYS: any key of the shard, which tells a cluster where to run this.
-- ARGV: number of bytes after which to stop, 0: none; then commands: the number of words of each, then its words.
-- Returns the reply to each command that was run, at least one; nil if its key holds another type, since one damaged
-- key must not fail the others.

local function size(reply)
  if type(reply) == 'string' then
    return #reply
  end
  local sum = 0
  if type(reply) == 'table' then
    for _, part in ipairs(reply) do
      sum = sum + size(part)
    end
  end
  return sum
end

local limit = tonumber(ARGV[1])
local replies = {}
local bytes = 0
local at = 2
while at <= #ARGV and (limit == 0 or bytes < limit) do
  local words = tonumber(ARGV[at])
  local reply = redis.pcall(unpack(ARGV, at + 1, at + words))
  if type(reply) == 'table' and reply.err then
    if not string.find(reply.err, 'WRONGTYPE') then
      return reply
    end
    reply = false
  end
  replies[#replies + 1] = reply
  if limit > 0 then
    bytes = bytes + size(reply)
  end
  at = at + words + 1
end
return replies
