INSERT INTO rm.parked (projection, tenant, position, event_id, error, parked_at)
VALUES ($1, $2, $3, $4, $5, to_timestamp($6::double precision))
ON CONFLICT DO NOTHING
