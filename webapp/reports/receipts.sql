-- Receipts: sales and returns as one list. The three statements share their conditions; a test holds the sums of
-- `totals` to those of the rows. The bounds on `at` repeat those on `day` in a form that the index serves; a local day
-- lies within a day of the same UTC day. `part` is what the receipt adds to the figure asked for: the amount of a
-- payment method, of a good or of a group of goods ('' for those without) with tax that is on top, the base of a tax of that rate, else its
-- whole total; a return's is negative. Of a rate `totals` has the tax in place of a quantity. `rows` is a list (webapp/lists). By time an index gives a page of it, behind the row `behind` and `most` of
-- them; else the list is sorted whole, with neither. Reports that an earlier release kept lack who was at the till and in
-- which shift: of their rows no one was. On `OFFSET 0` see sums.sql. What is looked for in a document is built once, in a
-- subquery of its own: beside
-- the operator it would be built for every row. So are the goods of a group (`grouped`; of '' those of any other group, which
-- its goods are not among), and the sales of a contact (`bought`), whose returns are those of the contact: looked up line by line, all goods would be read for each, since `->>` is not leakproof and the
-- index is barred to what it gives.

-- name: rows
WITH grouped AS MATERIALIZED (
    SELECT outlet_id, good_id
    FROM goods
    WHERE outlet_id = ANY (%(outlets)s::uuid[]) AND (category = %(category)s::text) = (%(category)s::text <> '')
), bought AS MATERIALIZED (
    SELECT outlet_id, sale_id
    FROM sales_standing
    WHERE outlet_id = ANY (%(outlets)s::uuid[]) AND contact_id = %(contact)s::text
)
SELECT d.*
FROM unnest(%(outlets)s::uuid[], %(firsts)s::date[], %(lasts)s::date[], %(befores)s::timestamptz[])
    AS w (outlet_id, first, last, before)
