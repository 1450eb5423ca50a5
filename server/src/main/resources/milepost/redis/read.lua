-- Reads a snapshot.
--
-- KEYS: any key of the shard, which tells a cluster where to run this.
-- ARGV: number of bytes after which to stop, 0: none; then commands: the number of words of each, then its words.
--       If there is a limit, their replies must be values or lists of values.
-- Returns the reply to each command that was run, at least one; nil if its key holds another type, since one damaged
-- key must not fail the others.

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
  if limit > 0 and reply then
    if type(reply) == 'table' then
      for part = 1, #reply do
        bytes = bytes + #(reply[part] or '')
      end
    else
      bytes = bytes + #reply
    end
  end
  at = at + words + 1
end
return replies
