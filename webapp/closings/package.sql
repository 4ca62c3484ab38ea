-- name: sales
-- For the accountant's package: the sales of an outlet in a month by time, those that do not count marked.
SELECT
    s.at, s.number, coalesce(t.name, '') AS till, s.goods_sum, s.discount_sum, s.total, s.revenue, s.tax_sum, s.payments, s.change,
    s.fiscal_fn, s.fiscal_fd, s.fiscal_fp, s.correction, s.void IS NOT NULL AS voided, s.fiscal_copy AS copy
FROM sales_listed s
LEFT JOIN app.tills t ON t.till_id = s.till_id
WHERE s.outlet_id = %(outlet)s AND s.day BETWEEN %(from)s AND %(to)s
    AND s.at >= (%(from)s::date - 1)::timestamp AT TIME ZONE 'UTC' AND s.at < (%(to)s::date + 2)::timestamp AT TIME ZONE 'UTC'
ORDER BY s.at, s.sale_id, s.till_id;

-- name: returns
-- The same of returns, each with the number of its sale: its own till's, else the outlet's.
SELECT
    r.at, coalesce(r.number, r.return_id) AS number, coalesce(sold.number, '') AS of_sale, coalesce(t.name, '') AS till,
    r.amount AS total, r.revenue, r.tax_sum, r.refunds AS payments, 0::numeric AS change, r.fiscal_fn, r.fiscal_fd, r.fiscal_fp,
    r.correction, r.void IS NOT NULL AS voided, r.fiscal_copy AS copy
FROM returns_listed r
LEFT JOIN app.tills t ON t.till_id = r.till_id
LEFT JOIN LATERAL (
    SELECT s.number FROM sales s
    WHERE s.outlet_id = r.outlet_id AND s.sale_id = r.sale_id AND s.at <= r.at
    ORDER BY s.till_id <> r.till_id, s.at DESC LIMIT 1
) sold ON r.sale_id <> ''
WHERE r.outlet_id = %(outlet)s AND r.day BETWEEN %(from)s AND %(to)s
    AND r.at >= (%(from)s::date - 1)::timestamp AT TIME ZONE 'UTC' AND r.at < (%(to)s::date + 2)::timestamp AT TIME ZONE 'UTC'
ORDER BY r.at, r.return_id, r.till_id;

-- name: cash
-- For the accountant's package: cash that was moved otherwise than by receipts.
SELECT c.at, coalesce(t.name, '') AS till, c.reason, c.amount
FROM cash_moves c
LEFT JOIN app.tills t ON t.till_id = c.till_id
WHERE c.outlet_id = %(outlet)s AND c.day BETWEEN %(from)s AND %(to)s
    AND c.at >= (%(from)s::date - 1)::timestamp AT TIME ZONE 'UTC' AND c.at < (%(to)s::date + 2)::timestamp AT TIME ZONE 'UTC'
ORDER BY c.at, c.cash_id, c.till_id;

-- name: recipients
-- To whom a package may go: the owner and the members of an account, with what each may see.
SELECT p.account_id AS person_id, p.email, p.locale, w.role, w.outlets, w.sees_costs
FROM (
    SELECT %(account)s::uuid AS person_id, 'owner' AS role, NULL::uuid[] AS outlets, true AS sees_costs
    UNION ALL
    SELECT person_id, role, outlets, sees_costs FROM app.members WHERE account_id = %(account)s AND removed_at IS NULL
) w
JOIN app.accounts p ON p.account_id = w.person_id AND p.disabled_at IS NULL
ORDER BY w.role = 'owner' DESC, p.email;

-- name: queue
-- A letter with a file, for `work tell` to hand over; six an hour at most to one reader.
INSERT INTO app.messages (
    account_id, person_id, channel, about, subject, body, html, created_at, next_attempt_at, attachment, attachment_name
)
SELECT
    %(account)s, %(person)s, 'letter', 'package', %(subject)s, %(body)s, '', %(now)s, %(now)s, %(attachment)s,
    %(attachment_name)s
WHERE (
    SELECT count(*) FROM app.messages
    WHERE person_id = %(person)s AND about = 'package' AND created_at > %(now)s::timestamptz - interval '1 hour'
) < 6
RETURNING message_id;
