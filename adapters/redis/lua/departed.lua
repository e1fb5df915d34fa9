-- Takes away the persons who are due to be gone, so that only one node is told of each.
-- KEYS: see arrive.lua. ARGV: how many at most. Answer: the persons.
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local gone = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, tonumber(ARGV[1]))
for _, person in ipairs(gone) do
  redis.call('ZREM', KEYS[1], person)
  redis.call('DEL', KEYS[1] .. ':' .. person)
  local place, id = string.match(person, '^(%S+ %S+) (.*)$')
  redis.call('ZREM', KEYS[1] .. '/' .. place, id)
end
return gone
