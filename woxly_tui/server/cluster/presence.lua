-- Which devices are connected, to which process.
--
--   processes           when the lease of each is over, in Redis's milliseconds
--   devices-of:PROCESS  its sockets, as SID -> USER
--   user:USER           a user's sockets, as SID -> sign-in
--   absent              since when users have no device any more
--   lost                users who went with their process, until somebody has told their friends
local P = KEYS[1]
local a = ARGV

local function now_ms()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end

local function remove(process, user, sid)
  redis.call('HDEL', P .. 'devices-of:' .. process, sid)
  local was_there = redis.call('HDEL', P .. 'user:' .. user, sid) == 1
  if not was_there or redis.call('EXISTS', P .. 'user:' .. user) == 1 then return false end
  redis.call('ZADD', P .. 'absent', now_ms(), user)
  return true
end

local act = {}

function act.add(process, user, sid, session)
  redis.call('HSET', P .. 'devices-of:' .. process, sid, user)
  redis.call('HSET', P .. 'user:' .. user, sid, session)
  redis.call('ZREM', P .. 'absent', user)
  redis.call('SREM', P .. 'lost', user)
  return redis.call('HLEN', P .. 'user:' .. user) == 1 and 'true' or 'false'
end

function act.remove(process, user, sid) return remove(process, user, sid) and 'true' or 'false' end

-- Whether the process is new to the others, or was taken for dead.
function act.beat(process, lease_ms)
  return redis.call('ZADD', P .. 'processes', now_ms() + lease_ms, process) == 1 and 'true' or 'false'
end

-- Users whose last device went with a process whose lease is over.
function act.reap()
  for _, process in ipairs(redis.call('ZRANGEBYSCORE', P .. 'processes', '-inf', now_ms())) do
    local devices = redis.call('HGETALL', P .. 'devices-of:' .. process)
    for i = 1, #devices, 2 do
      if remove(process, devices[i + 1], devices[i]) then redis.call('SADD', P .. 'lost', devices[i + 1]) end
    end
    redis.call('DEL', P .. 'devices-of:' .. process)
    redis.call('ZREM', P .. 'processes', process)
  end
  return '[' .. table.concat(redis.call('SMEMBERS', P .. 'lost'), ',') .. ']'
end

function act.settle(user)
  redis.call('SREM', P .. 'lost', user)
  return 'null'
end

function act.gone(after_ms, most)
  local before = now_ms() - after_ms
  local found = redis.call('ZRANGEBYSCORE', P .. 'absent', '-inf', before, 'LIMIT', 0, most)
  return '[' .. table.concat(found, ',') .. ']'
end

function act.forget_gone(user)
  if redis.call('EXISTS', P .. 'user:' .. user) == 0 then redis.call('ZREM', P .. 'absent', user) end
  return 'null'
end

function act.is_online(user) return redis.call('EXISTS', P .. 'user:' .. user) == 1 and 'true' or 'false' end

function act.devices_of(user)
  local found = redis.call('HGETALL', P .. 'user:' .. user)
  return #found == 0 and '[]' or cjson.encode(found)
end

return act[a[1]](a[2], a[3], a[4], a[5])
