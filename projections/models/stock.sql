-- Stock of each good in each warehouse.

-- name: create
-- The table in a new generation; the index is for `counted_later`.
CREATE TABLE stock (
    outlet_id uuid NOT NULL,
    good_id text NOT NULL,
    warehouse_id text NOT NULL,
    quantity numeric NOT NULL,
    counted_at timestamptz,  -- effective time of the count in force; NULL before the first
    counted_no bigint NOT NULL,  -- its `applied_no`, 0 before the first
    moved_at timestamptz,  -- greatest effective time of anything that ever moved it; NULL before the first
    PRIMARY KEY (outlet_id, good_id, warehouse_id)
);
CREATE INDEX stock_by_count ON stock (outlet_id, counted_at) WHERE counted_at IS NOT NULL;

-- name: load
-- For the store: the rows of these keys, given as one JSON array, as far as there are any.
SELECT coalesce(json_agg(t), '[]')::text
FROM json_to_recordset(%(keys)s::json) AS k (outlet_id uuid, good_id text, warehouse_id text)
CROSS JOIN LATERAL (
    SELECT * FROM stock t
    WHERE (t.outlet_id, t.good_id, t.warehouse_id) = (k.outlet_id, k.good_id, k.warehouse_id)
    OFFSET 0
) t;

-- name: write
-- For the store: rows as they are now, given as one JSON array; they may be there already.
INSERT INTO stock (
    outlet_id, good_id, warehouse_id, quantity, counted_at, counted_no, moved_at
)
SELECT
    outlet_id, good_id, warehouse_id, quantity, counted_at, counted_no, moved_at
FROM json_populate_recordset(NULL::stock, %(rows)s::json)
ON CONFLICT (outlet_id, good_id, warehouse_id) DO UPDATE SET
    quantity = excluded.quantity, counted_at = excluded.counted_at, counted_no = excluded.counted_no,
    moved_at = excluded.moved_at;

-- name: add
-- For the store: what a batch adds to rows that it did not read. It holds no count, and is later than every count.
INSERT INTO stock (
    outlet_id, good_id, warehouse_id, quantity, counted_at, counted_no, moved_at
)
SELECT
    outlet_id, good_id, warehouse_id, quantity, counted_at, counted_no, moved_at
FROM json_populate_recordset(NULL::stock, %(rows)s::json)
ON CONFLICT (outlet_id, good_id, warehouse_id) DO UPDATE SET
    quantity = stock.quantity + excluded.quantity, moved_at = greatest(stock.moved_at, excluded.moved_at);

-- name: counted_later
-- For the store: whether any of these outlets has a count in force later than what a batch brings of it, given as JSON.
SELECT EXISTS (
    SELECT FROM json_to_recordset(%(earliest)s::json) AS e (outlet_id uuid, at timestamptz)
    JOIN stock s ON s.outlet_id = e.outlet_id AND s.counted_at > e.at
);

