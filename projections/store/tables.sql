-- Reading and writing the rows of a batch: keys and rows come and go as one JSON array, so that a statement serves a
-- whole batch and its text never changes.

-- name: load_outlet_totals
SELECT coalesce(json_agg(t), '[]')::text
FROM outlet_totals t
JOIN json_to_recordset(%(keys)s::json) AS k (outlet_id uuid) USING (outlet_id);

-- name: write_outlet_totals
INSERT INTO outlet_totals (
    outlet_id, goods, sales, data_through, applied_no
)
SELECT
    outlet_id, goods, sales, data_through, applied_no
FROM json_populate_recordset(NULL::outlet_totals, %(rows)s::json)
ON CONFLICT (outlet_id) DO UPDATE SET
    goods = excluded.goods, sales = excluded.sales, data_through = excluded.data_through,
    applied_no = excluded.applied_no;

-- name: add_daily
-- What `add_` statements are given is a batch's own sums, and `counted_no` is 0: they are added to what is stored.
INSERT INTO daily (
    outlet_id, day, sales, returns, goods_sum, discount_sum, returns_sum, unreconciled
)
SELECT
    outlet_id, day, sales, returns, goods_sum, discount_sum, returns_sum, unreconciled
FROM json_populate_recordset(NULL::daily, %(rows)s::json)
ON CONFLICT (outlet_id, day) DO UPDATE SET
    sales = daily.sales + excluded.sales, returns = daily.returns + excluded.returns,
    goods_sum = daily.goods_sum + excluded.goods_sum, discount_sum = daily.discount_sum + excluded.discount_sum,
    returns_sum = daily.returns_sum + excluded.returns_sum,
    unreconciled = daily.unreconciled + excluded.unreconciled;

-- name: add_hourly
INSERT INTO hourly (
    outlet_id, day, hour, sales, revenue
)
SELECT
    outlet_id, day, hour, sales, revenue
FROM json_populate_recordset(NULL::hourly, %(rows)s::json)
ON CONFLICT (outlet_id, day, hour) DO UPDATE SET
    sales = hourly.sales + excluded.sales, revenue = hourly.revenue + excluded.revenue;

-- name: add_payments
INSERT INTO payments (
    outlet_id, day, method, amount, count, refunds
)
SELECT
    outlet_id, day, method, amount, count, refunds
FROM json_populate_recordset(NULL::payments, %(rows)s::json)
ON CONFLICT (outlet_id, day, method) DO UPDATE SET
    amount = payments.amount + excluded.amount, count = payments.count + excluded.count,
    refunds = payments.refunds + excluded.refunds;

-- name: load_sales
SELECT coalesce(json_agg(t), '[]')::text
FROM sales t
JOIN json_to_recordset(%(keys)s::json) AS k (outlet_id uuid, sale_id text, till_id uuid) USING (outlet_id, sale_id, till_id);

-- name: write_sales
INSERT INTO sales (
    outlet_id, sale_id, till_id, number, at, day, hour, positions, goods_sum, discount_sum, total, change,
    difference, contact_id, cashier, lines, payments, run, seq, log_offset, log_time, applied_no
)
SELECT
    outlet_id, sale_id, till_id, number, at, day, hour, positions, goods_sum, discount_sum, total, change,
    difference, contact_id, cashier, lines, payments, run, seq, log_offset, log_time, applied_no
FROM json_populate_recordset(NULL::sales, %(rows)s::json)
ON CONFLICT (outlet_id, sale_id, till_id) DO UPDATE SET
    number = excluded.number, at = excluded.at, day = excluded.day, hour = excluded.hour,
    positions = excluded.positions, goods_sum = excluded.goods_sum, discount_sum = excluded.discount_sum,
    total = excluded.total, change = excluded.change, difference = excluded.difference,
    contact_id = excluded.contact_id, cashier = excluded.cashier, lines = excluded.lines,
    payments = excluded.payments, run = excluded.run, seq = excluded.seq, log_offset = excluded.log_offset,
    log_time = excluded.log_time, applied_no = excluded.applied_no;

-- name: load_returns
SELECT coalesce(json_agg(t), '[]')::text
FROM returns t
JOIN json_to_recordset(%(keys)s::json) AS k (outlet_id uuid, return_id text, till_id uuid) USING (outlet_id, return_id, till_id);

-- name: write_returns
INSERT INTO returns (
    outlet_id, return_id, till_id, sale_id, at, day, hour, amount, difference, lines, refunds, run, seq,
    log_offset, log_time, applied_no
)
SELECT
    outlet_id, return_id, till_id, sale_id, at, day, hour, amount, difference, lines, refunds, run, seq,
    log_offset, log_time, applied_no
FROM json_populate_recordset(NULL::returns, %(rows)s::json)
ON CONFLICT (outlet_id, return_id, till_id) DO UPDATE SET
    sale_id = excluded.sale_id, at = excluded.at, day = excluded.day, hour = excluded.hour,
    amount = excluded.amount, difference = excluded.difference, lines = excluded.lines,
    refunds = excluded.refunds, run = excluded.run, seq = excluded.seq, log_offset = excluded.log_offset,
    log_time = excluded.log_time, applied_no = excluded.applied_no;

