-- What the portal's account pages need: registrations, mail on its way, rate limits, names for tokens and sessions,
-- prices, invoices and notices of payment. All of it is worked on by the service's own role only.

-- An account is made when its e-mail address is confirmed, not before: so nobody can prepare an account for
-- somebody else's address, and whether an address has an account already stays unknown.
CREATE TABLE app.registrations (
    link_hash bytea PRIMARY KEY CHECK (length(link_hash) = 32),
    browser_hash bytea NOT NULL,  -- of a cookie: another browser must give the password once more
    email text NOT NULL CHECK (email = lower(email)),
    password_hash text NOT NULL,
    locale text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL
);

-- What a form can name without holding the secret or its digest; `hint` is the token's last four characters.
ALTER TABLE app.sessions ADD COLUMN session_id uuid NOT NULL UNIQUE DEFAULT gen_random_uuid();
ALTER TABLE app.till_tokens
    ADD COLUMN token_id uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
    ADD COLUMN hint text NOT NULL DEFAULT '';
ALTER TABLE app.owner_tokens
    ADD COLUMN token_id uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
    ADD COLUMN name text NOT NULL DEFAULT '',
    ADD COLUMN hint text NOT NULL DEFAULT '';
CREATE INDEX owner_tokens_account ON app.owner_tokens (account_id);
CREATE INDEX outlets_account ON app.outlets (account_id);
CREATE INDEX links_account ON app.links (account_id);

-- Attempts within the present window, per action and subject (the digest of an e-mail address or network address).
CREATE TABLE app.attempts (
    action text NOT NULL,
    subject bytea NOT NULL,
    window_ends timestamptz NOT NULL,
    count integer NOT NULL,
    PRIMARY KEY (action, subject)
);
CREATE INDEX attempts_window ON app.attempts (window_ends);

-- Letters on their way: written in the transaction of what they tell, deleted once handed over.
CREATE TABLE app.mail (
    mail_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    recipient text NOT NULL,
    subject text NOT NULL,
    body text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX mail_due ON app.mail (next_attempt_at);

-- Who sells, as invoices name it: one row, set by an operator.
CREATE TABLE app.seller (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    name text NOT NULL,
    details text NOT NULL  -- lines of text: numbers of the firm, bank and account
);
INSERT INTO app.seller (name, details) VALUES ('Веб-офис', 'Реквизиты задаёт оператор: weboffice licence seller');

-- The price of one outlet's licence for so many months, for the whole term.
CREATE TABLE app.prices (
    months integer PRIMARY KEY CHECK (months BETWEEN 1 AND 60),
    price numeric(12, 2) NOT NULL CHECK (price >= 0)
);
INSERT INTO app.prices (months, price) VALUES (1, 490), (3, 1400), (6, 2640), (12, 4900);

CREATE TABLE app.invoices (
    number bigint GENERATED ALWAYS AS IDENTITY (START WITH 1001) PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES app.accounts,
    months integer NOT NULL,
    amount numeric(12, 2) NOT NULL,
    currency text NOT NULL DEFAULT 'RUB',
    payer text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    paid_at timestamptz,
    paid_by text,  -- 'operator' or the provider's name
    cancelled_at timestamptz
);
CREATE INDEX invoices_account ON app.invoices (account_id, number DESC);

CREATE TABLE app.invoice_lines (
    number bigint NOT NULL REFERENCES app.invoices,
    outlet_id uuid NOT NULL REFERENCES app.outlets,
    outlet_name text NOT NULL,  -- as it was when the invoice was made
    price numeric(12, 2) NOT NULL,
    valid_from timestamptz,  -- set when the invoice is paid
    valid_until timestamptz,
    PRIMARY KEY (number, outlet_id)
);

-- Notices of payment as a provider sent them: one row per notice, so a repeated one changes nothing.
CREATE TABLE app.payment_notices (
    provider text NOT NULL,
    notice_id text NOT NULL,
    number bigint NOT NULL,
    amount numeric(12, 2) NOT NULL,
    currency text NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    outcome text NOT NULL CHECK (outcome IN ('paid', 'already_paid', 'unknown_invoice', 'wrong_amount', 'cancelled')),
    PRIMARY KEY (provider, notice_id)
);

-- Marks an invoice paid and extends its outlets' licences, each from the later of now and its present end.
-- One place for the operator's command and the provider's webhook. `amount` NULL means: as invoiced.
CREATE FUNCTION app.pay_invoice(of_number bigint, amount_paid numeric, currency_paid text, by text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    invoice app.invoices;
BEGIN
    SELECT * INTO invoice FROM app.invoices WHERE number = of_number FOR UPDATE;
    IF NOT FOUND THEN
        RETURN 'unknown_invoice';
    ELSIF invoice.paid_at IS NOT NULL THEN
        RETURN 'already_paid';
    ELSIF invoice.cancelled_at IS NOT NULL THEN
        RETURN 'cancelled';
    ELSIF amount_paid IS NOT NULL AND (amount_paid, currency_paid) IS DISTINCT FROM (invoice.amount, invoice.currency) THEN
        RETURN 'wrong_amount';
    END IF;
    -- Two invoices for one outlet paid at once: the second extends what the first gave.
    PERFORM 1 FROM app.outlets o JOIN app.invoice_lines l USING (outlet_id)
    WHERE l.number = of_number ORDER BY o.outlet_id FOR UPDATE OF o;
    UPDATE app.invoices SET paid_at = now(), paid_by = by WHERE number = of_number;
    UPDATE app.invoice_lines SET valid_from = greatest(now(), app.licensed_until(outlet_id)) WHERE number = of_number;
    UPDATE app.invoice_lines SET valid_until = valid_from + make_interval(months => invoice.months)
    WHERE number = of_number;
    INSERT INTO app.licences (outlet_id, valid_until)
    SELECT outlet_id, valid_until FROM app.invoice_lines WHERE number = of_number
    ON CONFLICT (outlet_id) DO UPDATE SET valid_until = excluded.valid_until;
    RETURN 'paid';
END
$$;
