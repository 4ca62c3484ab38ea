-- Files that were handed in to be brought in, and what became of them; for a day at most.

CREATE TABLE app.imports (
    import_id uuid PRIMARY KEY,
    outlet_id uuid NOT NULL REFERENCES app.outlets,
    till_id uuid REFERENCES app.tills,      -- NULL: the till named after the format
    format text NOT NULL,
    state text NOT NULL CHECK (state IN ('receiving', 'to_read', 'asked', 'read', 'to_send', 'done', 'failed')),
    answers jsonb NOT NULL DEFAULT '{}',
    question jsonb,                         -- of an import that is 'asked'
    result jsonb,                           -- of one that is 'read' or 'done'
    error text,                             -- of one that 'failed', in words
    events_sent bigint NOT NULL DEFAULT 0,
    session_hash bytea UNIQUE CHECK (length(session_hash) = 32),  -- of an exchange of 1С
    part_of uuid REFERENCES app.imports ON DELETE CASCADE,        -- the exchange that a file came in
    file_name text,                         -- of a part
    created_at timestamptz NOT NULL DEFAULT now(),
    changed_at timestamptz NOT NULL DEFAULT now(),
    claimed_at timestamptz                  -- by a worker that is at it; renewed while it lives
);
CREATE INDEX imports_outlet ON app.imports (outlet_id, created_at);
CREATE INDEX imports_waiting ON app.imports (changed_at) WHERE state IN ('to_read', 'to_send');
CREATE INDEX imports_parts ON app.imports (part_of, file_name) WHERE part_of IS NOT NULL;

CREATE TABLE app.import_files (
    import_id uuid NOT NULL REFERENCES app.imports ON DELETE CASCADE,
    name text NOT NULL,
    piece integer NOT NULL,
    content bytea NOT NULL,
    PRIMARY KEY (import_id, name, piece)
);
SELECT app.isolate('app.imports');
