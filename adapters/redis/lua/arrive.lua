-- Notes sockets as there, or as there still.
-- KEYS[1] is when each person who counts as present is due to be gone (a sorted set, in ms of this
-- server's clock); KEYS[1]:<person> is the same of each of the person's sockets. KEYS[1]/<log role>
-- has the ids of those who count as present, in order (a sorted set, all of one score).
-- ARGV: ms until a socket that is not renewed is gone, then person and socket in turn.
-- Answer: the persons who were absent; also one who was due to be gone, if nobody was told so yet.
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local ttl = tonumber(ARGV[1])
local absent = {}
for i = 2, #ARGV, 2 do
  local person, socket = ARGV[i], ARGV[i + 1]
  local sockets = KEYS[1] .. ':' .. person
  if (tonumber(redis.call('ZSCORE', KEYS[1], person)) or 0) <= now then
    absent[#absent + 1] = person
  end
  redis.call('ZADD', KEYS[1], now + ttl, person)
  redis.call('ZREMRANGEBYSCORE', sockets, '-inf', now)
  redis.call('ZADD', sockets, now + ttl, socket)
  redis.call('PEXPIRE', sockets, ttl)
  local place, id = string.match(person, '^(%S+ %S+) (.*)$')
  redis.call('ZADD', KEYS[1] .. '/' .. place, 0, id)
  redis.call('PEXPIRE', KEYS[1] .. '/' .. place, 2 * ttl)
end
redis.call('PEXPIRE', KEYS[1], 2 * ttl)
return absent
