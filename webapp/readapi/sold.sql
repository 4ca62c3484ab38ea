-- name: sold_by_good
-- The goods of a page; names are looked up for those alone.
SELECT
    p.good_id AS key, coalesce(g.name, n.name, p.good_id) AS name, coalesce(g.category, '') AS category, p.quantity,
    p.revenue, p.returned_quantity, p.returned_sum, p.cost_sum, p.cost_known_sum
FROM (
    SELECT
        good_id, sum(quantity) AS quantity, sum(revenue) AS revenue, sum(returned_quantity) AS returned_quantity,
        sum(returned_sum) AS returned_sum, sum(cost_sum) AS cost_sum, sum(cost_known_sum) AS cost_known_sum
    FROM sold
    WHERE outlet_id = %(outlet)s
        AND day BETWEEN coalesce(%(from)s::date, '-infinity') AND coalesce(%(to)s::date, 'infinity')
    GROUP BY good_id
    HAVING (sum(quantity) <> 0 OR sum(returned_quantity) <> 0)
        AND (
            %(after_revenue)s::numeric IS NULL
            OR (-sum(revenue), good_id) > (-%(after_revenue)s::numeric, %(after_key)s::text)
        )
    ORDER BY sum(revenue) DESC, good_id
    LIMIT %(limit)s
) p
LEFT JOIN goods g ON g.outlet_id = %(outlet)s AND g.good_id = p.good_id
LEFT JOIN good_names n ON n.outlet_id = %(outlet)s AND n.good_id = p.good_id
ORDER BY p.revenue DESC, p.good_id;

-- name: sold_by_category
SELECT
    coalesce(g.category, '') AS key, NULL AS name, coalesce(g.category, '') AS category, sum(p.quantity) AS quantity,
    sum(p.revenue) AS revenue, sum(p.returned_quantity) AS returned_quantity, sum(p.returned_sum) AS returned_sum,
    sum(p.cost_sum) AS cost_sum, sum(p.cost_known_sum) AS cost_known_sum
FROM (
    SELECT
        good_id, sum(quantity) AS quantity, sum(revenue) AS revenue, sum(returned_quantity) AS returned_quantity,
        sum(returned_sum) AS returned_sum, sum(cost_sum) AS cost_sum, sum(cost_known_sum) AS cost_known_sum
    FROM sold
    WHERE outlet_id = %(outlet)s
        AND day BETWEEN coalesce(%(from)s::date, '-infinity') AND coalesce(%(to)s::date, 'infinity')
    GROUP BY good_id
    HAVING sum(quantity) <> 0 OR sum(returned_quantity) <> 0
) p
LEFT JOIN goods g ON g.outlet_id = %(outlet)s AND g.good_id = p.good_id
GROUP BY coalesce(g.category, '')
HAVING %(after_revenue)s::numeric IS NULL
    OR (-sum(p.revenue), coalesce(g.category, '')) > (-%(after_revenue)s::numeric, %(after_key)s::text)
ORDER BY sum(p.revenue) DESC, coalesce(g.category, '')
LIMIT %(limit)s;
