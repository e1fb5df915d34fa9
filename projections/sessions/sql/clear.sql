WITH tags AS (DELETE FROM session_tag_1 WHERE tenant = $1),
users AS (DELETE FROM session_user_1 WHERE tenant = $1)
DELETE FROM session_1 WHERE tenant = $1
