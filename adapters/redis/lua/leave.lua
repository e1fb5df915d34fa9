-- Notes sockets as gone. Whose last one it was is due to be gone after the grace; so is one of
-- whom nothing was known, since this server may have been emptied meanwhile.
-- KEYS: see arrive.lua. ARGV: ms of the time until a socket that is not renewed is gone, ms of the
-- grace, then person and socket in turn.
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local ttl, grace = tonumber(ARGV[1]), tonumber(ARGV[2])
for i = 3, #ARGV, 2 do
  local person, socket = ARGV[i], ARGV[i + 1]
  local sockets = KEYS[1] .. ':' .. person
  redis.call('ZREM', sockets, socket)
  local last = redis.call('ZREVRANGE', sockets, 0, 0, 'WITHSCORES')
  redis.call('ZADD', KEYS[1], math.max(tonumber(last[2]) or 0, now + grace), person)
  local place, id = string.match(person, '^(%S+ %S+) (.*)$')
  redis.call('ZADD', KEYS[1] .. '/' .. place, 0, id)
  redis.call('PEXPIRE', KEYS[1] .. '/' .. place, 2 * ttl)
end
redis.call('PEXPIRE', KEYS[1], 2 * ttl)
return 0
