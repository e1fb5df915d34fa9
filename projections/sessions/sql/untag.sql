DELETE FROM session_tag_2 WHERE tenant = $1 AND conversation = ANY ($2::text[])
