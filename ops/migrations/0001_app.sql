-- Accounts, outlets, tills, tokens, sessions, licences and the register of generations.
-- What reports are made of is not here: each generation of read models has a schema of its own (projections/sql/generation.sql).

CREATE SCHEMA app;

-- The portal reads under this role: neither an owner of any table nor a superuser, so row-level security binds it.
DO $$
BEGIN
    CREATE ROLE weboffice_portal NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL;  -- roles belong to the whole cluster, this database is not the first
END
$$;
DO $$
BEGIN
    IF NOT pg_has_role(current_user, 'weboffice_portal', 'SET') THEN
        GRANT weboffice_portal TO CURRENT_USER;
    END IF;
END
$$;
GRANT USAGE ON SCHEMA app TO weboffice_portal;

CREATE FUNCTION app.current_account() RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT nullif(current_setting('weboffice.account', true), '')::uuid
$$;

CREATE TABLE app.accounts (
    account_id uuid PRIMARY KEY,
    email text NOT NULL UNIQUE CHECK (email = lower(email)),
    password_hash text,  -- Argon2id; NULL while only links sign in
    locale text NOT NULL DEFAULT 'ru',
    created_at timestamptz NOT NULL DEFAULT now(),
    confirmed_at timestamptz,
    trial_until timestamptz NOT NULL DEFAULT now() + interval '30 days'
);

CREATE TABLE app.outlets (
    outlet_id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES app.accounts,
    name text NOT NULL CHECK (name <> ''),
    zone text NOT NULL,  -- IANA name; fixed after the first upload
    currency text NOT NULL DEFAULT 'RUB',
    created_at timestamptz NOT NULL DEFAULT now(),
    disabled_at timestamptz,
    removed_at timestamptz
);
CREATE UNIQUE INDEX outlets_name ON app.outlets (account_id, name) WHERE removed_at IS NULL;

CREATE TABLE app.tills (
    till_id uuid PRIMARY KEY,
    outlet_id uuid NOT NULL REFERENCES app.outlets,
    name text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    removed_at timestamptz
);
CREATE INDEX tills_outlet ON app.tills (outlet_id);

CREATE TABLE app.till_tokens (
    token_hash bytea PRIMARY KEY CHECK (length(token_hash) = 32),  -- SHA-256 of a token of 256 random bits
    till_id uuid NOT NULL REFERENCES app.tills,
    created_at timestamptz NOT NULL DEFAULT now(),
    revoked_at timestamptz
);
CREATE INDEX till_tokens_till ON app.till_tokens (till_id);

CREATE TABLE app.owner_tokens (
    token_hash bytea PRIMARY KEY CHECK (length(token_hash) = 32),
    account_id uuid NOT NULL REFERENCES app.accounts,
    created_at timestamptz NOT NULL DEFAULT now(),
    revoked_at timestamptz
);

CREATE TABLE app.sessions (
    session_hash bytea PRIMARY KEY CHECK (length(session_hash) = 32),
    account_id uuid NOT NULL REFERENCES app.accounts,
    created_at timestamptz NOT NULL DEFAULT now(),
    seen_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    device text NOT NULL DEFAULT '',
    outlet_id uuid  -- the outlet chosen last
);
CREATE INDEX sessions_account ON app.sessions (account_id);

-- One-time links: sign-in, confirmation of an e-mail address, a forgotten password.
CREATE TABLE app.links (
    link_hash bytea PRIMARY KEY CHECK (length(link_hash) = 32),
    account_id uuid NOT NULL REFERENCES app.accounts,
    purpose text NOT NULL CHECK (purpose IN ('sign_in', 'confirm', 'reset', 'change_email')),
    detail text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);

-- Until when an outlet's licence is paid; without a row the account's trial counts alone.
CREATE TABLE app.licences (
    outlet_id uuid PRIMARY KEY REFERENCES app.outlets,
    valid_until timestamptz NOT NULL
);

CREATE FUNCTION app.licensed_until(of_outlet uuid) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT greatest(a.trial_until, l.valid_until)
    FROM app.outlets o JOIN app.accounts a USING (account_id) LEFT JOIN app.licences l USING (outlet_id)
    WHERE o.outlet_id = of_outlet
$$;

-- Read models are kept per generation; exactly one is live.
CREATE TABLE app.generations (
    number integer PRIMARY KEY,
    schema_name text NOT NULL UNIQUE,
    name text UNIQUE,  -- of a report 'as the log stood at …'
    until timestamptz,
    fold_version text NOT NULL,
    state text NOT NULL CHECK (state IN ('building', 'ready', 'live', 'old', 'named')),
    created_at timestamptz NOT NULL DEFAULT now(),
    switched_at timestamptz
);
CREATE UNIQUE INDEX generations_one_live ON app.generations (state) WHERE state = 'live';

-- Contacts that asked to be forgotten; every replay loads them before it starts.
CREATE TABLE app.forgotten_contacts (
    outlet_id uuid NOT NULL,
    contact_id text NOT NULL,
    decided_at timestamptz NOT NULL,
    PRIMARY KEY (outlet_id, contact_id)
);

-- Binds a table with an `outlet_id` to its account's eyes: the owner role works on all rows, the portal sees its own.
CREATE FUNCTION app.isolate(relation regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', relation);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', relation);
    EXECUTE format('CREATE POLICY service ON %s TO CURRENT_USER USING (true) WITH CHECK (true)', relation);
    EXECUTE format(
        'CREATE POLICY account ON %s FOR SELECT TO weboffice_portal USING (outlet_id IN '
        '(SELECT o.outlet_id FROM app.outlets o WHERE o.account_id = app.current_account()))', relation);
    EXECUTE format('GRANT SELECT ON %s TO weboffice_portal', relation);
END
$$;

ALTER TABLE app.outlets ENABLE ROW LEVEL SECURITY;
ALTER TABLE app.outlets FORCE ROW LEVEL SECURITY;
CREATE POLICY service ON app.outlets TO CURRENT_USER USING (true) WITH CHECK (true);
CREATE POLICY account ON app.outlets FOR SELECT TO weboffice_portal USING (account_id = app.current_account());
GRANT SELECT ON app.outlets TO weboffice_portal;
SELECT app.isolate('app.tills');
SELECT app.isolate('app.licences');
GRANT SELECT ON app.generations TO weboffice_portal;

CREATE FUNCTION app.create_generation_schema(schema_name text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE SCHEMA %I', schema_name);
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO weboffice_portal', schema_name);
END
$$;
