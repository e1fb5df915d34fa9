-- Visitors, version 2. In clear: ids, numbers and times only.
CREATE TABLE IF NOT EXISTS visitor_2 (
    tenant uuid NOT NULL,
    id text COLLATE "C" NOT NULL,
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    visits bigint NOT NULL,
    pages bigint NOT NULL,
    conversations bigint NOT NULL,
    erased boolean NOT NULL,
    -- when it saw its last page
    viewed_at timestamptz,
    -- when the visit began on which that was
    visit_at timestamptz,
    PRIMARY KEY (tenant, id)
);
SELECT rm.guard('visitor_2');

-- Who a visitor is, how it came and with what: written seldom, while the numbers beside it change all the time.
CREATE TABLE IF NOT EXISTS visitor_label_2 (
    tenant uuid NOT NULL,
    id text COLLATE "C" NOT NULL,
    -- under the visitor's key
    label bytea NOT NULL,
    PRIMARY KEY (tenant, id)
);
SELECT rm.guard('visitor_label_2');

-- Each page that was seen.
CREATE TABLE IF NOT EXISTS visitor_page_2 (
    tenant uuid NOT NULL,
    visitor text COLLATE "C" NOT NULL,
    -- of the event in the log
    position bigint NOT NULL,
    at timestamptz NOT NULL,
    -- on the visitor's visit of this number
    visit bigint NOT NULL,
    -- address, title, referrer, site: under the visitor's key; NULL once erased
    label bytea,
    PRIMARY KEY (tenant, visitor, position)
);
SELECT rm.guard('visitor_page_2');
