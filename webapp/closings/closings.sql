-- name: positions
-- How far each partition of the log is folded into what is read.
SELECT partition, next_offset FROM positions ORDER BY partition;

-- name: generation
SELECT number FROM app.generations WHERE state = 'live';

-- name: checksums
-- The checksum of each day of a read model, for the closing's certificates.
SELECT day, rows, checksum FROM app.day_checksums(%(projection)s, %(ignored)s, %(outlet)s, %(from)s, %(to)s);

-- name: documents
-- The documents of a range of days, as they are copied and as they are compared later: what each adds to the revenue, whether
-- it counts, where it comes from, and a digest of what it says, without names. Bounds on `at` repeat those on `day` in a form
-- that the index serves.
SELECT
    'sale' AS kind, s.sale_id AS id, s.till_id, s.number, s.at, s.day,
    CASE WHEN s.void IS NULL AND NOT s.fiscal_copy THEN s.revenue ELSE 0 END AS amount,
    s.void IS NULL AND NOT s.fiscal_copy AS counts, s.run, s.seq, s.log_offset,
    encode(
        sha256(
            convert_to(
                ROW (
                    extract(epoch FROM s.at), s.day, s.hour, s.number, trim_scale(s.total), trim_scale(s.revenue), trim_scale(s.tax_sum),
                    trim_scale(s.change), s.shift_id, s.fiscal_fn, s.fiscal_fd, s.correction, s.lines, s.payments
                )::text, 'UTF8'
            )
        ), 'hex'
    ) AS content, s.log_time AS came_at, s.sale_id
FROM sales_listed s
WHERE s.outlet_id = %(outlet)s AND s.day BETWEEN %(from)s AND %(to)s
    AND s.at >= (%(from)s::date - 1)::timestamp AT TIME ZONE 'UTC' AND s.at < (%(to)s::date + 2)::timestamp AT TIME ZONE 'UTC'
UNION ALL
SELECT
    'return', r.return_id, r.till_id, coalesce(r.number, r.return_id), r.at, r.day,
    CASE WHEN r.void IS NULL AND NOT r.fiscal_copy THEN -r.revenue ELSE 0 END,
    r.void IS NULL AND NOT r.fiscal_copy, r.run, r.seq, r.log_offset,
    encode(
        sha256(
            convert_to(
                ROW (
                    extract(epoch FROM r.at), r.day, r.hour, r.number, r.sale_id, trim_scale(r.amount), trim_scale(r.revenue),
                    trim_scale(r.tax_sum), r.shift_id, r.fiscal_fn, r.fiscal_fd, r.correction, r.lines, r.refunds
                )::text, 'UTF8'
            )
        ), 'hex'
    ), r.log_time, r.sale_id
FROM returns_listed r
WHERE r.outlet_id = %(outlet)s AND r.day BETWEEN %(from)s AND %(to)s
    AND r.at >= (%(from)s::date - 1)::timestamp AT TIME ZONE 'UTC' AND r.at < (%(to)s::date + 2)::timestamp AT TIME ZONE 'UTC'
UNION ALL
SELECT
    'cash', c.cash_id, c.till_id, '', c.at, c.day, 0, true, c.run, c.seq, c.log_offset,
    encode(sha256(convert_to(ROW (extract(epoch FROM c.at), trim_scale(c.amount), c.reason, c.shift_id)::text, 'UTF8')), 'hex'),
    c.received_at, ''
FROM cash_moves c
WHERE c.outlet_id = %(outlet)s AND c.day BETWEEN %(from)s AND %(to)s
    AND c.at >= (%(from)s::date - 1)::timestamp AT TIME ZONE 'UTC' AND c.at < (%(to)s::date + 2)::timestamp AT TIME ZONE 'UTC'
UNION ALL
SELECT
    'opening', o.shift_id, o.till_id, o.number, o.at, o.day, 0, true, o.run, o.seq, o.log_offset,
    encode(sha256(convert_to(ROW (extract(epoch FROM o.at), o.number, trim_scale(o.cash))::text, 'UTF8')), 'hex'), o.received_at,
    ''
FROM shift_openings o
WHERE o.outlet_id = %(outlet)s AND o.day BETWEEN %(from)s AND %(to)s
UNION ALL
SELECT
    'closing', c.shift_id, c.till_id, c.number, c.at, c.day, 0, true, c.run, c.seq, c.log_offset,
    encode(
        sha256(
            convert_to(
                ROW (
                    extract(epoch FROM c.at), c.number, trim_scale(c.cash), trim_scale(c.totals_sales), trim_scale(c.totals_returns),
                    c.totals_receipts, c.totals_methods
                )::text, 'UTF8'
            )
        ), 'hex'
    ), c.received_at, ''
FROM shift_closings c
WHERE c.outlet_id = %(outlet)s AND c.day BETWEEN %(from)s AND %(to)s
ORDER BY 1, 2, 3;

