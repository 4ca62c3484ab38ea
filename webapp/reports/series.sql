-- name: span
SELECT min(d.day), max(d.day)
FROM unnest(%(outlets)s::uuid[], %(firsts)s::date[], %(lasts)s::date[]) AS w (outlet_id, first, last)
JOIN daily d ON d.outlet_id = w.outlet_id AND d.day BETWEEN w.first AND w.last
WHERE d.sales <> 0 OR d.returns <> 0;

-- name: by_day
SELECT date_trunc(%(unit)s::text, d.day::timestamp), sum(d.revenue), sum(d.sales)::integer
FROM unnest(%(outlets)s::uuid[], %(firsts)s::date[], %(lasts)s::date[]) AS w (outlet_id, first, last)
JOIN daily d ON d.outlet_id = w.outlet_id AND d.day BETWEEN w.first AND w.last
GROUP BY 1;

-- name: by_hour
SELECT h.day + make_interval(hours => h.hour), sum(h.revenue), sum(h.sales)::integer
FROM unnest(%(outlets)s::uuid[], %(firsts)s::date[], %(lasts)s::date[]) AS w (outlet_id, first, last)
JOIN hourly h ON h.outlet_id = w.outlet_id AND h.day BETWEEN w.first AND w.last
GROUP BY 1;
