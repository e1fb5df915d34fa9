-- Some of the newest rows of each value that stands for a text, by what it stands for.
SELECT by, part, grp, sample
FROM (
    SELECT *, row_number() OVER (PARTITION BY by, part, grp ORDER BY sample DESC) AS n
    FROM (
        SELECT 'source' AS by, 'facts' AS part, source::text AS grp, "position" AS sample
        FROM fact_1 WHERE tenant = $1 AND source IS NOT NULL
        UNION ALL
        SELECT 'tag', 'facts', t.tag::text, f.position
        FROM fact_1 AS f, unnest(f.tags) AS t (tag) WHERE f.tenant = $1
        UNION ALL
        SELECT 'source', 'visits', source::text, "position"
        FROM visit_1 WHERE tenant = $1 AND source IS NOT NULL
        UNION ALL
        SELECT 'page', 'visits', page::text, "position"
        FROM visit_1 WHERE tenant = $1 AND page IS NOT NULL
        UNION ALL
        SELECT 'page', 'goals', page::text, "position"
        FROM goal_reached_1 WHERE tenant = $1
    ) AS each
) AS ranked
WHERE n <= $2
