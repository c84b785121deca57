-- The trace log. A row is written once, in its final form; nobody changes it and nobody erases it but the purge.
-- The key begins with the month, so that months may become partitions.

CREATE TABLE trace (
    month        INTEGER     NOT NULL,
    id           BLOB        NOT NULL,
    at           INTEGER NOT NULL,
    -- Families of facts are searched by their first letters, byte by byte.
    fact         TEXT NOT NULL,
    audience     TEXT        NOT NULL CHECK (audience IN ('partner', 'organism')),
    organism_id  BLOB,
    partner_id   BLOB,
    -- The day before which the row may not be erased.
    keep_until   TEXT        NOT NULL,
    salt         BLOB       NOT NULL,
    body         TEXT        NOT NULL,
    key_number   INTEGER     NOT NULL,
    mac          BLOB       NOT NULL,
    -- Columns of search, all of them recomputed from the body when the row is checked.
    actor_id     BLOB,
    subject_id   BLOB,
    session_hash BLOB,
    file_hash    BLOB,
    outcome      TEXT        NOT NULL,
    service      TEXT,
    source       TEXT,
    correlation  BLOB,
    PRIMARY KEY (month, id)
) STRICT;
CREATE INDEX trace_by_organism ON trace (organism_id, at, id);
CREATE INDEX trace_by_partner ON trace (partner_id, at, id) WHERE partner_id IS NOT NULL;
CREATE INDEX trace_by_actor ON trace (actor_id, at, id) WHERE actor_id IS NOT NULL;
CREATE INDEX trace_by_session ON trace (session_hash, at, id) WHERE session_hash IS NOT NULL;
CREATE INDEX trace_by_file ON trace (file_hash, at, id) WHERE file_hash IS NOT NULL;

-- Written with each trace, taken by the sealer: never «those above the last», because commits come out of order.
CREATE TABLE trace_unsealed (
    month INTEGER NOT NULL,
    id    BLOB    NOT NULL,
    PRIMARY KEY (month, id)
) STRICT;

CREATE TRIGGER trace_is_never_updated BEFORE UPDATE ON trace
BEGIN
    SELECT RAISE(ABORT, 'a trace is never changed or erased');
END;
CREATE TRIGGER trace_is_never_deleted BEFORE DELETE ON trace
BEGIN
    SELECT RAISE(ABORT, 'a trace is never changed or erased');
END;
