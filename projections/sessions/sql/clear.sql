WITH tags AS (DELETE FROM session_tag_2 WHERE tenant = $1),
users AS (DELETE FROM session_user_2 WHERE tenant = $1)
DELETE FROM session_2 WHERE tenant = $1
