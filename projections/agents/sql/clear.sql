WITH agents AS (DELETE FROM agent_3 WHERE tenant = $1),
    statuses AS (DELETE FROM agent_status_3 WHERE tenant = $1),
    serving AS (DELETE FROM agent_serving_3 WHERE tenant = $1)
DELETE FROM agent_work_3 WHERE tenant = $1
