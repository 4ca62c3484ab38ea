-- name: entries
-- An account's journal, a list (webapp/lists): `place`, `what` and `whence` are there to be sorted by. `words` are the texts
-- of `actions` in the reader's language, `operator` that of who operates the service.
SELECT
    j.entry_id, j.at, j.action, j.subject, o.name AS outlet, j.address, j.device, j.by_operator, p.email AS by,
    lpad(j.entry_id::text, 20, '0') AS place, concat_ws(' ', coalesce(w.word, j.action), j.subject) AS what,
    CASE
        WHEN j.by_operator THEN %(operator)s::text
        ELSE nullif(concat_ws(' · ', p.email, nullif(j.device, ''), nullif(j.address, '')), '')
    END AS whence
FROM app.journal j LEFT JOIN app.outlets o ON o.outlet_id = j.outlet_id AND o.account_id = j.account_id
LEFT JOIN app.accounts p ON p.account_id = j.person_id AND j.person_id <> j.account_id
LEFT JOIN unnest(%(actions)s::text[], %(words)s::text[]) AS w (action, word) ON w.action = j.action
WHERE j.account_id = %(account_id)s;

-- name: zone
SELECT zone FROM app.outlets WHERE account_id = %(account_id)s AND removed_at IS NULL ORDER BY created_at LIMIT 1;
