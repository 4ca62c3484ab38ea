-- The tables of one generation of read models, made in the schema that the search path names.
-- `applied_no`, `log_offset`, `log_time` and `run`/`seq` say where a row came from; they are not part of its business
-- content.

-- How far the log is folded in: the next offset of each partition of `events`.
CREATE TABLE positions (
    partition integer PRIMARY KEY,
    next_offset bigint NOT NULL,
    log_time timestamptz  -- append time of the last record folded in
);

-- Through which number a till's run is applied, and what became of every event read.
CREATE TABLE runs (
    outlet_id uuid NOT NULL,
    till_id uuid NOT NULL,
    run uuid NOT NULL,
    applied_through bigint NOT NULL,
    read bigint NOT NULL,
    applied bigint NOT NULL,
    duplicate bigint NOT NULL,
    discarded bigint NOT NULL,
    given_up jsonb NOT NULL,  -- [[from, to], …]: numbers that an operator or the owner gave up
    PRIMARY KEY (outlet_id, till_id, run)
);

-- Batches that wait behind a hole or a quarantined record of their run.
CREATE TABLE parked (
    outlet_id uuid NOT NULL,
    till_id uuid NOT NULL,
    run uuid NOT NULL,
    first_seq bigint NOT NULL,
    last_seq bigint NOT NULL,
    partition integer NOT NULL,
    log_offset bigint NOT NULL,
    log_time timestamptz NOT NULL,
    record bytea NOT NULL,  -- an encoded UploadRecord that holds just these events
    PRIMARY KEY (outlet_id, till_id, run, first_seq)
);

-- Records that could not be decoded or folded, or the part of one that was not a duplicate.
CREATE TABLE quarantine (
    partition integer NOT NULL,
    log_offset bigint NOT NULL,
    first_seq bigint NOT NULL,
    last_seq bigint NOT NULL,  -- first_seq - 1 where the record's headers do not even say its run
    outlet_id uuid,
    till_id uuid,
    run uuid,
    log_time timestamptz NOT NULL,
    reason text NOT NULL,
    traceback text NOT NULL,
    discarded_because text,
    stub boolean NOT NULL DEFAULT false,  -- set aside by `anonymise`, which kept the raw bytes; readable content takes its place
    PRIMARY KEY (partition, log_offset, first_seq)
);
CREATE INDEX quarantine_run ON quarantine (outlet_id, till_id, run);

-- Outlets that were removed: whatever comes for them later is discarded.
CREATE TABLE removed_outlets (
    outlet_id uuid PRIMARY KEY
);

CREATE TABLE outlet_totals (
    outlet_id uuid PRIMARY KEY,
    goods integer NOT NULL,
    sales integer NOT NULL,
    data_through timestamptz NOT NULL,
    applied_no bigint NOT NULL  -- events applied so far; numbers them in the order of application
);

CREATE TABLE daily (
    outlet_id uuid NOT NULL,
    day date NOT NULL,
    sales integer NOT NULL,
    returns integer NOT NULL,
    goods_sum numeric NOT NULL,
    discount_sum numeric NOT NULL,
    returns_sum numeric NOT NULL,
    unreconciled integer NOT NULL,  -- receipts of the day whose own numbers do not add up
    revenue numeric GENERATED ALWAYS AS (goods_sum - discount_sum - returns_sum) STORED,
    PRIMARY KEY (outlet_id, day)
);

CREATE TABLE hourly (
    outlet_id uuid NOT NULL,
    day date NOT NULL,
    hour smallint NOT NULL,
    sales integer NOT NULL,
    revenue numeric NOT NULL,
    PRIMARY KEY (outlet_id, day, hour)
);

CREATE TABLE payments (
    outlet_id uuid NOT NULL,
    day date NOT NULL,
    method text NOT NULL,
    amount numeric NOT NULL,  -- payments - change - refunds
    count integer NOT NULL,  -- payments made with the method
    refunds integer NOT NULL,
    PRIMARY KEY (outlet_id, day, method)
);

