    (SELECT
        '{name}' AS part, {period} AS period, ({group})::text AS grp, {sample} AS sample,
        {buckets} AS buckets,
        ARRAY[
            {measures}
        ]::bigint[] AS sums
    FROM {rows} AS f
    WHERE f.tenant = {log} AND f.{at} >= {start} AND f.{at} < {end}
    {filters}
    GROUP BY 2, {grouped}
    LIMIT {most})
