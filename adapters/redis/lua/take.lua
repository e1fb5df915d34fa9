-- Takes tokens of a bucket, all or none.
-- A bucket is one number: the moment, in µs of this server's clock, at which it is full again
-- (the generic cell rate algorithm, ITU-T I.371). A full one needs no key.
-- KEYS: the bucket. ARGV: µs in which a token comes back, burst, how many.
-- Answer: 0, or the µs until there are as many.
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local each, burst, count = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
-- Where the clock was set back, the bucket is empty at worst.
local full = math.min(tonumber(redis.call('GET', KEYS[1])) or now, now + each * burst)
full = math.max(full, now) + each * count
local wait = full - (now + each * burst)
if wait >= 1 then
  return math.ceil(wait)
end
redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', math.ceil((full - now) / 1000))
return 0
