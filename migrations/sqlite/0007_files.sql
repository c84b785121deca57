-- Beneficiaries' files, version by version, and the consultations that read them.

CREATE TABLE file_load (
    id          BLOB        NOT NULL PRIMARY KEY,
    organism_id BLOB        NOT NULL REFERENCES organism (id),
    state       TEXT        NOT NULL CHECK (state IN ('loading', 'live', 'retired')),
    files       INTEGER      NOT NULL,
    started_at  INTEGER NOT NULL,
    live_at     INTEGER
) STRICT;
-- One version is seen at a time: showing another is one act.
CREATE UNIQUE INDEX file_load_one_live ON file_load (organism_id) WHERE state = 'live';

CREATE TABLE beneficiary_file (
    load_id BLOB NOT NULL REFERENCES file_load (id),
    number  TEXT NOT NULL,
    commune TEXT NOT NULL,
    body    TEXT NOT NULL,
    PRIMARY KEY (load_id, number)
) STRICT;

CREATE TABLE consultation (
    id            BLOB        NOT NULL PRIMARY KEY,
    session_hash  BLOB       NOT NULL,
    account_id    BLOB        NOT NULL REFERENCES account (id),
    organism_id   BLOB        NOT NULL REFERENCES organism (id),
    partner_id    BLOB        NOT NULL REFERENCES partner (id),
    membership_id BLOB        NOT NULL REFERENCES membership (id),
    mission_id    BLOB        NOT NULL REFERENCES membership_mission (id),
    number_sealed BLOB       NOT NULL,
    opened_at     INTEGER NOT NULL,
    -- Set by the first page read under this number: the next one is a reload.
    first_read_at INTEGER
) STRICT;
CREATE INDEX consultation_by_session ON consultation (session_hash, opened_at);
CREATE INDEX consultation_by_age ON consultation (opened_at);
