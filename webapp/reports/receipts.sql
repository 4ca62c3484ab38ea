-- Receipts: sales and returns as one list. The three statements share their conditions; a test holds the sums of
-- `totals` to those of the rows. The bounds on `at` repeat those on `day` in a form that the index serves; a local day
-- lies within a day of the same UTC day. `part` is what the receipt adds to the figure asked for: the amount of a
-- payment method, of a good or of a group of goods ('' for those without), else its whole total; a return's is
-- negative. On `OFFSET 0` see sums.sql. What is looked for in a document is built once, in a subquery of its own: beside
-- the operator it would be built for every row.

-- name: rows
SELECT d.*
FROM unnest(%(outlets)s::uuid[], %(firsts)s::date[], %(lasts)s::date[], %(befores)s::timestamptz[])
    AS w (outlet_id, first, last, before)
CROSS JOIN LATERAL (
    (
        SELECT
            'sale' AS kind, s.outlet_id, s.sale_id AS id, s.till_id, s.sale_id, s.number, s.at, s.positions,
            s.goods_sum, s.discount_sum, s.total, s.difference, CASE
                WHEN %(method)s::text IS NOT NULL THEN (
                    SELECT coalesce(sum((p ->> 'amount')::numeric), 0)
                    FROM jsonb_array_elements(s.payments) p
                    WHERE p ->> 'method' = %(method)s::text
                ) - CASE WHEN %(method)s::text = 'cash' THEN s.change ELSE 0 END
                WHEN %(good)s::text IS NOT NULL THEN (
                    SELECT coalesce(
                        sum(round((l ->> 'quantity')::numeric * (l ->> 'price')::numeric, 2) - (l ->> 'discount')::numeric),
                        0
                    )
                    FROM jsonb_array_elements(s.lines) l
                    WHERE l ->> 'good_id' = %(good)s::text
                )
                WHEN %(category)s::text IS NOT NULL THEN (
                    SELECT coalesce(
                        sum(round((l ->> 'quantity')::numeric * (l ->> 'price')::numeric, 2) - (l ->> 'discount')::numeric),
                        0
                    )
                    FROM jsonb_array_elements(s.lines) l
                    LEFT JOIN goods g ON g.outlet_id = s.outlet_id AND g.good_id = l ->> 'good_id'
                    WHERE coalesce(g.category, '') = %(category)s::text
                )
                ELSE s.total
            END AS part
        FROM sales s
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
                    LEFT JOIN goods g ON g.outlet_id = s.outlet_id AND g.good_id = l ->> 'good_id'
                    WHERE coalesce(g.category, '') = %(category)s::text
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
            AND s.at <= coalesce(%(after_at)s::timestamptz, 'infinity')
            AND (
                %(after_at)s::timestamptz IS NULL
                OR (s.at, 'sale', s.sale_id, s.till_id, s.outlet_id) < (
                    %(after_at)s::timestamptz, %(after_kind)s::text, %(after_id)s::text, %(after_till)s::uuid,
                    %(after_outlet)s::uuid
                )
            )
        ORDER BY s.at DESC, s.sale_id DESC, s.till_id DESC
        LIMIT %(limit)s
    )
    UNION ALL
    (
        SELECT
            'return', r.outlet_id, r.return_id, r.till_id, r.sale_id, r.return_id, r.at, jsonb_array_length(r.lines),
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
                    LEFT JOIN goods g ON g.outlet_id = r.outlet_id AND g.good_id = l ->> 'good_id'
                    WHERE coalesce(g.category, '') = %(category)s::text
                )
                ELSE r.amount
            END
        FROM returns r
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
                    LEFT JOIN goods g ON g.outlet_id = r.outlet_id AND g.good_id = l ->> 'good_id'
                    WHERE coalesce(g.category, '') = %(category)s::text
                )
            )
            AND %(contact)s::text IS NULL
            AND (%(number)s::text IS NULL OR strpos(lower(r.return_id), lower(%(number)s::text)) > 0)
            AND (%(min)s::numeric IS NULL OR r.amount >= %(min)s::numeric)
            AND (%(max)s::numeric IS NULL OR r.amount <= %(max)s::numeric)
            AND (%(hour)s::integer IS NULL OR r.hour = %(hour)s::integer)
            AND (%(weekday)s::integer IS NULL OR extract(isodow FROM r.day) = %(weekday)s::integer)
            AND NOT %(discounted)s::boolean
            AND (%(off)s::boolean IS FALSE OR r.difference <> 0)
            AND r.at <= coalesce(%(after_at)s::timestamptz, 'infinity')
            AND (
                %(after_at)s::timestamptz IS NULL
                OR (r.at, 'return', r.return_id, r.till_id, r.outlet_id) < (
                    %(after_at)s::timestamptz, %(after_kind)s::text, %(after_id)s::text, %(after_till)s::uuid,
                    %(after_outlet)s::uuid
                )
            )
        ORDER BY r.at DESC, r.return_id DESC, r.till_id DESC
        LIMIT %(limit)s
    )
) d
ORDER BY d.at DESC, d.kind DESC, d.id DESC, d.till_id DESC, d.outlet_id DESC
LIMIT %(limit)s;

