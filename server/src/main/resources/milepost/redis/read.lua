-- Reads a snapshot.
--
-- KEYS: any key of the shard, which tells a cluster where to run this.
-- ARGV: commands: the number of words of each, then its words.
-- Returns the reply to each command.

local replies = {}
local at = 1
while at <= #ARGV do
  local words = tonumber(ARGV[at])
  replies[#replies + 1] = redis.call(unpack(ARGV, at + 1, at + words))
  at = at + words + 1
end
return replies
