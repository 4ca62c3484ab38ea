-- For each outlet and kind of event one upload, or the part of one, that was folded into the live read models. Where many
-- records are set aside, a worker folds these once more: a program that can't is broken, whoever sent the others.
CREATE TABLE app.witnesses (
    outlet_id uuid NOT NULL,
    kind text NOT NULL,
    till_id uuid NOT NULL,
    run uuid NOT NULL,
    first_seq bigint NOT NULL,
    last_seq bigint NOT NULL,
    partition integer,  -- NULL: that of the outlet's id
    log_offset bigint NOT NULL,
    log_time timestamptz NOT NULL,
    PRIMARY KEY (outlet_id, kind)
);

-- What is there already is known by each outlet's latest receipt.
DO $$
BEGIN
    EXECUTE (
        SELECT format(
            'INSERT INTO app.witnesses'
            ' SELECT s.outlet_id, ''sale.registered'', s.till_id, s.run, s.seq, s.seq, NULL, s.log_offset, coalesce(s.log_time, s.at)'
            ' FROM app.outlets o CROSS JOIN LATERAL ('
            '  SELECT * FROM %I.sales s WHERE s.outlet_id = o.outlet_id ORDER BY s.at DESC LIMIT 1) s',
            schema_name)
        FROM app.generations WHERE state = 'live'
    );
EXCEPTION WHEN null_value_not_allowed THEN
    NULL;  -- a new database has no generation yet
END
$$;
