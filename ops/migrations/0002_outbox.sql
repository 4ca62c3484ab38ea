-- Control records on their way into the log: written in the transaction of the decision, sent by the gateway, then deleted.
CREATE TABLE app.outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    outlet_id uuid NOT NULL,
    record bytea NOT NULL,  -- an encoded schemas.records record
    created_at timestamptz NOT NULL DEFAULT now()
);
