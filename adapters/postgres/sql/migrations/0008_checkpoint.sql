-- How far each projection has come in each log. Rows and checkpoint move in one transaction, and
-- the checkpoint by compare-and-set, which keeps a stale projector out. No foreign key to es.log: its
-- check would hold a lock on the log's row, and so the tenant's appends, until the commit.
CREATE TABLE es.checkpoint (
    projection text NOT NULL,
    tenant uuid NOT NULL,
    position bigint NOT NULL,
    -- the first bytes of the chain hash at position: which history it was
    mark bytea NOT NULL,
    PRIMARY KEY (projection, tenant)
);

SELECT es.protect('es.checkpoint');
GRANT SELECT ON es.checkpoint TO parley_node;
GRANT SELECT, INSERT, UPDATE, DELETE ON es.checkpoint TO parley_projector;
