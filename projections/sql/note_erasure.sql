-- Which generations beside the live one ($1; $4 are its tables) have not folded the erasure at $3 yet.
INSERT INTO rm.erasure (projection, tenant, position)
SELECT $1::text || b.suffix, $2, $3
FROM (VALUES ('rm_next', '+next'), ('rm_old', '+old')) AS b (schema, suffix)
WHERE EXISTS (
    SELECT FROM unnest($4::text[]) AS t WHERE to_regclass(b.schema || '.' || t) IS NOT NULL
)
ON CONFLICT (tenant, projection) DO UPDATE SET position = excluded.position