-- name: load_moves
SELECT coalesce(json_agg(t), '[]')::text
FROM moves t
JOIN json_to_recordset(%(keys)s::json) AS k (outlet_id uuid, move_id text, till_id uuid) USING (outlet_id, move_id, till_id);

-- name: write_moves
INSERT INTO moves (
    outlet_id, move_id, till_id, good_id, warehouse_id, quantity, reason, at, day, run, seq, log_offset,
    applied_no
)
SELECT
    outlet_id, move_id, till_id, good_id, warehouse_id, quantity, reason, at, day, run, seq, log_offset,
    applied_no
FROM json_populate_recordset(NULL::moves, %(rows)s::json)
ON CONFLICT (outlet_id, move_id, till_id) DO UPDATE SET
    good_id = excluded.good_id, warehouse_id = excluded.warehouse_id, quantity = excluded.quantity,
    reason = excluded.reason, at = excluded.at, day = excluded.day, run = excluded.run, seq = excluded.seq,
    log_offset = excluded.log_offset, applied_no = excluded.applied_no;

-- name: load_goods
SELECT coalesce(json_agg(t), '[]')::text
FROM goods t
JOIN json_to_recordset(%(keys)s::json) AS k (outlet_id uuid, good_id text) USING (outlet_id, good_id);

-- name: write_goods
INSERT INTO goods (
    outlet_id, good_id, name, category, max_price, barcode, barcodes, extra, removed
)
SELECT
    outlet_id, good_id, name, category, max_price, barcode, barcodes, extra, removed
FROM json_populate_recordset(NULL::goods, %(rows)s::json)
ON CONFLICT (outlet_id, good_id) DO UPDATE SET
    name = excluded.name, category = excluded.category, max_price = excluded.max_price,
    barcode = excluded.barcode, barcodes = excluded.barcodes, extra = excluded.extra, removed = excluded.removed;

-- name: load_warehouses
SELECT coalesce(json_agg(t), '[]')::text
FROM warehouses t
JOIN json_to_recordset(%(keys)s::json) AS k (outlet_id uuid, warehouse_id text) USING (outlet_id, warehouse_id);

-- name: write_warehouses
INSERT INTO warehouses (
    outlet_id, warehouse_id, name
)
SELECT
    outlet_id, warehouse_id, name
FROM json_populate_recordset(NULL::warehouses, %(rows)s::json)
ON CONFLICT (outlet_id, warehouse_id) DO UPDATE SET
    name = excluded.name;

-- name: load_stock
SELECT coalesce(json_agg(t), '[]')::text
FROM stock t
JOIN json_to_recordset(%(keys)s::json) AS k (outlet_id uuid, good_id text, warehouse_id text) USING (outlet_id, good_id, warehouse_id);

-- name: write_stock
INSERT INTO stock (
    outlet_id, good_id, warehouse_id, quantity, counted_no
)
SELECT
    outlet_id, good_id, warehouse_id, quantity, counted_no
FROM json_populate_recordset(NULL::stock, %(rows)s::json)
ON CONFLICT (outlet_id, good_id, warehouse_id) DO UPDATE SET
    quantity = excluded.quantity, counted_no = excluded.counted_no;

-- name: add_stock
INSERT INTO stock (
    outlet_id, good_id, warehouse_id, quantity, counted_no
)
SELECT
    outlet_id, good_id, warehouse_id, quantity, counted_no
FROM json_populate_recordset(NULL::stock, %(rows)s::json)
ON CONFLICT (outlet_id, good_id, warehouse_id) DO UPDATE SET
    quantity = stock.quantity + excluded.quantity;

-- name: load_contacts
SELECT coalesce(json_agg(t), '[]')::text
FROM contacts t
JOIN json_to_recordset(%(keys)s::json) AS k (outlet_id uuid, contact_id text) USING (outlet_id, contact_id);

-- name: write_contacts
INSERT INTO contacts (
    outlet_id, contact_id, name, purchases_total, debt, points, removed
)
SELECT
    outlet_id, contact_id, name, purchases_total, debt, points, removed
FROM json_populate_recordset(NULL::contacts, %(rows)s::json)
ON CONFLICT (outlet_id, contact_id) DO UPDATE SET
    name = excluded.name, purchases_total = excluded.purchases_total, debt = excluded.debt,
    points = excluded.points, removed = excluded.removed;

-- name: load_forgotten
SELECT coalesce(json_agg(t), '[]')::text
FROM app.forgotten_contacts t
JOIN json_to_recordset(%(keys)s::json) AS k (outlet_id uuid, contact_id text) USING (outlet_id, contact_id);

-- name: write_forgotten
INSERT INTO app.forgotten_contacts (outlet_id, contact_id, decided_at)
SELECT outlet_id, contact_id, now()
FROM json_to_recordset(%(rows)s::json) AS r (outlet_id uuid, contact_id text)
ON CONFLICT (outlet_id, contact_id) DO NOTHING;
