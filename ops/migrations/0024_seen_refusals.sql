-- Through which number of a till's run the owner has taken note of events that were refused.
CREATE TABLE app.seen_refusals (
    outlet_id uuid NOT NULL REFERENCES app.outlets,
    till_id uuid NOT NULL,
    run uuid NOT NULL,
    through bigint NOT NULL,
    seen_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (outlet_id, till_id, run)
);
SELECT app.isolate('app.seen_refusals');
