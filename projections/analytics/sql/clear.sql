WITH visits AS (DELETE FROM visit_2 WHERE tenant = $1),
goals AS (DELETE FROM goal_reached_2 WHERE tenant = $1),
settings AS (DELETE FROM analytics_settings_2 WHERE tenant = $1)
DELETE FROM fact_2 WHERE tenant = $1
