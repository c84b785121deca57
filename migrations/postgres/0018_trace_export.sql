-- Exports of traces: what somebody asked to take away, how far its preparation went, and the pieces of its file.

-- One person's, for a day. What is looked for holds ids and keyed hashes, never the number of a file.
CREATE TABLE trace_export (
    id          UUID        NOT NULL PRIMARY KEY,
    organism_id UUID        NOT NULL REFERENCES organism (id),
    partner_id  UUID        REFERENCES partner (id),
    account_id  UUID        NOT NULL REFERENCES account (id),
    format      TEXT    NOT NULL CHECK (format IN ('csv', 'xlsx', 'ndjson')),
    from_day    DATE    NOT NULL,
    to_day      DATE    NOT NULL,
    search      TEXT    NOT NULL,
    words       TEXT    NOT NULL,
    reason      TEXT    NOT NULL,
    asked_at    TIMESTAMPTZ NOT NULL,
    state       TEXT    NOT NULL CHECK (state IN ('preparing', 'ready', 'failed')),
    -- Why it failed.
    cause       TEXT,
    -- How far the preparation went; nothing before it began.
    work        TEXT,
    traces      BIGINT NOT NULL CHECK (traces >= 0),
    bytes       BIGINT NOT NULL CHECK (bytes >= 0),
    pieces      INTEGER NOT NULL CHECK (pieces >= 0),
    -- Whose turn it is: whoever comes back after a later turn began keeps nothing.
    turn        BIGINT NOT NULL,
    attempts    INTEGER NOT NULL,
    until       TIMESTAMPTZ NOT NULL,
    ended_at    TIMESTAMPTZ,
    -- When the file is erased.
    expires_at  TIMESTAMPTZ,
    CHECK ((ended_at IS NULL) = (state = 'preparing')),
    CHECK ((expires_at IS NULL) = (state = 'preparing')),
    CHECK ((cause IS NOT NULL) = (state = 'failed'))
);
CREATE INDEX trace_export_of ON trace_export (account_id, asked_at, id);
CREATE INDEX trace_export_waiting ON trace_export (until, id) WHERE state = 'preparing';
CREATE INDEX trace_export_due ON trace_export (expires_at, id) WHERE state <> 'preparing';

-- Encrypted, each for its place in its file.
CREATE TABLE trace_export_piece (
    export_id UUID    NOT NULL REFERENCES trace_export (id),
    number    INTEGER NOT NULL,
    sealed    BYTEA   NOT NULL,
    PRIMARY KEY (export_id, number)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON trace_export TO compte_partenaire_application;
GRANT SELECT, INSERT, DELETE ON trace_export_piece TO compte_partenaire_application;
