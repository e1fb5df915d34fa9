SELECT id, visitor, label FROM session_1 WHERE tenant = $1 AND id = ANY ($2::text[])
