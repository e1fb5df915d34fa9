SELECT visitor, label FROM session_user_1 WHERE tenant = $1 AND visitor = ANY ($2::text[])
