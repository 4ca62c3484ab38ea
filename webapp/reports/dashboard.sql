-- name: recent_days
SELECT d.outlet_id, d.day, d.revenue
FROM unnest(%(outlets)s::uuid[], %(firsts)s::date[], %(lasts)s::date[]) AS w (outlet_id, first, last)
JOIN daily d ON d.outlet_id = w.outlet_id AND d.day BETWEEN w.first AND w.last;
