-- Tells who of these persons is present. KEYS: see arrive.lua. ARGV: persons. Answer: 1 or 0 each.
local found = redis.call('ZMSCORE', KEYS[1], unpack(ARGV))
for i, due in ipairs(found) do
  found[i] = due and 1 or 0
end
return found
