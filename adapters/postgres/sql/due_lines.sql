SELECT count(*) FROM work.webhook_line WHERE due_at <= $1