CROSS JOIN LATERAL (
    (
        SELECT
            'sale' AS kind, s.outlet_id, s.sale_id AS id, s.till_id, s.sale_id, s.number, s.at, s.day, s.positions,
            s.goods_sum, s.discount_sum, s.total, s.difference, CASE
                WHEN %(method)s::text IS NOT NULL THEN (
                    SELECT coalesce(sum((p ->> 'amount')::numeric), 0)
                    FROM jsonb_array_elements(s.payments) p
                    WHERE p ->> 'method' = %(method)s::text
                ) - CASE WHEN %(method)s::text = 'cash' THEN s.change ELSE 0 END
                WHEN %(good)s::text IS NOT NULL THEN (
                    SELECT coalesce(
                        sum(
                            coalesce(
                                (l ->> 'sum')::numeric,
                                round((l ->> 'quantity')::numeric * (l ->> 'price')::numeric, 2) - (l ->> 'discount')::numeric
                            ) + CASE WHEN (l -> 'tax' ->> 'on_top')::boolean THEN (l -> 'tax' ->> 'amount')::numeric ELSE 0 END
                        ),
                        0
                    )
                    FROM jsonb_array_elements(s.lines) l
                    WHERE l ->> 'good_id' = %(good)s::text
                )
                WHEN %(category)s::text IS NOT NULL THEN (
                    SELECT coalesce(
                        sum(
                            coalesce(
                                (l ->> 'sum')::numeric,
                                round((l ->> 'quantity')::numeric * (l ->> 'price')::numeric, 2) - (l ->> 'discount')::numeric
                            ) + CASE WHEN (l -> 'tax' ->> 'on_top')::boolean THEN (l -> 'tax' ->> 'amount')::numeric ELSE 0 END
                        ),
                        0
                    )
                    FROM jsonb_array_elements(s.lines) l
                    WHERE ((s.outlet_id, l ->> 'good_id') IN (SELECT outlet_id, good_id FROM grouped)) = (%(category)s::text <> '')
                )
                WHEN %(tax)s::text IS NOT NULL THEN (
                    SELECT coalesce(
                        sum(
                            coalesce(
                                (l ->> 'sum')::numeric,
                                round((l ->> 'quantity')::numeric * (l ->> 'price')::numeric, 2) - (l ->> 'discount')::numeric
                            ) - CASE WHEN (l -> 'tax' ->> 'on_top')::boolean THEN 0 ELSE (l -> 'tax' ->> 'amount')::numeric END
                        ),
                        0
                    )
                    FROM jsonb_array_elements(s.lines) l
                    WHERE app.rate_value(l -> 'tax' ->> 'rate') = %(tax)s::text
                )
                ELSE s.total
            END AS part, s.void IS NOT NULL AS voided, s.fiscal_copy AS copy
        FROM sales_listed s
        WHERE
            s.outlet_id = w.outlet_id AND s.day BETWEEN w.first AND w.last
            AND s.at >= (w.first - 1)::timestamp AT TIME ZONE 'UTC' AND s.at < (w.last + 2)::timestamp AT TIME ZONE 'UTC'
            AND (w.before IS NULL OR s.day < w.last OR s.at < w.before)
            AND %(kind)s::text IN ('all', 'sales')
            AND (
                %(method)s::text IS NULL
                OR s.payments @> (SELECT jsonb_build_array(jsonb_build_object('method', %(method)s::text)))
                OR (%(method)s::text = 'cash' AND s.change <> 0)
            )
            AND (%(good)s::text IS NULL OR s.lines @> (SELECT jsonb_build_array(jsonb_build_object('good_id', %(good)s::text))))
            AND (
                %(category)s::text IS NULL
                OR EXISTS (
                    SELECT
                    FROM jsonb_array_elements(s.lines) l
                    WHERE ((s.outlet_id, l ->> 'good_id') IN (SELECT outlet_id, good_id FROM grouped)) = (%(category)s::text <> '')
                )
            )
            AND (
                %(tax)s::text IS NULL
                OR EXISTS (
                    SELECT FROM jsonb_array_elements(s.lines) l WHERE app.rate_value(l -> 'tax' ->> 'rate') = %(tax)s::text
                )
            )
            AND (%(contact)s::text IS NULL OR s.contact_id = %(contact)s::text)
            AND (%(number)s::text IS NULL OR strpos(lower(s.number), lower(%(number)s::text)) > 0)
            AND (%(min)s::numeric IS NULL OR s.total >= %(min)s::numeric)
            AND (%(max)s::numeric IS NULL OR s.total <= %(max)s::numeric)
            AND (%(hour)s::integer IS NULL OR s.hour = %(hour)s::integer)
            AND (%(weekday)s::integer IS NULL OR extract(isodow FROM s.day) = %(weekday)s::integer)
            AND (%(discounted)s::boolean IS FALSE OR s.discount_sum <> 0)
            AND (%(off)s::boolean IS FALSE OR s.difference <> 0)
            AND (
                %(cashier_id)s::text IS NULL
                OR coalesce(
                    (SELECT (SELECT cashier_id FROM (SELECT s.*) AS own) FROM (SELECT NULL::text AS cashier_id) AS absent), ''
                ) = %(cashier_id)s::text
            )
            AND (
                %(cashier)s::text IS NULL
                OR coalesce(
                    (SELECT (SELECT cashier FROM (SELECT s.*) AS own) FROM (SELECT NULL::text AS cashier) AS absent), ''
                ) = %(cashier)s::text
            )
            AND (
                %(shift)s::text IS NULL
                OR (SELECT (SELECT shift_id FROM (SELECT s.*) AS own) FROM (SELECT NULL::text AS shift_id) AS absent)
                    = %(shift)s::text
            )
            AND (%(till)s::uuid IS NULL OR s.till_id = %(till)s::uuid)
            AND (s.void IS NOT NULL OR NOT %(voided)s::boolean)
            AND CASE
                WHEN %(ascending)s::boolean THEN s.at >= coalesce(%(behind_at)s::timestamptz, '-infinity')
                ELSE s.at <= coalesce(%(behind_at)s::timestamptz, 'infinity')
            END
            AND (
                %(behind_at)s::timestamptz IS NULL
                OR CASE
                    WHEN %(ascending)s::boolean THEN (s.at, 'sale', s.sale_id, s.till_id, s.outlet_id) > (
                        %(behind_at)s::timestamptz, %(behind_kind)s::text, %(behind_id)s::text, %(behind_till)s::uuid,
                        %(behind_outlet)s::uuid
                    )
                    ELSE (s.at, 'sale', s.sale_id, s.till_id, s.outlet_id) < (
                        %(behind_at)s::timestamptz, %(behind_kind)s::text, %(behind_id)s::text, %(behind_till)s::uuid,
                        %(behind_outlet)s::uuid
                    )
                END
            )
        ORDER BY
            CASE WHEN %(ascending)s::boolean THEN s.at END, CASE WHEN %(ascending)s::boolean THEN s.sale_id END,
            CASE WHEN %(ascending)s::boolean THEN s.till_id END,
            CASE WHEN NOT %(ascending)s::boolean THEN s.at END DESC,
            CASE WHEN NOT %(ascending)s::boolean THEN s.sale_id END DESC,
            CASE WHEN NOT %(ascending)s::boolean THEN s.till_id END DESC
        LIMIT %(most)s
    )
    UNION ALL
    (
        SELECT
            'return', r.outlet_id, r.return_id, r.till_id, r.sale_id, r.return_id, r.at, r.day, jsonb_array_length(r.lines),
            0, 0, -r.amount, -r.difference, -CASE
                WHEN %(method)s::text IS NOT NULL THEN (
                    SELECT coalesce(sum((p ->> 'amount')::numeric), 0)
                    FROM jsonb_array_elements(r.refunds) p
                    WHERE p ->> 'method' = %(method)s::text
                )
                WHEN %(good)s::text IS NOT NULL THEN (
                    SELECT coalesce(sum((l ->> 'amount')::numeric), 0)
                    FROM jsonb_array_elements(r.lines) l
                    WHERE l ->> 'good_id' = %(good)s::text
                )
                WHEN %(category)s::text IS NOT NULL THEN (
                    SELECT coalesce(sum((l ->> 'amount')::numeric), 0)
                    FROM jsonb_array_elements(r.lines) l
                    WHERE ((r.outlet_id, l ->> 'good_id') IN (SELECT outlet_id, good_id FROM grouped)) = (%(category)s::text <> '')
                )
                WHEN %(tax)s::text IS NOT NULL THEN (
                    SELECT coalesce(sum((l ->> 'amount')::numeric - (l -> 'tax' ->> 'amount')::numeric), 0)
                    FROM jsonb_array_elements(r.lines) l
                    WHERE app.rate_value(l -> 'tax' ->> 'rate') = %(tax)s::text
                )
                ELSE r.amount
            END, r.void IS NOT NULL, r.fiscal_copy
        FROM returns_listed r
        WHERE
            r.outlet_id = w.outlet_id AND r.day BETWEEN w.first AND w.last
            AND r.at >= (w.first - 1)::timestamp AT TIME ZONE 'UTC' AND r.at < (w.last + 2)::timestamp AT TIME ZONE 'UTC'
            AND (w.before IS NULL OR r.day < w.last OR r.at < w.before)
            AND %(kind)s::text IN ('all', 'returns')
            AND (
                %(method)s::text IS NULL
                OR r.refunds @> (SELECT jsonb_build_array(jsonb_build_object('method', %(method)s::text)))
            )
            AND (%(good)s::text IS NULL OR r.lines @> (SELECT jsonb_build_array(jsonb_build_object('good_id', %(good)s::text))))
            AND (
                %(category)s::text IS NULL
                OR EXISTS (
                    SELECT
                    FROM jsonb_array_elements(r.lines) l
                    WHERE ((r.outlet_id, l ->> 'good_id') IN (SELECT outlet_id, good_id FROM grouped)) = (%(category)s::text <> '')
                )
            )
            AND (
                %(tax)s::text IS NULL
                OR EXISTS (
                    SELECT FROM jsonb_array_elements(r.lines) l WHERE app.rate_value(l -> 'tax' ->> 'rate') = %(tax)s::text
                )
            )
            AND (
                %(contact)s::text IS NULL
                OR (
                    (r.outlet_id, r.sale_id) IN (SELECT outlet_id, sale_id FROM bought)
                    AND %(contact)s::text = (
                        SELECT o.contact_id
                        FROM sales_listed o
                        WHERE o.outlet_id = r.outlet_id AND o.sale_id = r.sale_id AND o.at <= r.at
                        ORDER BY o.till_id = r.till_id DESC, o.at DESC, o.till_id DESC
                        LIMIT 1
                    )
                )
            )
            AND (%(number)s::text IS NULL OR strpos(lower(r.return_id), lower(%(number)s::text)) > 0)
            AND (%(min)s::numeric IS NULL OR r.amount >= %(min)s::numeric)
            AND (%(max)s::numeric IS NULL OR r.amount <= %(max)s::numeric)
            AND (%(hour)s::integer IS NULL OR r.hour = %(hour)s::integer)
            AND (%(weekday)s::integer IS NULL OR extract(isodow FROM r.day) = %(weekday)s::integer)
            AND NOT %(discounted)s::boolean
            AND (%(off)s::boolean IS FALSE OR r.difference <> 0)
            AND (
                %(cashier_id)s::text IS NULL
                OR coalesce(
                    (SELECT (SELECT cashier_id FROM (SELECT r.*) AS own) FROM (SELECT NULL::text AS cashier_id) AS absent), ''
                ) = %(cashier_id)s::text
            )
            AND (
                %(cashier)s::text IS NULL
                OR coalesce(
                    (SELECT (SELECT cashier FROM (SELECT r.*) AS own) FROM (SELECT NULL::text AS cashier) AS absent), ''
                ) = %(cashier)s::text
            )
            AND (
                %(shift)s::text IS NULL
                OR (SELECT (SELECT shift_id FROM (SELECT r.*) AS own) FROM (SELECT NULL::text AS shift_id) AS absent)
                    = %(shift)s::text
            )
            AND (%(till)s::uuid IS NULL OR r.till_id = %(till)s::uuid)
            AND (r.void IS NOT NULL OR NOT %(voided)s::boolean)
            AND CASE
                WHEN %(ascending)s::boolean THEN r.at >= coalesce(%(behind_at)s::timestamptz, '-infinity')
                ELSE r.at <= coalesce(%(behind_at)s::timestamptz, 'infinity')
            END
            AND (
                %(behind_at)s::timestamptz IS NULL
                OR CASE
                    WHEN %(ascending)s::boolean THEN (r.at, 'return', r.return_id, r.till_id, r.outlet_id) > (
                        %(behind_at)s::timestamptz, %(behind_kind)s::text, %(behind_id)s::text, %(behind_till)s::uuid,
                        %(behind_outlet)s::uuid
                    )
                    ELSE (r.at, 'return', r.return_id, r.till_id, r.outlet_id) < (
                        %(behind_at)s::timestamptz, %(behind_kind)s::text, %(behind_id)s::text, %(behind_till)s::uuid,
                        %(behind_outlet)s::uuid
                    )
                END
            )
        ORDER BY
            CASE WHEN %(ascending)s::boolean THEN r.at END, CASE WHEN %(ascending)s::boolean THEN r.return_id END,
            CASE WHEN %(ascending)s::boolean THEN r.till_id END,
            CASE WHEN NOT %(ascending)s::boolean THEN r.at END DESC,
            CASE WHEN NOT %(ascending)s::boolean THEN r.return_id END DESC,
            CASE WHEN NOT %(ascending)s::boolean THEN r.till_id END DESC
        LIMIT %(most)s
    )
) d;

