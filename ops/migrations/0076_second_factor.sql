-- A second factor: codes by time (TOTP), and codes to get in without the device. A person has one or none.
CREATE TABLE app.second_factors (
    person_id uuid PRIMARY KEY REFERENCES app.accounts (account_id),
    secret text NOT NULL,                        -- Base32; read by the code's comparison alone
    created_at timestamptz NOT NULL DEFAULT now(),
    confirmed_at timestamptz,                    -- by a first code; until then it is asked for nowhere
    last_step bigint NOT NULL DEFAULT 0          -- of the code used last: none is good twice
);
CREATE TABLE app.recovery_codes (
    person_id uuid NOT NULL REFERENCES app.second_factors ON DELETE CASCADE,
    code_hash bytea NOT NULL CHECK (length(code_hash) = 32),  -- SHA-256 of 120 random bits
    used_at timestamptz,
    PRIMARY KEY (person_id, code_hash)
);

-- When the person last gave a code in this session.
ALTER TABLE app.sessions ADD COLUMN stepped_up_at timestamptz;

-- 'second_factor': a right password whose code is awaited. 'not_me': of the letter about a new device.
ALTER TABLE app.links DROP CONSTRAINT links_purpose_check;
ALTER TABLE app.links ADD CONSTRAINT links_purpose_check
    CHECK (purpose IN ('sign_in', 'confirm', 'reset', 'change_email', 'second_factor', 'not_me'));
