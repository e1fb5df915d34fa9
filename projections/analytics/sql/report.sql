-- What the rows come to, with the position that they reflect: both of one snapshot, since they come
-- of one statement.
SELECT c."position" AS as_of, c.mark AS as_of_mark, s.*
FROM (VALUES (1)) AS one (n)
LEFT JOIN es.checkpoint AS c ON c.projection = {checkpoint} AND c.tenant = {log}
LEFT JOIN LATERAL (
{parts}
) AS s ON true
