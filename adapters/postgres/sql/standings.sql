SELECT o_log, o_tenant, o_head, o_position, o_checkpoint_mark, o_mark FROM es.standings($1, $2, $3)
