-- The reads of a page, a moment and a snapshot are look-ups in one index each, whatever is asked for:
-- one plan fits all. Left to itself PostgreSQL may find the plan for one call's numbers a little
-- cheaper than the general one, and then plans anew at each call, which takes longer than the page.
ALTER FUNCTION es.read_log(uuid, bigint, integer, bigint)
SET plan_cache_mode = force_generic_plan;
ALTER FUNCTION es.read_stream(uuid, text, bigint, integer, bigint)
SET plan_cache_mode = force_generic_plan;
ALTER FUNCTION es.moment(uuid, bigint, bigint, text)
SET plan_cache_mode = force_generic_plan;
ALTER FUNCTION es.find_snapshot(uuid, text, bigint)
SET plan_cache_mode = force_generic_plan;
