-- A projection that was told to begin anew stands at position 0, too.
INSERT INTO es.checkpoint AS c (projection, tenant, "position", mark) VALUES ($1, $2, $3, $4)
ON CONFLICT (projection, tenant) DO UPDATE SET "position" = excluded."position", mark = excluded.mark
WHERE c."position" = 0
RETURNING true
