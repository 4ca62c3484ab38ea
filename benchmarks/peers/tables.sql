-- The read models that every peer fills: the same final tables as ours, with the same keys and the same index.

CREATE TABLE positions (
    partition integer PRIMARY KEY,
    next_offset bigint NOT NULL
);

CREATE TABLE daily (
    outlet_id uuid NOT NULL,
    day date NOT NULL,
    sales integer NOT NULL,
    returns integer NOT NULL,
    goods_sum numeric NOT NULL,
    discount_sum numeric NOT NULL,
    returns_sum numeric NOT NULL,
    PRIMARY KEY (outlet_id, day)
);

CREATE TABLE payments (
    outlet_id uuid NOT NULL,
    day date NOT NULL,
    method text NOT NULL,
    amount numeric NOT NULL,
    count integer NOT NULL,
    refunds integer NOT NULL,
    PRIMARY KEY (outlet_id, day, method)
);

CREATE TABLE stock (
    outlet_id uuid NOT NULL,
    good_id text NOT NULL,
    warehouse_id text NOT NULL,
    quantity numeric NOT NULL,
    PRIMARY KEY (outlet_id, good_id, warehouse_id)
);

CREATE TABLE sales (
    outlet_id uuid NOT NULL,
    sale_id text NOT NULL,
    till_id uuid NOT NULL,
    number text NOT NULL,
    at timestamptz NOT NULL,
    day date NOT NULL,
    positions integer NOT NULL,
    goods_sum numeric NOT NULL,
    discount_sum numeric NOT NULL,
    total numeric NOT NULL,
    change numeric NOT NULL,
    lines jsonb NOT NULL,
    payments jsonb NOT NULL,
    PRIMARY KEY (outlet_id, sale_id, till_id)
);
CREATE INDEX sales_by_time ON sales (outlet_id, at DESC, sale_id DESC, till_id DESC);
