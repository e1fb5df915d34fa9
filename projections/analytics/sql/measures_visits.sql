count(*) AS visits,
sum(f.pages) AS pages,
count(*) FILTER (WHERE f.pages = 1) AS bounced,
count(*) FILTER (WHERE f.goals > 0) AS converted_visits,
cast(extract(epoch FROM sum(f.ended_at - f.started_at)) * 1000 AS bigint) AS lasted_ms
