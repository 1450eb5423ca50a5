-- Reads jobs one after the other, until they have as many bytes as asked for.
--
-- KEYS: any key of the shard, which tells a cluster where to run this.
-- ARGV: number of bytes; then the keys of the jobs.
-- Returns the fields of each job that was read, nil if its key holds another type; the first one is read whatever its size.

local left = tonumber(ARGV[1])
local replies = {}
for i = 2, #ARGV do
  if left <= 0 then
    break
  end
  local job = redis.pcall('HMGET', ARGV[i], 'number', 'version', 'status', 'spec', 'fixed')
  if job.err then
    job = false
  else
    left = left - #(job[3] or '') - #(job[4] or '')
  end
  replies[#replies + 1] = job
end
return replies