-- name: totals
SELECT
    count(*) FILTER (WHERE kind = 'sale'), count(*) FILTER (WHERE kind = 'return'), coalesce(sum(positions), 0),
    coalesce(sum(goods_sum), 0), coalesce(sum(discount_sum), 0), coalesce(sum(total), 0),
    coalesce(sum(difference), 0), coalesce(sum(part), 0), coalesce(sum(quantity), 0)
FROM (
    SELECT
        'sale' AS kind, s.positions, s.goods_sum, s.discount_sum, s.total, s.difference, CASE
            WHEN %(method)s::text IS NOT NULL THEN (
                SELECT coalesce(sum((p ->> 'amount')::numeric), 0)
                FROM jsonb_array_elements(s.payments) p
                WHERE p ->> 'method' = %(method)s::text
            ) - CASE WHEN %(method)s::text = 'cash' THEN s.change ELSE 0 END
            WHEN %(good)s::text IS NOT NULL THEN (
                SELECT coalesce(
                    sum(round((l ->> 'quantity')::numeric * (l ->> 'price')::numeric, 2) - (l ->> 'discount')::numeric),
                    0
                )
                FROM jsonb_array_elements(s.lines) l
                WHERE l ->> 'good_id' = %(good)s::text
            )
            WHEN %(category)s::text IS NOT NULL THEN (
                SELECT coalesce(
                    sum(round((l ->> 'quantity')::numeric * (l ->> 'price')::numeric, 2) - (l ->> 'discount')::numeric),
                    0
                )
                FROM jsonb_array_elements(s.lines) l
                LEFT JOIN goods g ON g.outlet_id = s.outlet_id AND g.good_id = l ->> 'good_id'
                WHERE coalesce(g.category, '') = %(category)s::text
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
                LEFT JOIN goods g ON g.outlet_id = s.outlet_id AND g.good_id = l ->> 'good_id'
                WHERE coalesce(g.category, '') = %(category)s::text
            )
        END AS quantity
    FROM unnest(%(outlets)s::uuid[], %(firsts)s::date[], %(lasts)s::date[], %(befores)s::timestamptz[])
        AS w (outlet_id, first, last, before)
    CROSS JOIN LATERAL (
        SELECT *
        FROM sales s
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
                    LEFT JOIN goods g ON g.outlet_id = s.outlet_id AND g.good_id = l ->> 'good_id'
                    WHERE coalesce(g.category, '') = %(category)s::text
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
        OFFSET 0
    ) s
    UNION ALL
    SELECT
        'return', jsonb_array_length(r.lines), 0, 0, -r.amount, -r.difference, -CASE
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
                LEFT JOIN goods g ON g.outlet_id = r.outlet_id AND g.good_id = l ->> 'good_id'
                WHERE coalesce(g.category, '') = %(category)s::text
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
                LEFT JOIN goods g ON g.outlet_id = r.outlet_id AND g.good_id = l ->> 'good_id'
                WHERE coalesce(g.category, '') = %(category)s::text
            )
        END
    FROM unnest(%(outlets)s::uuid[], %(firsts)s::date[], %(lasts)s::date[], %(befores)s::timestamptz[])
        AS w (outlet_id, first, last, before)
    CROSS JOIN LATERAL (
        SELECT *
        FROM returns r
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
                    LEFT JOIN goods g ON g.outlet_id = r.outlet_id AND g.good_id = l ->> 'good_id'
                    WHERE coalesce(g.category, '') = %(category)s::text
                )
            )
            AND %(contact)s::text IS NULL
            AND (%(number)s::text IS NULL OR strpos(lower(r.return_id), lower(%(number)s::text)) > 0)
            AND (%(min)s::numeric IS NULL OR r.amount >= %(min)s::numeric)
            AND (%(max)s::numeric IS NULL OR r.amount <= %(max)s::numeric)
            AND (%(hour)s::integer IS NULL OR r.hour = %(hour)s::integer)
            AND (%(weekday)s::integer IS NULL OR extract(isodow FROM r.day) = %(weekday)s::integer)
            AND NOT %(discounted)s::boolean
            AND (%(off)s::boolean IS FALSE OR r.difference <> 0)
        OFFSET 0
    ) r
) d;

-- name: method
SELECT coalesce(sum(p.amount), 0)
FROM unnest(%(outlets)s::uuid[], %(firsts)s::date[], %(lasts)s::date[], %(befores)s::timestamptz[])
    AS w (outlet_id, first, last, before)
JOIN payments p ON p.outlet_id = w.outlet_id AND p.day BETWEEN w.first AND w.last AND p.method = %(method)s;

-- name: hours
SELECT coalesce(sum(h.revenue), 0)
FROM unnest(%(outlets)s::uuid[], %(firsts)s::date[], %(lasts)s::date[], %(befores)s::timestamptz[])
    AS w (outlet_id, first, last, before)
JOIN hourly h ON h.outlet_id = w.outlet_id AND h.day BETWEEN w.first AND w.last
WHERE h.hour = %(hour)s AND (%(weekday)s::integer IS NULL OR extract(isodow FROM h.day) = %(weekday)s::integer);
