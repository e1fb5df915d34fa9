SELECT w.agent, w.quarter, w.messages, w.conversations
FROM unnest($2::text[], $3::timestamptz[]) AS wanted (agent, quarter)
INNER JOIN agent_work_4 AS w
    ON w.tenant = $1 AND w.agent = wanted.agent AND w.quarter = wanted.quarter
