-- A chain with one big shop, made in PostgreSQL alone: rows as the folds would leave them, so that pages, calls and plans
-- can be looked at with 100,000 goods and 300,000 receipts within a minute. Ran with the generation as search path.
-- Receipts have three lines and are spread evenly over `days` days up to `last`; the good g1 is in each fifth one.

-- name: goods
INSERT INTO goods (outlet_id, good_id, name, category, max_price, barcode, barcodes, extra, removed, article, unit, cost, min_stock)
SELECT
    %(outlet)s, 'g' || n,
    (ARRAY['Чай', 'Кофе', 'Мёд', 'Сахар', 'Печенье', 'Варенье', 'Масло', 'Хлеб', 'Крупа', 'Соус'])[n %% 10 + 1] || ' '
    || (ARRAY['чёрный', 'зелёный', 'молотый', 'липовый', 'сдобное', 'домашнее', 'сливочное'])[n %% 7 + 1] || ' ' || n,
    CASE n %% 40 WHEN 0 THEN '' WHEN 1 THEN 'Чай' ELSE 'Раздел ' || n %% 40 END, n %% 5000 + 10, lpad((4600000000000 + n)::text, 13, '0'), '[]', '[]', false, 'A-' || n, 'шт',
    n %% 3000 + 5, 2
FROM generate_series(1, %(goods)s) n;

-- name: stock
INSERT INTO stock (outlet_id, good_id, warehouse_id, quantity, counted_at, counted_no, moved_at)
SELECT outlet_id, good_id, 'main', length(good_id) * 3, NULL, 0, NULL FROM goods WHERE outlet_id = %(outlet)s;

-- name: costs
-- By the names of columns, of which other commits have fewer or more.
INSERT INTO costs
SELECT (jsonb_populate_record(NULL::costs, to_jsonb(g) || '{"applied_no": 1}')).* FROM goods g WHERE outlet_id = %(outlet)s;

-- name: warehouses
INSERT INTO warehouses (outlet_id, warehouse_id, name) VALUES (%(outlet)s, 'main', 'Зал');

-- name: contacts
INSERT INTO contacts (outlet_id, contact_id, name, purchases_total, debt, points, removed)
SELECT
    %(outlet)s, 'c' || n, (ARRAY['Иванов', 'Петрова', 'Сидоров', 'Ёлкина'])[n %% 4 + 1] || ' ' || n || ' И.О.', n, n %% 7, n %% 100,
    false
FROM generate_series(1, %(contacts)s) n;

-- name: receipts
-- In the order of time, as tills would have sent them.
INSERT INTO sales (
    outlet_id, sale_id, till_id, number, at, day, hour, positions, goods_sum, discount_sum, rounding, total, revenue,
    advances_sum, tips_sum, debts_sum, tax_sum, cost_sum, cost_known_sum, change, difference, contact_id, cashier,
    cashier_id, shift_id, correction, lines, payments, run, seq, log_offset, log_time, received_at, applied_no
)
SELECT
    %(outlet)s, 's-' || n, %(till)s, n::text, t.at, t.day, extract(hour FROM t.at AT TIME ZONE %(zone)s), 3, 60, 0, 0, 60, 60, 0, 0, 0, 0,
    30, 60, 0, 0, CASE WHEN n %% 4 = 0 AND %(contacts)s > 0 THEN 'c' || n %% %(contacts)s + 1 END, 'Касса ' || n %% 5, 'k' || n %% 5,
    'sh' || %(last)s::date - t.day + 1, false,
    format(
        '[{"good_id":"g%%s","name":"Товар","quantity":"1","price":"10.00","discount":"0","warehouse_id":null,"sum":"10.00","cost":"5"},'
        '{"good_id":"g%%s","name":"Товар","quantity":"2","price":"20.00","discount":"0","warehouse_id":null,"sum":"40.00","cost":"10"},'
        '{"good_id":"g%%s","name":"Товар","quantity":"1","price":"10.00","discount":"0","warehouse_id":null,"sum":"10.00","cost":"5"}]',
        CASE WHEN n %% 5 = 0 THEN 1 ELSE n * 7 %% %(goods)s + 1 END, n * 13 %% %(goods)s + 1, n * 29 %% %(goods)s + 1
    )::jsonb,
    CASE WHEN n %% 3 = 0 THEN '[{"method":"cash","amount":"60.00"}]' ELSE '[{"method":"card","amount":"60.00"}]' END::jsonb,
    %(run)s, n, n, t.at, t.at, n
FROM generate_series(1, %(receipts)s) n
CROSS JOIN LATERAL (
    SELECT (%(last)s::date - %(days)s + 1 + (n - 1) * %(days)s / %(receipts)s) AS day
) d
CROSS JOIN LATERAL (
    SELECT d.day, (d.day + time '09:00' + n %% 12 * interval '1 hour' + n %% 3600 * interval '1 second') AT TIME ZONE %(zone)s AS at
) t;

