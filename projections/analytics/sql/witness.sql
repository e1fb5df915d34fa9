    SELECT
        'in flight' AS part, 0 AS period, NULL::text AS grp, NULL::text AS sample,
        NULL::integer[] AS buckets, NULL::bigint[] AS members,
        ARRAY[
            (SELECT count(*) FROM fact_1 WHERE tenant = {log} AND begun <= {at} AND position > {at}),
            (SELECT count(*) FROM visit_1 WHERE tenant = {log} AND begun <= {at} AND position > {at})
        ] AS sums
