-- What a person is told of his own sessions, and forms that a session's end caught before they were sent.

-- Where and with what it was opened, and when the person had signed in before.
ALTER TABLE session ADD COLUMN source TEXT;
ALTER TABLE session ADD COLUMN agent TEXT;
ALTER TABLE session ADD COLUMN signed_in_before_at TIMESTAMPTZ;
-- Set when its holder ended it from another one: its next request is told why it is refused.
ALTER TABLE session ADD COLUMN ended_at TIMESTAMPTZ;

-- What was typed is encrypted for its author and for that address; nothing of it is ever in a trace.
CREATE TABLE kept_form (
    id          UUID        NOT NULL PRIMARY KEY,
    organism_id UUID        NOT NULL REFERENCES organism (id),
    partner_id  UUID        REFERENCES partner (id),
    account_id  UUID        NOT NULL REFERENCES account (id),
    path        TEXT        NOT NULL,
    sealed      BYTEA       NOT NULL,
    kept_at     TIMESTAMPTZ NOT NULL,
    UNIQUE (account_id, path)
);
CREATE INDEX kept_form_due ON kept_form (kept_at);

GRANT SELECT, INSERT, UPDATE, DELETE ON kept_form TO compte_partenaire_application;
