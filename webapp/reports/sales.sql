-- name: good_name
SELECT name FROM goods WHERE outlet_id = ANY (%(outlets)s) AND good_id = %(good)s ORDER BY outlet_id LIMIT 1;
