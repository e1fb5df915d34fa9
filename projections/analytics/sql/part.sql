    SELECT
        '{name}' AS part, period, grp, max(sample) AS sample,
        array_agg(bucket) AS buckets, array_agg(members) AS members,
        ARRAY[{sums}]::bigint[] AS sums
    FROM (
        SELECT
            {period} AS period, {group} AS grp, {bucket} AS bucket, max({sample}) AS sample,
            count(*) AS members,
            {measures}
        FROM {rows} AS f
        {joined}
        WHERE f.tenant = {log} AND f.{at} >= {start} AND f.{at} < {end}
        {filters}
        GROUP BY 1, 2, 3
    ) AS bucketed
    GROUP BY period, grp
