-- What owners are told: the rules that an outlet tunes, what was told, who hears it and how, and the messages on their way.

-- Only what differs from the default (webapp/notices/kinds.py).
CREATE TABLE app.alarm_rules (
    outlet_id uuid NOT NULL REFERENCES app.outlets,
    kind text NOT NULL,
    active boolean NOT NULL,
    threshold integer NOT NULL CHECK (threshold >= 0),
    PRIMARY KEY (outlet_id, kind)
);

-- What was told, once and again when over: kept here and not in a generation, so a rebuild tells nothing anew.
CREATE TABLE app.alarms (
    alarm_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    outlet_id uuid NOT NULL REFERENCES app.outlets,
    kind text NOT NULL,
    subject text NOT NULL,  -- which till, run, day, shift or good
    facts jsonb NOT NULL,  -- what the sentence says
    told_at timestamptz NOT NULL,
    over_at timestamptz
);
CREATE UNIQUE INDEX alarms_once ON app.alarms (outlet_id, kind, subject) WHERE over_at IS NULL;
CREATE INDEX alarms_told ON app.alarms (outlet_id, told_at DESC);

-- How a person hears of an account, where he chose otherwise than the default: an owner by letter, others not at all.
CREATE TABLE app.hearers (
    account_id uuid NOT NULL REFERENCES app.accounts,
    person_id uuid NOT NULL REFERENCES app.accounts (account_id),
    letters boolean NOT NULL,
    quiet_from smallint CHECK (quiet_from BETWEEN 0 AND 23),  -- both NULL: no quiet hours; hours of the account's first outlet
    quiet_until smallint CHECK (quiet_until BETWEEN 0 AND 23),
    PRIMARY KEY (account_id, person_id),
    CHECK ((quiet_from IS NULL) = (quiet_until IS NULL))
);

-- Messages: written in the transaction of what they tell, kept for 90 days for the page that shows them.
CREATE TABLE app.messages (
    message_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES app.accounts,
    person_id uuid NOT NULL REFERENCES app.accounts (account_id),
    channel text NOT NULL,
    about text NOT NULL,
    subject text NOT NULL,
    body text NOT NULL,
    created_at timestamptz NOT NULL,
    next_attempt_at timestamptz NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    error text NOT NULL DEFAULT '',
    sent_at timestamptz,
    failed_at timestamptz
);
CREATE INDEX messages_due ON app.messages (next_attempt_at) WHERE sent_at IS NULL AND failed_at IS NULL;
CREATE INDEX messages_sent ON app.messages (channel, sent_at DESC);
CREATE INDEX messages_of_person ON app.messages (person_id, message_id DESC);

-- When a run was last heard of: which till is silent, follows from it.
ALTER TABLE app.acknowledged ADD COLUMN changed_at timestamptz NOT NULL DEFAULT now();
