SELECT visitor, label FROM session_user_2 WHERE tenant = $1 AND visitor = ANY ($2::text[])
