-- Counts in windows of fixed length: rate:NAME:KEY.
local key = KEYS[1] .. 'rate:' .. ARGV[2] .. ':' .. ARGV[3]

if ARGV[1] == 'forgive' then
  redis.call('DEL', key)
  return 'null'
end

local count = redis.call('INCR', key)
if count == 1 then redis.call('PEXPIRE', key, ARGV[5]) end
if count <= tonumber(ARGV[4]) then return '-1' end
return tostring(redis.call('PTTL', key))
