SELECT * FROM es.append_bulk(
    $1, $2, $3, $4, $5, $6, $7, $8::text::bigint[], $9, $10, $11,
    $12, $13::text::integer[], $14::text::boolean[],
    $15::text::integer[], $16::text::integer[], $17::text::integer[], $18::text::integer[],
    $19::text::uuid[], $20::text::bigint[], $21, $22
)
