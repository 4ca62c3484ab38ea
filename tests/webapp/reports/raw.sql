-- The events just as tills sent them, and what the contract makes of them: written for the tests alone, from the events
-- alone. Nothing here reads a read model. All outlets are in one zone, and a till's ids come once each.

-- name: events
CREATE SCHEMA raw;
CREATE TABLE raw.event (no bigint GENERATED ALWAYS AS IDENTITY, account text, outlet text, e jsonb);

-- name: void
ANALYZE raw.event;
CREATE TABLE raw.void AS
SELECT account, outlet, e ->> 'sale_id' AS id FROM raw.event WHERE e ->> 'type' = 'sale.voided';

-- name: standing
-- The receipts that count: what was voided is in no figure.
CREATE TABLE raw.standing AS
SELECT e.*
FROM raw.event e
LEFT JOIN raw.void v ON (v.account, v.outlet, v.id) = (e.account, e.outlet, e.e ->> 'sale_id')
LEFT JOIN (
    SELECT account, outlet, e ->> 'return_id' AS id FROM raw.event WHERE e ->> 'type' = 'return.voided'
) b ON (b.account, b.outlet, b.id) = (e.account, e.outlet, e.e ->> 'return_id')
WHERE (e.e ->> 'type' = 'sale.returned' AND b.id IS NULL) OR (e.e ->> 'type' = 'sale.registered' AND v.id IS NULL);

-- name: removed
CREATE TABLE raw.removed AS
SELECT account, outlet, e ->> 'type' AS type, coalesce(e ->> 'good_id', e ->> 'contact_id') AS id, max(no) AS no
FROM raw.event
WHERE e ->> 'type' IN ('good.removed', 'contact.removed')
GROUP BY 1, 2, 3, 4;

-- name: good
CREATE TABLE raw.good AS
SELECT
    s.account, s.outlet, s.id, s.e ->> 'name' AS name, s.e ->> 'category' AS category, s.e ->> 'barcode' AS barcode,
    s.e -> 'barcodes' AS barcodes, (s.e ->> 'max_price')::numeric AS max_price,
    (s.e ->> 'min_stock')::numeric AS min_stock,
    translate(lower(s.e ->> 'name' COLLATE "pg_c_utf8"), 'ё', 'е') AS plain, coalesce(r.no > s.no, false) AS removed
FROM (
    SELECT DISTINCT ON (account, outlet, e ->> 'good_id') no, account, outlet, e ->> 'good_id' AS id, e
    FROM raw.event
    WHERE e ->> 'type' = 'good.saved'
    ORDER BY account, outlet, e ->> 'good_id', no DESC
) s
LEFT JOIN raw.removed r
    ON (r.account, r.outlet, r.type, r.id) = (s.account, s.outlet, 'good.removed', s.id);

-- name: contact
CREATE TABLE raw.contact AS
SELECT
    s.account, s.outlet, s.id, (s.e ->> 'purchases_total')::numeric AS purchases, (s.e ->> 'debt')::numeric AS debt,
    (s.e ->> 'points')::numeric AS points,
    CASE
        WHEN s.e ->> 'name' LIKE '%.%' THEN s.e ->> 'name'
        ELSE format(
            '%s %s.%s.', split_part(s.e ->> 'name', ' ', 1), left(split_part(s.e ->> 'name', ' ', 2), 1),
            left(split_part(s.e ->> 'name', ' ', 3), 1)
        )
    END AS name
FROM (
    SELECT DISTINCT ON (account, outlet, e ->> 'contact_id') no, account, outlet, e ->> 'contact_id' AS id, e
    FROM raw.event
    WHERE e ->> 'type' = 'contact.saved'
    ORDER BY account, outlet, e ->> 'contact_id', no DESC
) s
LEFT JOIN raw.removed r
    ON (r.account, r.outlet, r.type, r.id) = (s.account, s.outlet, 'contact.removed', s.id)
