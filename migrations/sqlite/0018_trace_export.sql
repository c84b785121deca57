-- Exports of traces: what somebody asked to take away, how far its preparation went, and the pieces of its file.

-- One person's, for a day. What is looked for holds ids and keyed hashes, never the number of a file.
CREATE TABLE trace_export (
    id          BLOB    NOT NULL PRIMARY KEY,
    organism_id BLOB    NOT NULL REFERENCES organism (id),
    partner_id  BLOB    REFERENCES partner (id),
    account_id  BLOB    NOT NULL REFERENCES account (id),
    format      TEXT    NOT NULL CHECK (format IN ('csv', 'xlsx', 'ndjson')),
    from_day    TEXT    NOT NULL,
    to_day      TEXT    NOT NULL,
    search      TEXT    NOT NULL,
    words       TEXT    NOT NULL,
    reason      TEXT    NOT NULL,
    asked_at    INTEGER NOT NULL,
    state       TEXT    NOT NULL CHECK (state IN ('preparing', 'ready', 'failed')),
    -- Why it failed.
    cause       TEXT,
    -- How far the preparation went; nothing before it began.
    work        TEXT,
    traces      INTEGER NOT NULL CHECK (traces >= 0),
    bytes       INTEGER NOT NULL CHECK (bytes >= 0),
    pieces      INTEGER NOT NULL CHECK (pieces >= 0),
    -- Whose turn it is: whoever comes back after a later turn began keeps nothing.
    turn        INTEGER NOT NULL,
    attempts    INTEGER NOT NULL,
    until       INTEGER NOT NULL,
    ended_at    INTEGER,
    -- When the file is erased.
    expires_at  INTEGER,
    CHECK ((ended_at IS NULL) = (state = 'preparing')),
    CHECK ((expires_at IS NULL) = (state = 'preparing')),
    CHECK ((cause IS NOT NULL) = (state = 'failed'))
) STRICT;
CREATE INDEX trace_export_of ON trace_export (account_id, asked_at, id);
CREATE INDEX trace_export_waiting ON trace_export (until, id) WHERE state = 'preparing';
CREATE INDEX trace_export_due ON trace_export (expires_at, id) WHERE state <> 'preparing';

-- Encrypted, each for its place in its file.
CREATE TABLE trace_export_piece (
    export_id BLOB    NOT NULL REFERENCES trace_export (id),
    number    INTEGER NOT NULL,
    sealed    BLOB    NOT NULL,
    PRIMARY KEY (export_id, number)
) STRICT;
