-- What tests read of one outlet's read models. Rows that say nothing (a day whose receipts were all replaced by ones
-- of another day) are left out, as the read API leaves out empty days.

-- name: empty
DELETE FROM positions; DELETE FROM runs; DELETE FROM parked; DELETE FROM quarantine; DELETE FROM removed_outlets;
DELETE FROM outlet_totals; DELETE FROM daily; DELETE FROM hourly; DELETE FROM payments; DELETE FROM sales;
DELETE FROM returns; DELETE FROM moves; DELETE FROM goods; DELETE FROM warehouses; DELETE FROM stock;
DELETE FROM contacts; DELETE FROM app.forgotten_contacts;

-- name: totals
SELECT goods, sales, data_through FROM outlet_totals WHERE outlet_id = %(outlet)s;

-- name: daily
SELECT day, sales, returns, goods_sum, discount_sum, returns_sum, revenue, unreconciled
FROM daily
WHERE outlet_id = %(outlet)s AND (sales, returns, goods_sum, discount_sum, returns_sum, unreconciled) <> (0, 0, 0, 0, 0, 0);

-- name: hourly
SELECT day, hour, sales, revenue FROM hourly WHERE outlet_id = %(outlet)s AND (sales <> 0 OR revenue <> 0);

-- name: payments
SELECT day, method, amount, count, refunds
FROM payments WHERE outlet_id = %(outlet)s AND (amount <> 0 OR count <> 0 OR refunds <> 0);

-- name: stock
SELECT good_id, warehouse_id, quantity FROM stock WHERE outlet_id = %(outlet)s AND quantity <> 0;

-- name: goods
SELECT good_id, name, category, max_price::text, barcode, barcodes, extra, removed
FROM goods WHERE outlet_id = %(outlet)s;

-- name: contacts
SELECT contact_id, name, purchases_total, debt, points, removed FROM contacts WHERE outlet_id = %(outlet)s;

-- name: warehouses
SELECT warehouse_id, name FROM warehouses WHERE outlet_id = %(outlet)s;

-- name: sales
SELECT till_id::text, sale_id, jsonb_build_object(
    'at', extract(epoch FROM at)::text, 'number', number, 'positions', positions, 'goods_sum', goods_sum::text,
    'discount_sum', discount_sum::text, 'total', total::text, 'change', change::text, 'contact_id', contact_id,
    'cashier', cashier, 'lines', lines, 'payments', payments
)
FROM sales WHERE outlet_id = %(outlet)s;

-- name: returns
SELECT till_id::text, return_id, jsonb_build_object(
    'at', extract(epoch FROM at)::text, 'sale_id', sale_id, 'amount', amount::text, 'lines', lines, 'refunds', refunds
)
FROM returns WHERE outlet_id = %(outlet)s;

-- name: moves
SELECT till_id::text, move_id, jsonb_build_object(
    'at', extract(epoch FROM at)::text, 'good_id', good_id, 'warehouse_id', warehouse_id, 'quantity', quantity::text,
    'reason', reason
)
FROM moves WHERE outlet_id = %(outlet)s;

-- name: ledger
SELECT
    r.till_id::text, r.run::text, applied_through, read, applied, duplicate,
    (SELECT coalesce(sum(p.last_seq - p.first_seq + 1), 0)::bigint FROM parked p
     WHERE (p.outlet_id, p.till_id, p.run) = (r.outlet_id, r.till_id, r.run)),
    (SELECT coalesce(sum(q.last_seq - q.first_seq + 1), 0)::bigint FROM quarantine q
     WHERE (q.outlet_id, q.till_id, q.run) = (r.outlet_id, r.till_id, r.run) AND q.discarded_because IS NULL),
    discarded
FROM runs r WHERE r.outlet_id = %(outlet)s;

-- name: quarantine
SELECT log_offset, first_seq, last_seq, reason, traceback, discarded_because
FROM quarantine WHERE outlet_id = %(outlet)s ORDER BY log_offset, first_seq;

-- name: stubs
SELECT till_id::text, run::text, array_agg(number ORDER BY number)
FROM quarantine CROSS JOIN generate_series(first_seq, last_seq) AS number
WHERE outlet_id = %(outlet)s AND stub AND discarded_because IS NULL
GROUP BY till_id, run;
