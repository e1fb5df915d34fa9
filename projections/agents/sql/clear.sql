WITH agents AS (DELETE FROM agent_4 WHERE tenant = $1),
    statuses AS (DELETE FROM agent_status_4 WHERE tenant = $1),
    serving AS (DELETE FROM agent_serving_4 WHERE tenant = $1)
DELETE FROM agent_work_4 WHERE tenant = $1
