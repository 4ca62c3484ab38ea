-- A rate of tax by its value, as the read models have it (projections.models.positions): "20.0" is "20"; "20/120" and "none"
-- are rates of their own.
CREATE FUNCTION app.rate_value(rate text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT string_agg(CASE WHEN part = 'none' THEN part ELSE trim_scale(part::numeric)::text END, '/' ORDER BY n)
    FROM string_to_table(rate, '/') WITH ORDINALITY AS parts (part, n)
$$;
