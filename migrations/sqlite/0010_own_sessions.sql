-- What a person is told of his own sessions, and forms that a session's end caught before they were sent.

-- Where and with what it was opened, and when the person had signed in before.
ALTER TABLE session ADD COLUMN source TEXT;
ALTER TABLE session ADD COLUMN agent TEXT;
ALTER TABLE session ADD COLUMN signed_in_before_at INTEGER;
-- Set when its holder ended it from another one: its next request is told why it is refused.
ALTER TABLE session ADD COLUMN ended_at INTEGER;

-- What was typed is encrypted for its author and for that address; nothing of it is ever in a trace.
CREATE TABLE kept_form (
    id          BLOB        NOT NULL PRIMARY KEY,
    organism_id BLOB        NOT NULL REFERENCES organism (id),
    partner_id  BLOB        REFERENCES partner (id),
    account_id  BLOB        NOT NULL REFERENCES account (id),
    path        TEXT        NOT NULL,
    sealed      BLOB       NOT NULL,
    kept_at     INTEGER NOT NULL,
    UNIQUE (account_id, path)
) STRICT;
CREATE INDEX kept_form_due ON kept_form (kept_at);
