-- The statement of a month, which each principal and each auditor receives by mail: the figures of their own, and a
-- checkpoint of the log, of which their copy is a witness. One a person and month, whatever restarts.
CREATE TABLE statement (
    id          UUID        NOT NULL PRIMARY KEY,
    organism_id UUID    NOT NULL REFERENCES organism (id),
    partner_id  UUID    REFERENCES partner (id),
    account_id  UUID    NOT NULL REFERENCES account (id),
    -- The first day of the month.
    month       DATE    NOT NULL,
    state       TEXT    NOT NULL CHECK (state IN ('waiting', 'sending', 'sent', 'failed')),
    attempts    INTEGER NOT NULL,
    not_before  TIMESTAMPTZ NOT NULL,
    made_at     TIMESTAMPTZ NOT NULL,
    sent_at     TIMESTAMPTZ,
    -- The text of the checkpoint, from the first attempt on.
    checkpoint  TEXT,
    UNIQUE (account_id, month)
);
CREATE INDEX statement_waiting ON statement (not_before, id) WHERE state IN ('waiting', 'sending');

GRANT SELECT, INSERT, UPDATE, DELETE ON statement TO compte_partenaire_application;
