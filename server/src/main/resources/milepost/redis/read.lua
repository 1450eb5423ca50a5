-- Reads several things as of one moment.
--
-- KEYS: any key of the shard, so that a cluster knows where to run this.
-- ARGV: commands; of each the number of its words, then its words.
-- Answers the reply to each command.

local replies = {}
local at = 1
while at <= #ARGV do
  local words = tonumber(ARGV[at])
  replies[#replies + 1] = redis.call(unpack(ARGV, at + 1, at + words))
  at = at + words + 1
end
return replies
