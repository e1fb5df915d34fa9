DELETE FROM work.webhook_line WHERE tenant = $1 AND webhook = $2 AND stream = $3
