-- Outlets for trying: in no total, and viewable as long as any outlet of the account is.

ALTER TABLE app.outlets ADD COLUMN test boolean NOT NULL DEFAULT false;

CREATE OR REPLACE FUNCTION app.licensed_until(of_outlet uuid) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN o.test
        THEN greatest(a.trial_until, (
            SELECT max(of_any.valid_until) FROM app.licences of_any JOIN app.outlets any_outlet USING (outlet_id)
            WHERE any_outlet.account_id = o.account_id AND any_outlet.removed_at IS NULL
        ))
        ELSE greatest(a.trial_until, l.valid_until)
    END
    FROM app.outlets o JOIN app.accounts a USING (account_id) LEFT JOIN app.licences l USING (outlet_id)
    WHERE o.outlet_id = of_outlet
$$;
