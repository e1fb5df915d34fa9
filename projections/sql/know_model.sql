INSERT INTO rm.model (identifier, owned) VALUES ($1, $2)
ON CONFLICT (identifier) DO UPDATE SET owned = excluded.owned
