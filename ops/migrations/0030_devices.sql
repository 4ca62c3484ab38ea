-- Browsers that have signed in to an account before: whoever guesses elsewhere does not lock them out.
CREATE TABLE app.devices (
    device_hash bytea NOT NULL CHECK (length(device_hash) = 32),
    account_id uuid NOT NULL REFERENCES app.accounts,
    created_at timestamptz NOT NULL DEFAULT now(),
    seen_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, device_hash)
);

-- Until when a token is good (NULL: until it is revoked), and when a program last came with it.
ALTER TABLE app.owner_tokens ADD COLUMN expires_at timestamptz, ADD COLUMN used_at timestamptz;
