WITH tags AS (DELETE FROM rm.session_tag_1 WHERE tenant = $1),
users AS (DELETE FROM rm.session_user_1 WHERE tenant = $1)
DELETE FROM rm.session_1 WHERE tenant = $1
