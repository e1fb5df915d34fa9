INSERT INTO rm.session_tag_1 (tenant, tag, conversation) VALUES ($1, $2, $3)
ON CONFLICT DO NOTHING