-- name: totals
-- By day, since the list has each day's sum in its heading, whichever page of it is shown.
WITH grouped AS MATERIALIZED (
    SELECT outlet_id, good_id
    FROM goods
    WHERE outlet_id = ANY (%(outlets)s::uuid[]) AND (category = %(category)s::text) = (%(category)s::text <> '')
), bought AS MATERIALIZED (
    SELECT outlet_id, sale_id
    FROM sales_standing
    WHERE outlet_id = ANY (%(outlets)s::uuid[]) AND contact_id = %(contact)s::text
)
SELECT
    day, count(*) FILTER (WHERE kind = 'sale'), count(*) FILTER (WHERE kind = 'return'), coalesce(sum(positions), 0),
    coalesce(sum(goods_sum), 0), coalesce(sum(discount_sum), 0), coalesce(sum(total), 0),
    coalesce(sum(greatest(difference, 0)), 0), coalesce(sum(greatest(-difference, 0)), 0), coalesce(sum(part), 0), coalesce(sum(quantity), 0)
FROM (
    SELECT
        s.day, 'sale' AS kind, s.positions, s.goods_sum, s.discount_sum, s.total, s.difference, CASE
            WHEN %(method)s::text IS NOT NULL THEN (
                SELECT coalesce(sum((p ->> 'amount')::numeric), 0)
                FROM jsonb_array_elements(s.payments) p
                WHERE p ->> 'method' = %(method)s::text
            ) - CASE WHEN %(method)s::text = 'cash' THEN s.change ELSE 0 END
            WHEN %(good)s::text IS NOT NULL THEN (
                SELECT coalesce(
                    sum(
                            coalesce(
                                (l ->> 'sum')::numeric,
                                round((l ->> 'quantity')::numeric * (l ->> 'price')::numeric, 2) - (l ->> 'discount')::numeric
                            ) + CASE WHEN (l -> 'tax' ->> 'on_top')::boolean THEN (l -> 'tax' ->> 'amount')::numeric ELSE 0 END
                        ),
                    0
                )
                FROM jsonb_array_elements(s.lines) l
                WHERE l ->> 'good_id' = %(good)s::text
            )
            WHEN %(category)s::text IS NOT NULL THEN (
                SELECT coalesce(
                    sum(
                            coalesce(
                                (l ->> 'sum')::numeric,
                                round((l ->> 'quantity')::numeric * (l ->> 'price')::numeric, 2) - (l ->> 'discount')::numeric
                            ) + CASE WHEN (l -> 'tax' ->> 'on_top')::boolean THEN (l -> 'tax' ->> 'amount')::numeric ELSE 0 END
                        ),
                    0
                )
                FROM jsonb_array_elements(s.lines) l
                WHERE ((s.outlet_id, l ->> 'good_id') IN (SELECT outlet_id, good_id FROM grouped)) = (%(category)s::text <> '')
            )
            WHEN %(tax)s::text IS NOT NULL THEN (
                SELECT coalesce(
                    sum(
                        coalesce(
                            (l ->> 'sum')::numeric,
                            round((l ->> 'quantity')::numeric * (l ->> 'price')::numeric, 2) - (l ->> 'discount')::numeric
                        ) - CASE WHEN (l -> 'tax' ->> 'on_top')::boolean THEN 0 ELSE (l -> 'tax' ->> 'amount')::numeric END
                    ),
                    0
                )
                FROM jsonb_array_elements(s.lines) l
                WHERE app.rate_value(l -> 'tax' ->> 'rate') = %(tax)s::text
            )
            ELSE s.total
        END AS part, CASE
            WHEN %(good)s::text IS NOT NULL THEN (
                SELECT coalesce(sum((l ->> 'quantity')::numeric), 0)
                FROM jsonb_array_elements(s.lines) l
                WHERE l ->> 'good_id' = %(good)s::text
            )
            WHEN %(category)s::text IS NOT NULL THEN (
                SELECT coalesce(sum((l ->> 'quantity')::numeric), 0)
                FROM jsonb_array_elements(s.lines) l
                WHERE ((s.outlet_id, l ->> 'good_id') IN (SELECT outlet_id, good_id FROM grouped)) = (%(category)s::text <> '')
            )
            WHEN %(tax)s::text IS NOT NULL THEN (
                SELECT coalesce(sum((l -> 'tax' ->> 'amount')::numeric), 0)
                FROM jsonb_array_elements(s.lines) l
                WHERE app.rate_value(l -> 'tax' ->> 'rate') = %(tax)s::text
            )
        END AS quantity
    FROM unnest(%(outlets)s::uuid[], %(firsts)s::date[], %(lasts)s::date[], %(befores)s::timestamptz[])
        AS w (outlet_id, first, last, before)
    CROSS JOIN LATERAL (
        SELECT *
        FROM sales_standing s
        WHERE s.outlet_id = w.outlet_id AND s.day BETWEEN w.first AND w.last
            AND s.at >= (w.first - 1)::timestamp AT TIME ZONE 'UTC' AND s.at < (w.last + 2)::timestamp AT TIME ZONE 'UTC'
            AND (w.before IS NULL OR s.day < w.last OR s.at < w.before)
            AND %(kind)s::text IN ('all', 'sales')
            AND (
                %(method)s::text IS NULL
                OR s.payments @> (SELECT jsonb_build_array(jsonb_build_object('method', %(method)s::text)))
                OR (%(method)s::text = 'cash' AND s.change <> 0)
            )
            AND (%(good)s::text IS NULL OR s.lines @> (SELECT jsonb_build_array(jsonb_build_object('good_id', %(good)s::text))))
            AND (
                %(category)s::text IS NULL
                OR EXISTS (
                    SELECT
                    FROM jsonb_array_elements(s.lines) l
                    WHERE ((s.outlet_id, l ->> 'good_id') IN (SELECT outlet_id, good_id FROM grouped)) = (%(category)s::text <> '')
                )
            )
            AND (
                %(tax)s::text IS NULL
                OR EXISTS (
                    SELECT FROM jsonb_array_elements(s.lines) l WHERE app.rate_value(l -> 'tax' ->> 'rate') = %(tax)s::text
                )
            )
            AND (%(contact)s::text IS NULL OR s.contact_id = %(contact)s::text)
            AND (%(number)s::text IS NULL OR strpos(lower(s.number), lower(%(number)s::text)) > 0)
            AND (%(min)s::numeric IS NULL OR s.total >= %(min)s::numeric)
            AND (%(max)s::numeric IS NULL OR s.total <= %(max)s::numeric)
            AND (%(hour)s::integer IS NULL OR s.hour = %(hour)s::integer)
            AND (%(weekday)s::integer IS NULL OR extract(isodow FROM s.day) = %(weekday)s::integer)
            AND (%(discounted)s::boolean IS FALSE OR s.discount_sum <> 0)
            AND (%(off)s::boolean IS FALSE OR s.difference <> 0)
            AND (
                %(cashier_id)s::text IS NULL
                OR coalesce(
                    (SELECT (SELECT cashier_id FROM (SELECT s.*) AS own) FROM (SELECT NULL::text AS cashier_id) AS absent), ''
                ) = %(cashier_id)s::text
            )
            AND (
                %(cashier)s::text IS NULL
                OR coalesce(
                    (SELECT (SELECT cashier FROM (SELECT s.*) AS own) FROM (SELECT NULL::text AS cashier) AS absent), ''
                ) = %(cashier)s::text
            )
            AND (
                %(shift)s::text IS NULL
                OR (SELECT (SELECT shift_id FROM (SELECT s.*) AS own) FROM (SELECT NULL::text AS shift_id) AS absent)
                    = %(shift)s::text
            )
            AND (%(till)s::uuid IS NULL OR s.till_id = %(till)s::uuid)
        OFFSET 0
    ) s
    UNION ALL
    SELECT
        r.day, 'return', jsonb_array_length(r.lines), 0, 0, -r.amount, -r.difference, -CASE
            WHEN %(method)s::text IS NOT NULL THEN (
                SELECT coalesce(sum((p ->> 'amount')::numeric), 0)
                FROM jsonb_array_elements(r.refunds) p
                WHERE p ->> 'method' = %(method)s::text
            )
            WHEN %(good)s::text IS NOT NULL THEN (
                SELECT coalesce(sum((l ->> 'amount')::numeric), 0)
                FROM jsonb_array_elements(r.lines) l
                WHERE l ->> 'good_id' = %(good)s::text
            )
            WHEN %(category)s::text IS NOT NULL THEN (
                SELECT coalesce(sum((l ->> 'amount')::numeric), 0)
                FROM jsonb_array_elements(r.lines) l
                WHERE ((r.outlet_id, l ->> 'good_id') IN (SELECT outlet_id, good_id FROM grouped)) = (%(category)s::text <> '')
            )
            WHEN %(tax)s::text IS NOT NULL THEN (
                SELECT coalesce(sum((l ->> 'amount')::numeric - (l -> 'tax' ->> 'amount')::numeric), 0)
                FROM jsonb_array_elements(r.lines) l
                WHERE app.rate_value(l -> 'tax' ->> 'rate') = %(tax)s::text
            )
            ELSE r.amount
        END, -CASE
            WHEN %(good)s::text IS NOT NULL THEN (
                SELECT coalesce(sum((l ->> 'quantity')::numeric), 0)
                FROM jsonb_array_elements(r.lines) l
                WHERE l ->> 'good_id' = %(good)s::text
            )
            WHEN %(category)s::text IS NOT NULL THEN (
                SELECT coalesce(sum((l ->> 'quantity')::numeric), 0)
                FROM jsonb_array_elements(r.lines) l
                WHERE ((r.outlet_id, l ->> 'good_id') IN (SELECT outlet_id, good_id FROM grouped)) = (%(category)s::text <> '')
            )
            WHEN %(tax)s::text IS NOT NULL THEN (
                SELECT coalesce(sum((l -> 'tax' ->> 'amount')::numeric), 0)
                FROM jsonb_array_elements(r.lines) l
                WHERE app.rate_value(l -> 'tax' ->> 'rate') = %(tax)s::text
            )
        END
    FROM unnest(%(outlets)s::uuid[], %(firsts)s::date[], %(lasts)s::date[], %(befores)s::timestamptz[])
        AS w (outlet_id, first, last, before)
    CROSS JOIN LATERAL (
        SELECT *
        FROM returns_standing r
        WHERE r.outlet_id = w.outlet_id AND r.day BETWEEN w.first AND w.last
            AND r.at >= (w.first - 1)::timestamp AT TIME ZONE 'UTC' AND r.at < (w.last + 2)::timestamp AT TIME ZONE 'UTC'
            AND (w.before IS NULL OR r.day < w.last OR r.at < w.before)
            AND %(kind)s::text IN ('all', 'returns')
            AND (
                %(method)s::text IS NULL
                OR r.refunds @> (SELECT jsonb_build_array(jsonb_build_object('method', %(method)s::text)))
            )
            AND (%(good)s::text IS NULL OR r.lines @> (SELECT jsonb_build_array(jsonb_build_object('good_id', %(good)s::text))))
            AND (
                %(category)s::text IS NULL
                OR EXISTS (
                    SELECT
                    FROM jsonb_array_elements(r.lines) l
                    WHERE ((r.outlet_id, l ->> 'good_id') IN (SELECT outlet_id, good_id FROM grouped)) = (%(category)s::text <> '')
                )
            )
            AND (
                %(tax)s::text IS NULL
                OR EXISTS (
                    SELECT FROM jsonb_array_elements(r.lines) l WHERE app.rate_value(l -> 'tax' ->> 'rate') = %(tax)s::text
                )
            )
            AND (
                %(contact)s::text IS NULL
                OR (
                    (r.outlet_id, r.sale_id) IN (SELECT outlet_id, sale_id FROM bought)
                    AND %(contact)s::text = (
                        SELECT o.contact_id
                        FROM sales_listed o
                        WHERE o.outlet_id = r.outlet_id AND o.sale_id = r.sale_id AND o.at <= r.at
                        ORDER BY o.till_id = r.till_id DESC, o.at DESC, o.till_id DESC
                        LIMIT 1
                    )
                )
            )
            AND (%(number)s::text IS NULL OR strpos(lower(r.return_id), lower(%(number)s::text)) > 0)
            AND (%(min)s::numeric IS NULL OR r.amount >= %(min)s::numeric)
            AND (%(max)s::numeric IS NULL OR r.amount <= %(max)s::numeric)
            AND (%(hour)s::integer IS NULL OR r.hour = %(hour)s::integer)
            AND (%(weekday)s::integer IS NULL OR extract(isodow FROM r.day) = %(weekday)s::integer)
            AND NOT %(discounted)s::boolean
            AND (%(off)s::boolean IS FALSE OR r.difference <> 0)
            AND (
                %(cashier_id)s::text IS NULL
                OR coalesce(
                    (SELECT (SELECT cashier_id FROM (SELECT r.*) AS own) FROM (SELECT NULL::text AS cashier_id) AS absent), ''
                ) = %(cashier_id)s::text
            )
            AND (
                %(cashier)s::text IS NULL
                OR coalesce(
                    (SELECT (SELECT cashier FROM (SELECT r.*) AS own) FROM (SELECT NULL::text AS cashier) AS absent), ''
                ) = %(cashier)s::text
            )
            AND (
                %(shift)s::text IS NULL
                OR (SELECT (SELECT shift_id FROM (SELECT r.*) AS own) FROM (SELECT NULL::text AS shift_id) AS absent)
                    = %(shift)s::text
            )
            AND (%(till)s::uuid IS NULL OR r.till_id = %(till)s::uuid)
        OFFSET 0
    ) r
) d
GROUP BY day;

