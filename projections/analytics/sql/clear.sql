WITH visits AS (DELETE FROM visit_1 WHERE tenant = $1),
goals AS (DELETE FROM goal_reached_1 WHERE tenant = $1),
settings AS (DELETE FROM analytics_settings_1 WHERE tenant = $1)
DELETE FROM fact_1 WHERE tenant = $1
