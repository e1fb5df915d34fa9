-- Bytes of the tables of each read model in each schema where any of them is, indexes included.
SELECT m.identifier, n.nspname AS schema, sum(pg_total_relation_size(c.oid))::bigint AS bytes
FROM rm.model AS m
JOIN pg_class AS c ON c.relname = ANY (m.owned)
JOIN pg_namespace AS n ON n.oid = c.relnamespace AND n.nspname IN ('rm', 'rm_next', 'rm_old')
GROUP BY m.identifier, n.nspname
ORDER BY m.identifier, n.nspname
