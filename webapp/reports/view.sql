-- name: sold
-- Which of the outlets have sold anything, for pages of an outlet's first day.
SELECT outlet_id FROM outlet_totals WHERE outlet_id = ANY (%(outlets)s) AND sales > 0;
