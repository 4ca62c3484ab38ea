-- How far the uploads of each run were acknowledged, as the gateway notes it (about a second later): what a log lost, when
-- it is replaced, can then be named. `lost_through` is the last number that was known to be lost with a log; whatever up to
-- there has neither come again nor been given up is missing.
CREATE TABLE app.acknowledged (
    outlet_id uuid NOT NULL,
    till_id uuid NOT NULL,
    run uuid NOT NULL,
    through bigint NOT NULL,
    lost_through bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (outlet_id, till_id, run)
) WITH (fillfactor = 70);  -- nearly every change is of `through` alone
SELECT app.isolate('app.acknowledged');
