    (SELECT
        '{name}' AS part, {whole} AS whole, {period} AS period, ({group})::text AS grp,
        {sample} AS sample,
        {buckets} AS buckets,
        ARRAY[
            {measures}
        ]::bigint[] AS sums
    FROM {rows}
    WHERE f.tenant = {log} AND f.{at} >= {start} AND f.{at} < {end}
    {filters}
    GROUP BY 3, {grouped}
    LIMIT {most})
