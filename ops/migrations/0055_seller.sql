-- What an invoice has to say of its seller by law and by what banks ask for. Until `inn` is set no invoice is made.
ALTER TABLE app.seller
    ADD COLUMN inn text NOT NULL DEFAULT '' CHECK (inn = '' OR inn ~ '^([0-9]{10}|[0-9]{12})$'),
    ADD COLUMN kpp text NOT NULL DEFAULT '',
    ADD COLUMN bank text NOT NULL DEFAULT '',
    ADD COLUMN bik text NOT NULL DEFAULT '',
    ADD COLUMN account text NOT NULL DEFAULT '',
    ADD COLUMN correspondent text NOT NULL DEFAULT '',
    ADD COLUMN vat_percent numeric(5, 2) CHECK (vat_percent BETWEEN 0 AND 99);  -- NULL: without VAT
UPDATE app.seller SET details = '' WHERE details = 'Реквизиты задаёт оператор: weboffice licence seller';
