-- Digests: which a person wants and at which hour (of the account's first outlet), and which were told.
ALTER TABLE app.hearers
    ADD COLUMN digest_hour smallint NOT NULL DEFAULT 8 CHECK (digest_hour BETWEEN 0 AND 23),
    ADD COLUMN digests text[] NOT NULL DEFAULT '{}';  -- of day, week, month

CREATE TABLE app.digests (
    account_id uuid NOT NULL REFERENCES app.accounts,
    person_id uuid NOT NULL REFERENCES app.accounts (account_id),
    period text NOT NULL,
    morning date NOT NULL,  -- the day on which it was told
    PRIMARY KEY (account_id, person_id, period, morning)
);

ALTER TABLE app.messages ADD COLUMN html text NOT NULL DEFAULT '';