-- name: returns
-- One for each hundredth receipt.
INSERT INTO returns (
    outlet_id, return_id, till_id, sale_id, number, at, day, hour, amount, revenue, advances_sum, tips_sum, debts_sum,
    tax_sum, cost_sum, cost_known_sum, difference, cashier, cashier_id, shift_id, correction, lines, refunds, run, seq,
    log_offset, log_time, received_at, applied_no
)
SELECT
    outlet_id, 'r' || number, till_id, sale_id, NULL, at + interval '1 hour', (at + interval '1 hour')::date, 12, 10, 10, 0, 0, 0, 0, 5,
    10, 0, cashier, cashier_id, shift_id, false,
    jsonb_build_array(jsonb_build_object('good_id', lines -> 0 ->> 'good_id', 'quantity', '1', 'amount', '10.00', 'warehouse_id', NULL)),
    '[{"method":"cash","amount":"10.00"}]', run, seq, log_offset, log_time, received_at, applied_no
FROM sales
WHERE outlet_id = %(outlet)s AND applied_no %% 100 = 0;

-- name: sold
INSERT INTO sold
SELECT s.outlet_id, s.day, l.good_id, sum(l.quantity), sum(l.sum), sum(l.quantity * l.cost), sum(l.sum), 0, 0, 0, 0
FROM sales s
CROSS JOIN LATERAL jsonb_to_recordset(s.lines) AS l (good_id text, quantity numeric, sum numeric, cost numeric)
WHERE s.outlet_id = %(outlet)s
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3;

-- name: moved
INSERT INTO moved (outlet_id, good_id, warehouse_id, effective_day, quantity)
SELECT outlet_id, good_id, 'main', day, -quantity FROM sold WHERE outlet_id = %(outlet)s;

-- name: daily
INSERT INTO daily
SELECT
    s.outlet_id, s.day, count(*), coalesce(max(r.returns), 0), sum(s.goods_sum), 0, coalesce(max(r.amount), 0), sum(s.revenue), 0, 0, 0, 0, 0,
    sum(s.cost_sum), sum(s.cost_known_sum), 0
FROM sales s
LEFT JOIN (
    SELECT day, count(*) AS returns, sum(amount) AS amount FROM returns WHERE outlet_id = %(outlet)s GROUP BY day
) r ON r.day = s.day
WHERE s.outlet_id = %(outlet)s
GROUP BY s.outlet_id, s.day;

-- name: hourly
INSERT INTO hourly (outlet_id, day, hour, sales, revenue)
SELECT outlet_id, day, hour, count(*), sum(revenue) FROM sales WHERE outlet_id = %(outlet)s GROUP BY 1, 2, 3;

-- name: payments
INSERT INTO payments (outlet_id, day, method, amount, count, refunds)
SELECT outlet_id, day, payments -> 0 ->> 'method', sum(total), count(*), 0 FROM sales WHERE outlet_id = %(outlet)s GROUP BY 1, 2, 3;

-- name: cashiers
INSERT INTO cashiers (
    outlet_id, day, cashier_id, cashier, sales, positions, revenue, advances_sum, tips_sum, debts_sum, discount_sum, discounted, returns,
    returns_sum, voided
)
SELECT outlet_id, day, cashier_id, cashier, count(*), sum(positions), sum(revenue), 0, 0, 0, 0, 0, 0, 0, 0
FROM sales
WHERE outlet_id = %(outlet)s
GROUP BY 1, 2, 3, 4;

-- name: shifts
INSERT INTO shift_openings (outlet_id, shift_id, till_id, number, cash, at, day, run, seq, log_offset, received_at, applied_no)
SELECT outlet_id, shift_id, till_id, row_number() OVER (ORDER BY shift_id), 0, min(at), min(day), run, min(seq), min(log_offset), min(at), min(seq)
FROM sales
WHERE outlet_id = %(outlet)s
GROUP BY outlet_id, shift_id, till_id, run;

-- name: shift_sums
INSERT INTO shift_sums (
    outlet_id, day, shift_id, till_id, sales, sales_sum, revenue, returns, returns_sum, cash_moves, moved_sum
)
SELECT outlet_id, day, shift_id, till_id, count(*), sum(total), sum(revenue), 0, 0, 0, 0 FROM sales WHERE outlet_id = %(outlet)s GROUP BY 1, 2, 3, 4;

-- name: totals
INSERT INTO outlet_totals (outlet_id, goods, sales, data_through, applied_no)
VALUES (%(outlet)s, %(goods)s, %(receipts)s, (SELECT max(at) FROM sales WHERE outlet_id = %(outlet)s), %(receipts)s + %(goods)s);

-- name: runs
INSERT INTO runs (outlet_id, till_id, run, applied_through, read, applied, duplicate, discarded, given_up)
VALUES (%(outlet)s, %(till)s, %(run)s, %(receipts)s, %(receipts)s, %(receipts)s, 0, 0, '[]');