-- name: sold
-- What a good, or the goods of a group, brought by the days, and how much of it was sold, returns taken off: what the reports
-- tell, for a list of more receipts than are added up on a page. No row where something was sold that is no revenue, which
-- the receipts have as well. By one good the index is searched once a day.
WITH grouped AS MATERIALIZED (
    SELECT outlet_id, good_id
    FROM goods
    WHERE outlet_id = ANY (%(outlets)s::uuid[]) AND (category = %(category)s::text) = (%(category)s::text <> '')
)
SELECT
    coalesce(sum(q.revenue) FILTER (WHERE %(kind)s::text <> 'returns'), 0)
    - coalesce(sum(q.returned_sum) FILTER (WHERE %(kind)s::text <> 'sales'), 0),
    coalesce(sum(q.quantity) FILTER (WHERE %(kind)s::text <> 'returns'), 0)
    - coalesce(sum(q.returned_quantity) FILTER (WHERE %(kind)s::text <> 'sales'), 0)
FROM unnest(%(outlets)s::uuid[], %(firsts)s::date[], %(lasts)s::date[]) AS w (outlet_id, first, last)
CROSS JOIN LATERAL (
    SELECT s.revenue, s.quantity, s.returned_sum, s.returned_quantity
    FROM sold s
    WHERE s.outlet_id = w.outlet_id AND s.day BETWEEN w.first AND w.last
        AND (%(good)s::text IS NULL OR s.good_id = %(good)s::text)
        AND (
            %(category)s::text IS NULL
            OR ((s.outlet_id, s.good_id) IN (SELECT outlet_id, good_id FROM grouped)) = (%(category)s::text <> '')
        )
    OFFSET 0
) q
HAVING NOT EXISTS (
    SELECT
    FROM unnest(%(outlets)s::uuid[], %(firsts)s::date[], %(lasts)s::date[]) AS w (outlet_id, first, last)
    JOIN daily d ON d.outlet_id = w.outlet_id AND d.day BETWEEN w.first AND w.last
    CROSS JOIN (SELECT 0 AS advances_sum, 0 AS tips_sum, 0 AS debts_sum) absent  -- see sums.sql
    WHERE (SELECT advances_sum <> 0 OR tips_sum <> 0 OR debts_sum <> 0 FROM (SELECT d.*) AS own)
);

