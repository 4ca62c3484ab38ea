-- name: outlet
-- Whether there is such an outlet.
SELECT FROM app.outlets WHERE outlet_id = %(outlet)s;
