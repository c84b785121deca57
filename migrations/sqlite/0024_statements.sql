-- The statement of a month, which each principal and each auditor receives by mail: the figures of their own, and a
-- checkpoint of the log, of which their copy is a witness. One a person and month, whatever restarts.
CREATE TABLE statement (
    id          BLOB    NOT NULL PRIMARY KEY,
    organism_id BLOB    NOT NULL REFERENCES organism (id),
    partner_id  BLOB    REFERENCES partner (id),
    account_id  BLOB    NOT NULL REFERENCES account (id),
    -- The first day of the month.
    month       TEXT    NOT NULL,
    state       TEXT    NOT NULL CHECK (state IN ('waiting', 'sending', 'sent', 'failed')),
    attempts    INTEGER NOT NULL,
    not_before  INTEGER NOT NULL,
    made_at     INTEGER NOT NULL,
    sent_at     INTEGER,
    -- The text of the checkpoint, from the first attempt on.
    checkpoint  TEXT,
    UNIQUE (account_id, month)
) STRICT;
CREATE INDEX statement_waiting ON statement (not_before, id) WHERE state IN ('waiting', 'sending');
