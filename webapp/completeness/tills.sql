-- name: kept
-- For pages that tell of tills: whether this generation has the journals.
SELECT to_regclass('wrong_clocks') IS NOT NULL AND to_regclass('replaced') IS NOT NULL;

-- name: wrong_clocks
-- For the owner's notice: tills that sent events dated wrongly since a moment, with the last of them.
SELECT c.outlet_id, coalesce(t.name, ''), c.till_id, c.events, c.at, c.received_at
FROM (
    SELECT DISTINCT ON (outlet_id, till_id)
        outlet_id, till_id, at, received_at, count(*) OVER (PARTITION BY outlet_id, till_id) AS events
    FROM wrong_clocks
    WHERE outlet_id = ANY (%(outlets)s) AND received_at >= %(since)s
    ORDER BY outlet_id, till_id, received_at DESC, run, seq DESC
) c
LEFT JOIN app.tills t ON t.till_id = c.till_id
ORDER BY c.outlet_id, t.created_at, c.till_id;

-- name: used_again
-- For the owner's notice: tills whose receipts came again with other content since a moment, with the last of them.
SELECT r.outlet_id, coalesce(t.name, ''), r.till_id, r.receipts, r.kind, r.document_id, r.number
FROM (
    SELECT DISTINCT ON (outlet_id, till_id)
        outlet_id, till_id, kind, document_id, after ->> 'number' AS number,
        count(*) OVER (PARTITION BY outlet_id, till_id) AS receipts
    FROM replaced
    WHERE outlet_id = ANY (%(outlets)s) AND log_time >= %(since)s
    ORDER BY outlet_id, till_id, log_time DESC, run, seq DESC
) r
LEFT JOIN app.tills t ON t.till_id = r.till_id
ORDER BY r.outlet_id, t.created_at, r.till_id;

-- name: same_numbers
-- For the owner's notice: of an outlet the returns made since a moment that say the fiscal numbers of a sale, both
-- counting, with the sale of the last of them. Of the returns since then each is looked up by its numbers.
SELECT DISTINCT ON (r.outlet_id) r.outlet_id, count(*) OVER (PARTITION BY r.outlet_id), s.sale_id, s.till_id, s.number
FROM returns_standing r
CROSS JOIN LATERAL (
    SELECT f.sale_id, f.till_id, f.number
    FROM sales_standing f
    WHERE f.outlet_id = r.outlet_id AND f.fiscal_fn = r.fiscal_fn AND f.fiscal_fd = r.fiscal_fd
        AND f.fiscal_fd IS NOT NULL
    LIMIT 1
) s
WHERE r.outlet_id = ANY (%(outlets)s) AND r.at >= %(since)s AND r.fiscal_fd IS NOT NULL
ORDER BY r.outlet_id, r.at DESC, r.return_id DESC, r.till_id DESC;

-- name: versions
-- For the card of a receipt: what came under its number before, and what took its place; the latest first.
SELECT r.before, r.after
FROM replaced r
WHERE r.outlet_id = %(outlet)s AND r.kind = 'sale' AND r.document_id = %(sale)s AND r.till_id = %(till)s
ORDER BY r.log_time DESC, r.seq DESC
LIMIT 20;
