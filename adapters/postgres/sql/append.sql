SELECT * FROM es.append(
    $1, $2, $3, $4, $5, $6, $7,
    $8::text::uuid[], $9::text::integer[], $10::text::text[], $11, $12::text::boolean[],
    $13::text::uuid[], $14, $15::text::bigint[], $16::text::integer[],
    $17::text::integer[], $18::text::integer[],
    $19::text::integer[], $20::text::integer[], $21::text::bigint[],
    $22::text::integer[], $23::text::integer[], $24::text::text[], $25::text::integer[], $26::text::uuid[],
    $27::text::boolean[], $28::text::integer[], $29, $30
)
