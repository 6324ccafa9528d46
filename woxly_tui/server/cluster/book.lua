-- The book of calls in Redis. Rings and entries are JSON that Python writes and reads.
--
--   ring:CALLER:CALLEE  a ring          ends     when each is over, in Redis's milliseconds
--   by:CALLER           whom they ring  to:CALLEE  who rings them
--   entry:USER          in a call       in:ROOM    who is in a room's call      calling  who is in any
local P = KEYS[1]
local a = ARGV
local none = cjson.null
local SPARE_MS = 60000          -- a ring that no process ended is forgotten this long after its end
local ENTRY_MS = 24 * 3600 * 1000 -- an entry that nobody confirmed meanwhile

local function now_ms()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end

local function list(found)
  if #found == 0 then return '[]' end
  return '[' .. table.concat(found, ',') .. ']'
end

local function ring_key(caller, callee) return P .. 'ring:' .. caller .. ':' .. callee end
local function ring(caller, callee) return redis.call('GET', ring_key(caller, callee)) end

local function end_ring(caller, callee)
  local found = ring(caller, callee)
  redis.call('DEL', ring_key(caller, callee))
  redis.call('ZREM', P .. 'ends', caller .. ':' .. callee)
  redis.call('SREM', P .. 'by:' .. caller, callee)
  redis.call('SREM', P .. 'to:' .. callee, caller)
  return found
end

-- Those of a set whose ring still is there; the others are struck out of it.
local function callees_of(caller)
  local found = {}
  for _, callee in ipairs(redis.call('SMEMBERS', P .. 'by:' .. caller)) do
    if ring(caller, callee) then found[#found + 1] = callee else end_ring(caller, callee) end
  end
  return found
end

local function entry(user) return redis.call('GET', P .. 'entry:' .. user) end
local function decoded(user)
  local found = entry(user)
  return found and cjson.decode(found) or nil
end
local function room_of(thing)
  if thing.room_id == none or thing.room_id == nil then return '' end
  return string.format('%d', thing.room_id)
end

local function take_entry(user)
  local found = entry(user)
  redis.call('SREM', P .. 'calling', user)
  if not found then return nil end
  redis.call('DEL', P .. 'entry:' .. user)
  redis.call('SREM', P .. 'in:' .. room_of(cjson.decode(found)), user)
  return found
end

local function put(user, room, text)
  take_entry(user)
  redis.call('SET', P .. 'entry:' .. user, text, 'PX', ENTRY_MS)
  redis.call('SADD', P .. 'calling', user)
  if room ~= '' then
    redis.call('SADD', P .. 'in:' .. room, user)
    redis.call('PEXPIRE', P .. 'in:' .. room, ENTRY_MS)
  end
end

local function entries(key)
  local found = {}
  for _, user in ipairs(redis.call('SMEMBERS', P .. key)) do
    local text = entry(user)
    if text then found[#found + 1] = text else redis.call('SREM', P .. key, user) end
  end
  return found
end

local function is_busy(caller, callee, room)
  for _, other in ipairs(callees_of(callee)) do
    if other ~= caller then return true end -- dialling somebody else
  end
  local theirs = decoded(callee)
  if not theirs or string.format('%d', theirs.peer_id) == caller then return false end
  local where = room_of(theirs)
  if where == '' then return true end
  local callers = decoded(caller)
  return not (where == room or (callers and room_of(callers) == where))
end

local act = {}

-- Whether two who ring each other want one and the same call.
local function meet(one, other)
  return room_of(one) == room_of(other) or not (one.is_group or other.is_group)
end

function act.ring(caller, callee, room, text, lasts_ms, most)
  local theirs = ring(callee, caller)
  if theirs and meet(cjson.decode(theirs), cjson.decode(text)) then return '"GLARE"' end
  local standing = ring(caller, callee)
  if standing then
    if room_of(cjson.decode(standing)) == room then return '"ALREADY"' end
    end_ring(caller, callee)
  end
  if is_busy(caller, callee, room) then return '"BUSY"' end
  if #callees_of(caller) >= tonumber(most) then return '"TOO_MANY"' end
  local kept_ms = lasts_ms + SPARE_MS
  redis.call('SET', ring_key(caller, callee), text, 'PX', kept_ms)
  redis.call('ZADD', P .. 'ends', now_ms() + lasts_ms, caller .. ':' .. callee)
  for _, key in ipairs({ P .. 'by:' .. caller, P .. 'to:' .. callee }) do
    redis.call('SADD', key, key == P .. 'by:' .. caller and callee or caller)
    redis.call('PEXPIRE', key, kept_ms)
  end
  return '"RINGING"'
end

function act.take_ring(caller, callee) return end_ring(caller, callee) or 'null' end

function act.rings_to(callee)
  local found = {}
  for _, caller in ipairs(redis.call('SMEMBERS', P .. 'to:' .. callee)) do
    local text = ring(caller, callee)
    if text then found[#found + 1] = text else end_ring(caller, callee) end
  end
  return list(found)
end

function act.take_rings_by(caller, room)
  local taken = {}
  for _, callee in ipairs(callees_of(caller)) do
    if room == '' or room_of(cjson.decode(ring(caller, callee))) == room then
      taken[#taken + 1] = end_ring(caller, callee)
    end
  end
  return list(taken)
end

function act.take_expired(most)
  local taken = {}
  for _, pair in ipairs(redis.call('ZRANGEBYSCORE', P .. 'ends', '-inf', now_ms(), 'LIMIT', 0, most)) do
    local caller, callee = string.match(pair, '(%d+):(%d+)')
    taken[#taken + 1] = end_ring(caller, callee)
  end
  return list(taken)
end

function act.connect(room, caller, callers, callee, callees)
  for user, text in pairs({ [caller] = callers, [callee] = callees }) do
    local old = decoded(user)
    if not (old and room ~= '' and room_of(old) == room) then put(user, room, text) end
  end
  return 'null'
end

function act.put(user, room, text)
  put(user, room, text)
  return 'null'
end

function act.take_entry(user, room)
  local found = decoded(user)
  if not found or (room ~= '' and room_of(found) ~= room) then return 'null' end
  return take_entry(user)
end

function act.entries_in(room) return list(entries('in:' .. room)) end
function act.entries() return list(entries('calling')) end

function act.take_room(room)
  local found = entries('in:' .. room)
  for _, text in ipairs(found) do take_entry(string.format('%d', cjson.decode(text).user_id)) end
  return list(found)
end

function act.mark_media(user, room)
  local found = decoded(user)
  if found and room_of(found) == room then
    found.has_media = true
    redis.call('SET', P .. 'entry:' .. user, cjson.encode(found), 'PX', ENTRY_MS)
    redis.call('PEXPIRE', P .. 'in:' .. room, ENTRY_MS)
  end
  return 'null'
end

function act.counts()
  return list({ redis.call('ZCARD', P .. 'ends'), redis.call('SCARD', P .. 'calling') })
end

return act[a[1]](a[2], a[3], a[4], a[5], a[6], a[7])
