SELECT id, visitor, label FROM session_2 WHERE tenant = $1 AND id = ANY ($2::text[])