WHERE r.no IS NULL OR r.no < s.no;

-- name: cost
-- What a good cost, from one event on until another.
CREATE TABLE raw.cost AS
SELECT
    account, outlet, e ->> 'good_id' AS good, (e ->> 'cost')::numeric AS cost, no AS since,
    lead(no, 1, 9223372036854775807) OVER (PARTITION BY account, outlet, e ->> 'good_id' ORDER BY no) AS until
FROM raw.event
WHERE e ->> 'type' = 'good.saved' AND e ? 'cost';
CREATE INDEX ON raw.cost (account, outlet, good);
CREATE INDEX ON raw.event (account, outlet, (e ->> 'sale_id'));
ANALYZE raw.cost;

-- name: line
-- `unit_cost` of a sale is that of when it was applied; no receipt of these comes again.
CREATE TABLE raw.line AS
SELECT
    l.*, (
        SELECT c.cost
        FROM raw.cost c
        WHERE (c.account, c.outlet, c.good) = (l.account, l.outlet, l.good) AND c.since < l.cost_at AND l.cost_at < c.until
    ) AS unit_cost
FROM (
    SELECT
        no, no AS cost_at, account, outlet, 'sale' AS kind, e ->> 'sale_id' AS id, l ->> 'good_id' AS good,
        coalesce(l ->> 'warehouse_id', 'main') AS warehouse, (l ->> 'quantity')::numeric AS quantity,
        round((l ->> 'quantity')::numeric * (l ->> 'price')::numeric, 2) AS goods,
        coalesce((l ->> 'discount')::numeric, 0) AS discount, coalesce(l ->> 'kind', 'good') AS what,
        l #>> '{tax,rate}' AS rate, coalesce((l #>> '{tax,amount}')::numeric, 0) AS tax
    FROM raw.standing, jsonb_array_elements(e -> 'lines') l
    WHERE e ->> 'type' = 'sale.registered'
    UNION ALL
    SELECT
        no, coalesce((
            SELECT max(s.no)
            FROM raw.event s
            WHERE (s.account, s.outlet) = (raw.standing.account, raw.standing.outlet)
                AND s.e ->> 'sale_id' = raw.standing.e ->> 'sale_id' AND s.e ->> 'type' = 'sale.registered'
        ), no), account, outlet, 'return', e ->> 'return_id', l ->> 'good_id', coalesce(l ->> 'warehouse_id', 'main'),
        -(l ->> 'quantity')::numeric, -(l ->> 'amount')::numeric, 0, coalesce(l ->> 'kind', 'good'),
        l #>> '{tax,rate}', -coalesce((l #>> '{tax,amount}')::numeric, 0)
    FROM raw.standing, jsonb_array_elements(e -> 'lines') l
    WHERE e ->> 'type' = 'sale.returned'
) l;

-- name: earned
-- The lines that are revenue: advances, tips and debts paid off are not.
CREATE VIEW raw.earned AS
SELECT * FROM raw.line WHERE what NOT IN ('gift_card', 'prepayment', 'tip', 'debt');

-- name: paid
CREATE TABLE raw.paid AS
SELECT account, outlet, kind, id, method, sum(amount) AS amount, sum(payments) AS payments
FROM (
    SELECT
        account, outlet, 'sale' AS kind, e ->> 'sale_id' AS id, p ->> 'method' AS method,
        (p ->> 'amount')::numeric AS amount, 1 AS payments
    FROM raw.standing, jsonb_array_elements(e -> 'payments') p
    WHERE e ->> 'type' = 'sale.registered'
    UNION ALL
    SELECT account, outlet, 'sale', e ->> 'sale_id', 'cash', -(e ->> 'change')::numeric, 0
    FROM raw.standing
    WHERE e ->> 'type' = 'sale.registered' AND (e ->> 'change')::numeric <> 0
    UNION ALL
    SELECT account, outlet, 'return', e ->> 'return_id', p ->> 'method', -(p ->> 'amount')::numeric, 0
    FROM raw.standing, jsonb_array_elements(e -> 'refunds') p
    WHERE e ->> 'type' = 'sale.returned'
) every
GROUP BY account, outlet, kind, id, method;

