-- Tells who of a tenant is present, in the order of their ids, a part at a time.
-- KEYS[1] has the ids of one role's people (arrive.lua keeps it). ARGV: the id after which the part
-- begins, how many at most. Answer: how many all are, then the ids.
local found = redis.call('ZRANGEBYLEX', KEYS[1], '(' .. ARGV[1], '+', 'LIMIT', 0, tonumber(ARGV[2]))
table.insert(found, 1, redis.call('ZCARD', KEYS[1]))
return found
