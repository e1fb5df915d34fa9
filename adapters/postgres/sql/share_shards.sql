-- Who works on this kind ($1: the class of their slots), and which shards ($2) this session holds.
-- Locks are the only record, and end with their session.
SELECT
    (
        SELECT array_agg(DISTINCT objid::integer ORDER BY objid::integer) FROM pg_locks
        WHERE locktype = 'advisory' AND objsubid = 2 AND granted AND database = (
            SELECT oid FROM pg_database WHERE datname = current_database()
        ) AND classid = $1::integer::oid
    ) AS members,
    (
        SELECT array_agg(DISTINCT objid::integer) FROM pg_locks
        WHERE locktype = 'advisory' AND objsubid = 2 AND granted AND pid = pg_backend_pid()
            AND classid = $2::integer::oid
    ) AS owned
