-- name: copy_sales
COPY sales (
    outlet_id, sale_id, till_id, number, at, day, hour, positions, goods_sum, discount_sum, total, change,
    difference, contact_id, cashier, lines, payments, run, seq, log_offset, log_time, applied_no
) FROM STDIN;

-- name: copy_returns
COPY returns (
    outlet_id, return_id, till_id, sale_id, at, day, hour, amount, difference, lines, refunds, run, seq,
    log_offset, log_time, applied_no
) FROM STDIN;

-- name: copy_moves
COPY moves (
    outlet_id, move_id, till_id, good_id, warehouse_id, quantity, reason, at, day, run, seq, log_offset,
    applied_no
) FROM STDIN;

-- name: copy_daily
COPY daily (outlet_id, day, sales, returns, goods_sum, discount_sum, returns_sum, unreconciled) FROM STDIN;

-- name: copy_hourly
COPY hourly (outlet_id, day, hour, sales, revenue) FROM STDIN;

-- name: copy_payments
COPY payments (outlet_id, day, method, amount, count, refunds) FROM STDIN;

-- name: copy_stock
COPY stock (outlet_id, good_id, warehouse_id, quantity, counted_no) FROM STDIN;