-- name: method
SELECT coalesce(sum(p.amount), 0)
FROM unnest(%(outlets)s::uuid[], %(firsts)s::date[], %(lasts)s::date[], %(befores)s::timestamptz[])
    AS w (outlet_id, first, last, before)
JOIN payments p ON p.outlet_id = w.outlet_id AND p.day BETWEEN w.first AND w.last AND p.method = %(method)s;

-- name: hours
-- Revenue by the hour is what receipts come to where nothing was sold that is no revenue; NULL where there was.
SELECT CASE
    WHEN NOT EXISTS (
        SELECT
        FROM unnest(%(outlets)s::uuid[], %(firsts)s::date[], %(lasts)s::date[]) AS w (outlet_id, first, last)
        JOIN daily d ON d.outlet_id = w.outlet_id AND d.day BETWEEN w.first AND w.last
        CROSS JOIN (SELECT 0 AS advances_sum, 0 AS tips_sum, 0 AS debts_sum) absent  -- see sums.sql
        WHERE (SELECT advances_sum <> 0 OR tips_sum <> 0 OR debts_sum <> 0 FROM (SELECT d.*) AS own)
    ) THEN coalesce(sum(h.revenue), 0)
END
FROM unnest(%(outlets)s::uuid[], %(firsts)s::date[], %(lasts)s::date[], %(befores)s::timestamptz[])
    AS w (outlet_id, first, last, before)
JOIN hourly h ON h.outlet_id = w.outlet_id AND h.day BETWEEN w.first AND w.last
WHERE h.hour = %(hour)s AND (%(weekday)s::integer IS NULL OR extract(isodow FROM h.day) = %(weekday)s::integer);