-- name: later
-- For the store: what stored documents moved later than each of these counts, given as one JSON array and answered in
-- its order. Of the days after a count the sums are read; of its own day the outlet's documents after it, once for all
-- counts of that day: by `at` where that is the effective time; those of wrong clocks have indexes of their own. OFFSET 0
-- has each day looked up by index: the planner takes a range whose ends it does not know for a part of the whole table.
WITH late AS MATERIALIZED (
    SELECT *, (at AT TIME ZONE 'UTC')::date AS day
    FROM json_to_recordset(%(late)s::json)
        AS l (n integer, outlet_id uuid, good_id text, warehouse_id text, at timestamptz)
),
days AS MATERIALIZED (
    SELECT outlet_id, day, min(at) AS after, (day + 1)::timestamp AT TIME ZONE 'UTC' AS until
    FROM late
    GROUP BY outlet_id, day
),
documents AS (
    SELECT d.outlet_id, d.day, s.at, s.lines, -1 AS sign
    FROM days d
    CROSS JOIN LATERAL (
        SELECT at, lines
        FROM sales s
        WHERE s.void IS NULL AND NOT s.fiscal_copy AND s.outlet_id = d.outlet_id AND s.at > d.after AND s.at < d.until
            AND s.at <= s.received_at AND s.at >= timestamptz '2000-01-01 00:00:00+00'
        UNION ALL
        SELECT received_at, lines
        FROM sales s
        WHERE s.void IS NULL AND NOT s.fiscal_copy AND s.outlet_id = d.outlet_id AND s.received_at > d.after AND s.received_at < d.until
            AND (s.at > s.received_at OR s.at < timestamptz '2000-01-01 00:00:00+00')
        OFFSET 0
    ) s
    UNION ALL
    SELECT d.outlet_id, d.day, r.at, r.lines, 1 AS sign
    FROM days d
    CROSS JOIN LATERAL (
        SELECT at, lines
        FROM returns r
        WHERE r.void IS NULL AND NOT r.fiscal_copy AND r.outlet_id = d.outlet_id AND r.at > d.after AND r.at < d.until
            AND r.at <= r.received_at AND r.at >= timestamptz '2000-01-01 00:00:00+00'
        UNION ALL
        SELECT received_at, lines
        FROM returns r
        WHERE r.void IS NULL AND NOT r.fiscal_copy AND r.outlet_id = d.outlet_id AND r.received_at > d.after AND r.received_at < d.until
            AND (r.at > r.received_at OR r.at < timestamptz '2000-01-01 00:00:00+00')
        OFFSET 0
    ) r
),
late_goods AS MATERIALIZED (
    SELECT DISTINCT l.outlet_id, l.day, l.good_id, d.after, d.until
    FROM late l
    JOIN days d USING (outlet_id, day)
),
own AS (
    SELECT d.outlet_id, d.day, d.at, l.good_id, coalesce(l.warehouse_id, 'main') AS warehouse_id, d.sign * l.quantity AS quantity
    FROM documents d
    CROSS JOIN LATERAL jsonb_to_recordset(d.lines) AS l (good_id text, warehouse_id text, quantity numeric, kind text)
    WHERE coalesce(l.kind, 'good') = 'good'
    UNION ALL
    SELECT g.outlet_id, g.day, m.at, g.good_id, m.warehouse_id, m.quantity
    FROM late_goods g
    CROSS JOIN LATERAL (
        SELECT m.at, m.warehouse_id, m.quantity
        FROM moves m
        WHERE m.outlet_id = g.outlet_id AND m.good_id = g.good_id AND m.at > g.after AND m.at < g.until
            AND m.at <= m.received_at AND m.at >= timestamptz '2000-01-01 00:00:00+00'
        UNION ALL
        SELECT m.received_at, m.warehouse_id, m.quantity
        FROM moves m
        WHERE m.outlet_id = g.outlet_id AND m.good_id = g.good_id
            AND m.received_at > g.after AND m.received_at < g.until
            AND (m.at > m.received_at OR m.at < timestamptz '2000-01-01 00:00:00+00')
        OFFSET 0
    ) m
),
own_days AS (
    SELECT l.n, sum(o.quantity) AS quantity
    FROM late l
    JOIN own o ON (o.outlet_id, o.day, o.good_id, o.warehouse_id) = (l.outlet_id, l.day, l.good_id, l.warehouse_id)
        AND o.at > l.at
    GROUP BY l.n
)
SELECT coalesce(o.quantity, 0) + coalesce(m.quantity, 0)
FROM late l
LEFT JOIN own_days o USING (n)
LEFT JOIN LATERAL (
    SELECT sum(m.quantity) AS quantity
    FROM moved m
    WHERE m.outlet_id = l.outlet_id AND m.good_id = l.good_id AND m.warehouse_id = l.warehouse_id
        AND m.effective_day > l.day
) m ON true
ORDER BY n;

-- name: copy
-- For a bulk replay: new rows, certainly not there, in COPY's text format.
COPY stock (outlet_id, good_id, warehouse_id, quantity, counted_at, counted_no, moved_at) FROM STDIN;

-- name: remove
-- For the removal of an outlet.
DELETE FROM stock WHERE outlet_id = %(outlet)s;
