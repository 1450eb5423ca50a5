-- Reads a snapshot.
--
-- KEYS: any key of the shard, which tells a cluster where to run this.
-- ARGV: commands: the number of words of each, then its words.
-- Returns the reply to each command; nil if its key holds another type, since one damaged key must not fail the others.

local replies = {}
local at = 1
while at <= #ARGV do
  local words = tonumber(ARGV[at])
  local reply = redis.pcall(unpack(ARGV, at + 1, at + words))
  if type(reply) == 'table' and reply.err then
    if not string.find(reply.err, 'WRONGTYPE') then
      return reply
    end
    reply = false
  end
  replies[#replies + 1] = reply
  at = at + words + 1
end
return replies
