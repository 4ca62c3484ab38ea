-- A history made longer: as many sales again under other ids, laid out on the disk as the first ones are. Ran by the
-- superuser with the generation as search path; %(times)s is how often the figures stand now, %(copy)s which copy it is.

-- name: indexes
SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid), c.conname, pg_get_constraintdef(c.oid)
FROM pg_index i LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid
WHERE i.indrelid = %(relation)s::regclass;

-- name: copy_sales
INSERT INTO sales (
    outlet_id, sale_id, till_id, number, at, day, hour, positions, goods_sum, discount_sum, rounding, total, revenue,
    advances_sum, tips_sum, debts_sum, tax_sum, cost_sum, cost_known_sum, change, difference, contact_id, cashier,
    cashier_id, shift_id, fiscal_fn, fiscal_fd, fiscal_fp, tax_system, correction, lines, payments, run, seq,
    log_offset, log_time, received_at, applied_no
)
SELECT
    outlet_id, sale_id || '-' || %(copy)s, till_id, number, at, day, hour, positions, goods_sum, discount_sum,
    rounding, total, revenue, advances_sum, tips_sum, debts_sum, tax_sum, cost_sum, cost_known_sum, change, difference,
    contact_id, cashier, cashier_id, shift_id, fiscal_fn, fiscal_fd, fiscal_fp, tax_system, correction, lines,
    payments, run, seq, log_offset, log_time, received_at, applied_no
FROM sales
WHERE strpos(sale_id, '-') = 0;

-- name: copy_returns
INSERT INTO returns (
    outlet_id, return_id, till_id, sale_id, number, at, day, hour, amount, revenue, advances_sum, tips_sum, debts_sum,
    tax_sum, cost_sum, cost_known_sum, difference, cashier, cashier_id, shift_id, fiscal_fn, fiscal_fd, fiscal_fp,
    tax_system, correction, lines, refunds, run, seq, log_offset, log_time, received_at, applied_no
)
SELECT
    outlet_id, return_id || '-' || %(copy)s, till_id, sale_id || '-' || %(copy)s, number, at, day, hour, amount,
    revenue, advances_sum, tips_sum, debts_sum, tax_sum, cost_sum, cost_known_sum, difference, cashier, cashier_id,
    shift_id, fiscal_fn, fiscal_fd, fiscal_fp, tax_system, correction, lines, refunds, run, seq, log_offset, log_time,
    received_at, applied_no
FROM returns
WHERE strpos(return_id, '-') = 0;

-- name: multiply_totals
UPDATE outlet_totals SET sales = sales * %(times)s;

-- name: multiply_daily
UPDATE daily SET
    sales = sales * %(times)s, returns = returns * %(times)s, goods_sum = goods_sum * %(times)s,
    discount_sum = discount_sum * %(times)s, returns_sum = returns_sum * %(times)s, revenue = revenue * %(times)s,
    unreconciled = unreconciled * %(times)s, tax_sum = tax_sum * %(times)s, advances_sum = advances_sum * %(times)s,
    tips_sum = tips_sum * %(times)s, debts_sum = debts_sum * %(times)s, cost_sum = cost_sum * %(times)s,
    cost_known_sum = cost_known_sum * %(times)s;

-- name: multiply_hourly
UPDATE hourly SET sales = sales * %(times)s, revenue = revenue * %(times)s;

-- name: multiply_payments
UPDATE payments SET amount = amount * %(times)s, count = count * %(times)s, refunds = refunds * %(times)s;

-- name: multiply_stock
UPDATE stock SET quantity = quantity * %(times)s;