CREATE TABLE sales (
    outlet_id uuid NOT NULL,
    sale_id text NOT NULL,
    till_id uuid NOT NULL,
    number text NOT NULL,
    at timestamptz NOT NULL,
    day date NOT NULL,
    hour smallint NOT NULL,
    positions integer NOT NULL,
    goods_sum numeric NOT NULL,
    discount_sum numeric NOT NULL,
    total numeric NOT NULL,
    change numeric NOT NULL,
    difference numeric NOT NULL,  -- payments - change - total; 0 where the receipt adds up
    contact_id text,
    cashier text,
    lines jsonb NOT NULL,
    payments jsonb NOT NULL,
    run uuid NOT NULL,
    seq bigint NOT NULL,
    log_offset bigint NOT NULL,
    log_time timestamptz,  -- append time of that record; NULL where folded by a version that did not keep it
    applied_no bigint NOT NULL,
    PRIMARY KEY (outlet_id, sale_id, till_id)
);
CREATE INDEX sales_by_time ON sales (outlet_id, at DESC, sale_id DESC, till_id DESC);

CREATE TABLE returns (
    outlet_id uuid NOT NULL,
    return_id text NOT NULL,
    till_id uuid NOT NULL,
    sale_id text NOT NULL,
    at timestamptz NOT NULL,
    day date NOT NULL,
    hour smallint NOT NULL,
    amount numeric NOT NULL,
    difference numeric NOT NULL,  -- refunds - amount
    lines jsonb NOT NULL,
    refunds jsonb NOT NULL,
    run uuid NOT NULL,
    seq bigint NOT NULL,
    log_offset bigint NOT NULL,
    log_time timestamptz,  -- append time of that record; NULL where folded by a version that did not keep it
    applied_no bigint NOT NULL,
    PRIMARY KEY (outlet_id, return_id, till_id)
);
CREATE INDEX returns_of_sale ON returns (outlet_id, sale_id);
CREATE INDEX returns_by_time ON returns (outlet_id, at DESC, return_id DESC, till_id DESC);

CREATE TABLE goods (
    outlet_id uuid NOT NULL,
    good_id text NOT NULL,
    name text NOT NULL,
    category text NOT NULL,
    max_price numeric NOT NULL,
    barcode text,
    barcodes jsonb NOT NULL,
    extra jsonb NOT NULL,
    removed boolean NOT NULL,
    PRIMARY KEY (outlet_id, good_id)
);
CREATE INDEX goods_by_name ON goods (outlet_id, name, good_id) WHERE NOT removed;

CREATE TABLE warehouses (
    outlet_id uuid NOT NULL,
    warehouse_id text NOT NULL,
    name text NOT NULL,
    PRIMARY KEY (outlet_id, warehouse_id)
);

CREATE TABLE stock (
    outlet_id uuid NOT NULL,
    good_id text NOT NULL,
    warehouse_id text NOT NULL,
    quantity numeric NOT NULL,
    counted_no bigint NOT NULL,  -- `applied_no` of the last count, 0 before the first
    PRIMARY KEY (outlet_id, good_id, warehouse_id)
);

CREATE TABLE moves (
    outlet_id uuid NOT NULL,
    move_id text NOT NULL,
    till_id uuid NOT NULL,
    good_id text NOT NULL,
    warehouse_id text NOT NULL,
    quantity numeric NOT NULL,
    reason text NOT NULL,
    at timestamptz NOT NULL,
    day date NOT NULL,
    run uuid NOT NULL,
    seq bigint NOT NULL,
    log_offset bigint NOT NULL,
    applied_no bigint NOT NULL,
    PRIMARY KEY (outlet_id, move_id, till_id)
);
CREATE INDEX moves_of_good ON moves (outlet_id, good_id, at DESC);

CREATE TABLE contacts (
    outlet_id uuid NOT NULL,
    contact_id text NOT NULL,
    name text NOT NULL,  -- «Фамилия И.О.»; empty once forgotten
    purchases_total numeric NOT NULL,
    debt numeric NOT NULL,
    points numeric NOT NULL,
    removed boolean NOT NULL,
    PRIMARY KEY (outlet_id, contact_id)
);
CREATE INDEX contacts_by_name ON contacts (outlet_id, name, contact_id) WHERE NOT removed;

SELECT app.isolate('runs');
SELECT app.isolate('parked');
SELECT app.isolate('quarantine');
SELECT app.isolate('removed_outlets');
SELECT app.isolate('outlet_totals');
SELECT app.isolate('daily');
SELECT app.isolate('hourly');
SELECT app.isolate('payments');
SELECT app.isolate('sales');
SELECT app.isolate('returns');
SELECT app.isolate('goods');
SELECT app.isolate('warehouses');
SELECT app.isolate('stock');
SELECT app.isolate('moves');
SELECT app.isolate('contacts');
GRANT SELECT ON positions TO weboffice_portal;
