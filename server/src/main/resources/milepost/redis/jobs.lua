-- Reads jobs one after the other, until they have as many bytes as asked for.
--
-- KEYS: any key of the shard, which tells a cluster where to run this.
-- ARGV: number of bytes; the index of the owner's jobs, or '' for those of any owner; then the key and the id of each job.
-- Returns the fields of each job that was read, nil if its key holds another type; the first one is read whatever its size.
-- A job of another owner has no fields, as one that does not exist.

local left = tonumber(ARGV[1])
local replies = {}
for i = 3, #ARGV, 2 do
  if left <= 0 then
    break
  end
  local job = {false, false, false, false, false}
  if ARGV[2] == '' or redis.call('ZSCORE', ARGV[2], ARGV[i + 1]) then
    job = redis.pcall('HMGET', ARGV[i], 'number', 'version', 'record', 'spec', 'fixed')
  end
  if job.err then
    job = false
  else
    left = left - #(job[3] or '') - #(job[4] or '')
  end
  replies[#replies + 1] = job
end
return replies
