-- Puts tokens back into a bucket (see take.lua), which is never more than full.
-- KEYS: the bucket. ARGV: µs in which a token comes back, burst, how many.
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local each, burst, count = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local full = math.min(tonumber(redis.call('GET', KEYS[1])) or now, now + each * burst) - each * count
if full <= now then
  redis.call('DEL', KEYS[1])
else
  redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', math.ceil((full - now) / 1000))
end
return 0
