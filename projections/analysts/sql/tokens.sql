-- Two rows of each value that stands for a text, by when they begin.
SELECT 'source' AS by, 'facts' AS part, source::text AS grp, ARRAY[min(started_at), max(started_at)] AS sample
FROM fact_2 WHERE tenant = $1 AND source IS NOT NULL GROUP BY source
UNION ALL
SELECT 'tag', 'facts', t.tag::text, ARRAY[min(f.started_at), max(f.started_at)]
FROM fact_2 AS f, unnest(f.tags) AS t (tag) WHERE f.tenant = $1 GROUP BY t.tag
UNION ALL
SELECT 'source', 'visits', source::text, ARRAY[min(started_at), max(started_at)]
FROM visit_2 WHERE tenant = $1 AND source IS NOT NULL GROUP BY source
UNION ALL
SELECT 'page', 'visits', page::text, ARRAY[min(started_at), max(started_at)]
FROM visit_2 WHERE tenant = $1 AND page IS NOT NULL GROUP BY page
UNION ALL
SELECT 'page', 'goals', page::text, ARRAY[min(reached_at), max(reached_at)]
FROM goal_reached_2 WHERE tenant = $1 GROUP BY page