-- name: later over documents
-- What of a closed month is otherwise than it was closed, for the card of its closing: the documents that came since, that
-- came anew with other content, that count no more or again, and those that lie in it no more, with where these come from
-- now, and with the first void of those that count no more. The revenue of each, then and now, within the month.
SELECT
    coalesce(n.kind, c.kind) AS kind, coalesce(n.id, c.id) AS id, coalesce(n.till_id, c.till_id) AS till_id,
    coalesce(n.number, c.number) AS number, coalesce(n.at, c.at) AS at, coalesce(n.day, c.day) AS day,
    c.amount AS was, n.amount AS becomes, c.counts AS counted, n.counts,
    coalesce(n.run, s.run, r.run) AS run, coalesce(n.seq, s.seq, r.seq) AS seq,
    coalesce(n.log_offset, s.log_offset, r.log_offset) AS log_offset,
    coalesce(n.came_at, s.log_time, r.log_time) AS came_at, coalesce(t.name, '') AS till,
    coalesce(n.sale_id, s.sale_id, r.sale_id, '') AS sale_id,
    (n.run, n.seq) IS NOT DISTINCT FROM (c.run, c.seq) AS same_upload,
    v.run AS void_run, v.seq AS void_seq, v.received_at AS voided_at
FROM documents n
FULL JOIN (SELECT * FROM app.closed_documents WHERE closing_id = %(closing)s) c USING (kind, id, till_id)
LEFT JOIN sales s ON n.id IS NULL AND c.kind = 'sale' AND s.outlet_id = %(outlet)s AND s.sale_id = c.id AND s.till_id = c.till_id
LEFT JOIN returns r
    ON n.id IS NULL AND c.kind = 'return' AND r.outlet_id = %(outlet)s AND r.return_id = c.id AND r.till_id = c.till_id
LEFT JOIN app.tills t ON t.till_id = coalesce(n.till_id, c.till_id)
LEFT JOIN LATERAL (
    SELECT u.run, u.seq, u.received_at
    FROM void_uploads u
    WHERE u.outlet_id = %(outlet)s AND u.till_id = coalesce(n.till_id, c.till_id) AND u.kind = coalesce(n.kind, c.kind)
        AND u.id = coalesce(n.id, c.id)
    ORDER BY u.applied_no
    LIMIT 1
) v ON NOT n.counts
WHERE n.id IS NULL OR c.id IS NULL OR n.counts <> c.counts OR ((n.run, n.seq) <> (c.run, c.seq) AND n.content <> c.content)
ORDER BY 14 NULLS LAST, 5, 1, 2, 3
LIMIT %(most)s;

-- name: lock_outlet
-- The outlet of who closes a month of it, so that two do it one after the other.
SELECT FROM app.outlets
WHERE outlet_id = %(outlet)s AND account_id = %(account)s AND removed_at IS NULL AND NOT test FOR UPDATE;

-- name: standing
-- The closing of a month that was not reopened.
SELECT closing_id FROM app.closings WHERE outlet_id = %(outlet)s AND first = %(first)s AND reopened_at IS NULL;

-- name: reopened
-- The latest closing of a month, which was reopened.
SELECT closing_id FROM app.closings WHERE outlet_id = %(outlet)s AND first = %(first)s ORDER BY closed_at DESC LIMIT 1;

-- name: add
INSERT INTO app.closings (
    closing_id, account_id, outlet_id, first, last, closed_at, closed_by, knowingly, signed, pdf_ru, pdf_en
)
VALUES (
    %(closing)s, %(account)s, %(outlet)s, %(first)s, %(last)s, %(closed_at)s, %(person)s, %(knowingly)s, %(signed)s, %(pdf_ru)s,
    %(pdf_en)s
);

-- name: copy_documents
-- Some documents of a closing, given as one JSON array.
INSERT INTO app.closed_documents (
    closing_id, outlet_id, kind, id, till_id, number, at, day, amount, counts, run, seq, log_offset, content
)
SELECT
    %(closing)s, %(outlet)s, d.kind, d.id, d.till_id, d.number, d.at, d.day, d.amount, d.counts, d.run, d.seq, d.log_offset,
    d.content
FROM json_populate_recordset(NULL::app.closed_documents, %(rows)s::json) d;

-- name: reopen
UPDATE app.closings SET reopened_at = %(at)s, reopened_by = %(person)s, reopened_because = %(because)s
WHERE closing_id = %(closing)s AND account_id = %(account)s AND reopened_at IS NULL
RETURNING closing_id;

-- name: closings
-- For the list: an account's closings, of those outlets that the reader may see, the latest month first; the last 500.
SELECT
    c.closing_id, c.outlet_id, o.name AS outlet, o.zone, o.removed_at IS NOT NULL AS removed,
    app.licensed_until(c.outlet_id) >= now() AS licensed, c.first, c.last, c.closed_at,
    p.email AS closed_by, c.knowingly, c.reopened_at, q.email AS reopened_by, c.reopened_because
FROM app.closings c
JOIN app.outlets o USING (outlet_id)
JOIN app.accounts p ON p.account_id = c.closed_by
LEFT JOIN app.accounts q ON q.account_id = c.reopened_by
WHERE c.account_id = %(account)s AND (%(outlets)s::uuid[] IS NULL OR c.outlet_id = ANY (%(outlets)s::uuid[]))
    AND (%(closing)s::uuid IS NULL OR c.closing_id = %(closing)s::uuid)
ORDER BY c.first DESC, lower(o.name COLLATE "pg_c_utf8"), c.closed_at DESC
LIMIT 500;

-- name: file
-- What was signed, of an account's closing.
SELECT signed, pdf_ru, pdf_en, outlet_id FROM app.closings WHERE closing_id = %(closing)s AND account_id = %(account)s;
