-- name: grants
-- What each process's role may do outside the generations; said anew by every `migrate`, so what is not here is taken away.
REVOKE ALL ON ALL TABLES IN SCHEMA app FROM weboffice_worker, weboffice_gateway, weboffice_accounts;
GRANT USAGE ON SCHEMA app TO weboffice_worker, weboffice_gateway, weboffice_accounts;

-- The worker folds into the live generation, which it holds (FOR SHARE asks for a column that may be updated), keeps witnesses
-- and erases contacts everywhere.
GRANT SELECT, UPDATE (switched_at) ON app.generations TO weboffice_worker;
GRANT SELECT, INSERT, UPDATE ON app.witnesses TO weboffice_worker;
GRANT SELECT, INSERT ON app.forgotten_contacts TO weboffice_worker;
GRANT SELECT, UPDATE ON app.certificates TO weboffice_worker;
GRANT SELECT (outlet_id, account_id, removed_at) ON app.outlets TO weboffice_worker;
GRANT SELECT ON app.discarded_records TO weboffice_worker;

-- The gateway looks tills up, sends the orders that wait, notes what it acknowledged, and takes files from 1С.
GRANT SELECT ON app.generations, app.till_tokens, app.tills, app.outlets, app.licences TO weboffice_gateway;
GRANT SELECT (account_id, trial_until, locale) ON app.accounts TO weboffice_gateway;
GRANT SELECT, UPDATE, DELETE ON app.outbox TO weboffice_gateway;
GRANT SELECT, INSERT, UPDATE ON app.acknowledged TO weboffice_gateway;
GRANT SELECT, INSERT, UPDATE, DELETE ON app.imports, app.import_files TO weboffice_gateway;

-- The portal's own work, and the worker that brings files in: accounts and what belongs to them, no figures. The journal is
-- added to; what is old goes by a function of its owner's.
GRANT SELECT ON app.backups TO weboffice_accounts;  -- its metrics tell how old the latest is
GRANT SELECT ON app.generations, app.prices, app.seller, app.discarded_records TO weboffice_accounts;
GRANT SELECT, INSERT ON app.journal TO weboffice_accounts;
GRANT SELECT, INSERT ON app.outbox TO weboffice_accounts;
GRANT SELECT, INSERT, UPDATE ON app.accounts, app.outlets, app.tills, app.licences, app.seen_refusals, app.invoices,
    app.invoice_lines, app.payment_notices, app.members, app.invitations, app.second_factors,
    app.recovery_codes, app.alarm_rules, app.hearers TO weboffice_accounts;
GRANT DELETE ON app.second_factors, app.recovery_codes TO weboffice_accounts;
GRANT SELECT, INSERT, UPDATE, DELETE ON app.sessions, app.devices, app.links, app.registrations, app.attempts, app.mail,
    app.owner_tokens, app.till_tokens, app.imports, app.import_files, app.alarms, app.messages,
    app.telegram_codes, app.telegram_chats, app.digests, app.push_devices TO weboffice_accounts;
GRANT SELECT, INSERT, UPDATE (reopened_at, reopened_by, reopened_because) ON app.closings TO weboffice_accounts;
GRANT INSERT ON app.closed_documents TO weboffice_accounts;

SELECT app.admit_logins(c.oid) FROM pg_class c
WHERE c.relnamespace = 'app'::regnamespace AND c.relkind = 'r' AND c.relrowsecurity;
SELECT app.grant_generation(schema_name) FROM app.generations;

-- name: exists
SELECT FROM pg_roles WHERE rolname = %(login)s;

-- name: is_member
SELECT pg_has_role(%(login)s, %(role)s, 'MEMBER');
