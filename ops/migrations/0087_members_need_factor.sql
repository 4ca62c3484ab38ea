-- Whether who looks at an account, besides its owner, needs a second factor of his own.
ALTER TABLE app.accounts ADD COLUMN members_need_factor boolean NOT NULL DEFAULT false;