-- name: receipt
-- PostgreSQL expects hardly any receipts of a type that stands within an event, and would sum payments anew for each.
ANALYZE raw.line;
ANALYZE raw.paid;
SET LOCAL enable_nestloop = off;
CREATE TABLE raw.receipt AS
SELECT
    r.*, r.local::date AS day, l.positions, l.goods, l.discount, l.goods - l.discount + r.rounding AS total,
    l.earned + r.rounding AS revenue,
    coalesce(p.amount, 0) - (l.goods - l.discount + r.rounding) AS off
FROM (
    SELECT
        account, outlet, 'sale' AS kind, e ->> 'sale_id' AS id, e ->> 'number' AS number,
        (e ->> 'at')::timestamptz AS at, (e ->> 'at')::timestamptz AT TIME ZONE 'Europe/Moscow' AS local,
        e ->> 'contact_id' AS contact, e ->> 'cashier_id' AS cashier_id, e ->> 'cashier' AS cashier,
        e ->> 'shift_id' AS shift, coalesce((e ->> 'rounding')::numeric, 0) AS rounding
    FROM raw.standing
    WHERE e ->> 'type' = 'sale.registered'
    UNION ALL
    SELECT
        account, outlet, 'return', e ->> 'return_id', e ->> 'return_id', (e ->> 'at')::timestamptz,
        (e ->> 'at')::timestamptz AT TIME ZONE 'Europe/Moscow', NULL,
        e ->> 'cashier_id', e ->> 'cashier', e ->> 'shift_id', 0
    FROM raw.standing
    WHERE e ->> 'type' = 'sale.returned'
) r
JOIN (
    SELECT
        account, outlet, kind, id, count(*) AS positions, sum(goods) AS goods, sum(discount) AS discount,
        coalesce(sum(goods - discount) FILTER (WHERE what NOT IN ('gift_card', 'prepayment', 'tip', 'debt')), 0)
            AS earned
    FROM raw.line
    GROUP BY account, outlet, kind, id
) l USING (account, outlet, kind, id)
LEFT JOIN (
    SELECT account, outlet, kind, id, sum(amount) AS amount FROM raw.paid GROUP BY account, outlet, kind, id
) p USING (account, outlet, kind, id);

-- name: stock
CREATE TABLE raw.stock AS
WITH step AS (
    SELECT no, account, outlet, good, warehouse, -quantity AS quantity
    FROM raw.line
    WHERE what = 'good'
    UNION ALL
    SELECT no, account, outlet, e ->> 'good_id', e ->> 'warehouse_id', (e ->> 'quantity')::numeric
    FROM raw.event
    WHERE e ->> 'type' IN ('stock.moved', 'stock.counted')
),
count AS (
    SELECT account, outlet, e ->> 'good_id' AS good, e ->> 'warehouse_id' AS warehouse, max(no) AS no
    FROM raw.event
    WHERE e ->> 'type' = 'stock.counted'
    GROUP BY account, outlet, e ->> 'good_id', e ->> 'warehouse_id'
)
SELECT s.account, s.outlet, s.good, s.warehouse, sum(s.quantity) AS quantity
FROM step s
LEFT JOIN count c USING (account, outlet, good, warehouse)
WHERE c.no IS NULL OR s.no >= c.no
GROUP BY s.account, s.outlet, s.good, s.warehouse;

-- name: indexes
CREATE INDEX ON raw.line (account, outlet, id);
CREATE INDEX ON raw.paid (account, outlet, id);
CREATE INDEX ON raw.good (account, outlet, id);
ANALYZE;
