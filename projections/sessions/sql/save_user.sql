INSERT INTO rm.session_user_1 (tenant, visitor, label) VALUES ($1, $2, $3)
ON CONFLICT (tenant, visitor) DO UPDATE SET label = excluded.label
