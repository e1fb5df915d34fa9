    SELECT
        'in flight' AS part, false AS whole, 0 AS period, NULL::text AS grp, NULL::timestamptz[] AS sample,
        NULL::smallint[] AS buckets,
        ARRAY[
            (SELECT count(*) FROM fact_2 WHERE tenant = {log} AND begun <= {at} AND position > {at}),
            (SELECT count(*) FROM visit_2 WHERE tenant = {log} AND begun <= {at} AND position > {at})
        ] AS sums
