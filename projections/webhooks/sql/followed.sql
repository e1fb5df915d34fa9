SELECT coalesce(
    (SELECT "position" FROM work.webhook_followed WHERE tenant = $1), 0
) AS followed
