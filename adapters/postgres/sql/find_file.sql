SELECT o_subject AS subject, o_role AS role, o_owner AS owner, o_conversation AS conversation, o_size AS size,
    o_chunk_bytes AS chunk_bytes, o_name AS name, o_created_at AS created_at, o_due_at AS due_at,
    o_chunks AS chunks, o_thumbnail AS thumbnail, o_refused AS refused
FROM es.find_file($1, $2)
