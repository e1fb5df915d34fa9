WITH agents AS (DELETE FROM agent_2 WHERE tenant = $1),
    statuses AS (DELETE FROM agent_status_2 WHERE tenant = $1),
    serving AS (DELETE FROM agent_serving_2 WHERE tenant = $1)
DELETE FROM agent_work_2 WHERE tenant = $1
