-- name: account
INSERT INTO app.accounts (account_id, email, trial_until)
VALUES (gen_random_uuid(), %(email)s, now() + interval '100 years')
ON CONFLICT (email) DO UPDATE SET trial_until = now() + interval '100 years'
RETURNING account_id;

-- name: outlets
-- Each stands in a city's group and in that of its kind; names count up, as a chain's do.
INSERT INTO app.outlets (outlet_id, account_id, name, zone, groups)
SELECT gen_random_uuid(), %(account)s, 'Магазин ' || n, 'Europe/Moscow',
    ARRAY[
        (ARRAY['Москва', 'Казань', 'Самара', 'Пермь', 'Тверь', 'Омск', 'Тула', 'Сочи'])[1 + n %% 8],
        (ARRAY['у дома', 'большие', 'на вокзалах'])[1 + (n / 8) %% 3]
    ]
FROM generate_series(1, %(outlets)s) AS n
ON CONFLICT DO NOTHING;

-- name: tills
INSERT INTO app.tills (till_id, outlet_id, name)
SELECT gen_random_uuid(), o.outlet_id, 'Касса ' || n
FROM app.outlets o CROSS JOIN generate_series(1, %(tills)s) AS n
WHERE o.account_id = %(account)s AND NOT EXISTS (SELECT 1 FROM app.tills t WHERE t.outlet_id = o.outlet_id);

-- name: receipts
-- Of today, yesterday and a week ago, one each 40 minutes from eight to eight; every 53rd outlet is shut today.
INSERT INTO sales (
    outlet_id, sale_id, till_id, number, at, day, hour, positions, goods_sum, discount_sum, rounding, total, revenue,
    advances_sum, tips_sum, debts_sum, tax_sum, cost_sum, cost_known_sum, change, difference, correction, lines,
    payments, run, seq, log_offset, log_time, received_at, applied_no
)
SELECT o.outlet_id, 'chain-' || d.day || '-' || k, o.till_id, k::text, m.at, d.day, extract(hour FROM m.local), 1,
    v.total, 0, 0, v.total, v.total, 0, 0, 0, 0, 0, 0, 0, 0, false,
    jsonb_build_array(jsonb_build_object(
        'good_id', 'g1', 'name', 'Товар 1', 'quantity', '1', 'price', v.total::text, 'discount', '0',
        'warehouse_id', 'main'
    )),
    jsonb_build_array(jsonb_build_object('method', 'card', 'amount', v.total::text)),
    o.till_id, k, 0, m.at, m.at, 0
FROM (
    SELECT p.outlet_id, (SELECT t.till_id FROM app.tills t WHERE t.outlet_id = p.outlet_id LIMIT 1) AS till_id,
        substring(p.name FROM '[0-9]+')::integer AS n
    FROM app.outlets p
    WHERE p.account_id = %(account)s
) o
CROSS JOIN (
    SELECT (%(now)s::timestamptz AT TIME ZONE 'Europe/Moscow')::date - back AS day, back
    FROM unnest(ARRAY[0, 1, 7]) AS back
) d
CROSS JOIN generate_series(0, 17) AS k
CROSS JOIN LATERAL (SELECT d.day + interval '8 hours' + k * interval '40 minutes' AS local) l
CROSS JOIN LATERAL (SELECT l.local AT TIME ZONE 'Europe/Moscow' AS at, l.local) m
CROSS JOIN LATERAL (SELECT (200 + (o.n * 7919 + k * 104729 + d.back * 1299709) %% 1800)::numeric AS total) v
WHERE m.at < %(now)s AND NOT (d.back = 0 AND o.n %% 53 = 0)
ON CONFLICT DO NOTHING;

-- name: days
INSERT INTO daily (
    outlet_id, day, sales, returns, goods_sum, discount_sum, returns_sum, revenue, unreconciled, tax_sum, advances_sum,
    tips_sum, debts_sum, cost_sum, cost_known_sum, voided
)
SELECT outlet_id, day, sales, 0, revenue, 0, 0, revenue, 0, 0, 0, 0, 0, 0, 0, 0
FROM (
    SELECT s.outlet_id, s.day, count(*) AS sales, sum(s.total) AS revenue
    FROM sales s JOIN app.outlets o USING (outlet_id)
    WHERE o.account_id = %(account)s
    GROUP BY s.outlet_id, s.day
    UNION ALL
    SELECT o.outlet_id, today.day - back, 18, 12000 + (hashtext(o.name) + back * 7919) %% 9000
    FROM app.outlets o
    CROSS JOIN generate_series(2, 60) AS back
    CROSS JOIN (SELECT (%(now)s::timestamptz AT TIME ZONE 'Europe/Moscow')::date AS day) today
    WHERE o.account_id = %(account)s AND back <> 7
) every_day
ON CONFLICT DO NOTHING;

-- name: hours
INSERT INTO hourly (outlet_id, day, hour, sales, revenue)
SELECT s.outlet_id, s.day, s.hour, count(*), sum(s.total)
FROM sales s JOIN app.outlets o USING (outlet_id)
WHERE o.account_id = %(account)s
GROUP BY s.outlet_id, s.day, s.hour
ON CONFLICT DO NOTHING;

-- name: totals
INSERT INTO outlet_totals (outlet_id, goods, sales, data_through, applied_no)
SELECT d.outlet_id, 1, sum(d.sales), %(now)s, 0
FROM daily d JOIN app.outlets o USING (outlet_id)
WHERE o.account_id = %(account)s
GROUP BY d.outlet_id
ON CONFLICT DO NOTHING;

-- name: holes
-- In every 47th outlet a batch waits behind a number that has not come.
INSERT INTO parked (outlet_id, till_id, run, first_seq, last_seq, partition, log_offset, log_time, record)
SELECT DISTINCT ON (o.outlet_id) o.outlet_id, t.till_id, t.till_id, 3, 4, 0, 0, %(now)s, ''
FROM app.tills t JOIN app.outlets o USING (outlet_id)
WHERE o.account_id = %(account)s AND substring(o.name FROM '[0-9]+')::integer %% 47 = 0
ON CONFLICT DO NOTHING;
