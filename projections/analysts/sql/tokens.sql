-- Some rows of each value that stands for a text, by what it stands for.
SELECT 'source' AS by, 'facts' AS part, source::text AS grp, (array_agg(conversation))[1:$2] AS sample
FROM fact_1 WHERE tenant = $1 AND source IS NOT NULL GROUP BY source
UNION ALL
SELECT 'tag', 'facts', t.tag::text, (array_agg(f.conversation))[1:$2]
FROM fact_1 AS f, unnest(f.tags) AS t (tag) WHERE f.tenant = $1 GROUP BY t.tag
UNION ALL
SELECT 'source', 'visits', source::text, (array_agg(visitor || ' ' || begun))[1:$2]
FROM visit_1 WHERE tenant = $1 AND source IS NOT NULL GROUP BY source
UNION ALL
SELECT 'page', 'visits', page::text, (array_agg(visitor || ' ' || begun))[1:$2]
FROM visit_1 WHERE tenant = $1 AND page IS NOT NULL GROUP BY page
UNION ALL
SELECT 'page', 'goals', page::text, (array_agg("position"::text))[1:$2]
FROM goal_reached_1 WHERE tenant = $1 GROUP BY page
