SELECT count(*) AS conversations
FROM session_2 AS s
WHERE
{wanted}
-- It reads what the page does.
AND $2::text IS NOT NULL
