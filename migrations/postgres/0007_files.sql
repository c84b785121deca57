-- Beneficiaries' files, version by version, and the consultations that read them.

CREATE TABLE file_load (
    id          UUID        NOT NULL PRIMARY KEY,
    organism_id UUID        NOT NULL REFERENCES organism (id),
    state       TEXT        NOT NULL CHECK (state IN ('loading', 'live', 'retired')),
    files       BIGINT      NOT NULL,
    started_at  TIMESTAMPTZ NOT NULL,
    live_at     TIMESTAMPTZ
);
-- One version is seen at a time: showing another is one act.
CREATE UNIQUE INDEX file_load_one_live ON file_load (organism_id) WHERE state = 'live';

CREATE TABLE beneficiary_file (
    load_id UUID NOT NULL REFERENCES file_load (id),
    number  TEXT NOT NULL,
    commune TEXT NOT NULL,
    body    TEXT NOT NULL,
    PRIMARY KEY (load_id, number)
);

CREATE TABLE consultation (
    id            UUID        NOT NULL PRIMARY KEY,
    session_hash  BYTEA       NOT NULL,
    account_id    UUID        NOT NULL REFERENCES account (id),
    organism_id   UUID        NOT NULL REFERENCES organism (id),
    partner_id    UUID        NOT NULL REFERENCES partner (id),
    membership_id UUID        NOT NULL REFERENCES membership (id),
    mission_id    UUID        NOT NULL REFERENCES membership_mission (id),
    number_sealed BYTEA       NOT NULL,
    opened_at     TIMESTAMPTZ NOT NULL,
    -- Set by the first page read under this number: the next one is a reload.
    first_read_at TIMESTAMPTZ
);
CREATE INDEX consultation_by_session ON consultation (session_hash, opened_at);
CREATE INDEX consultation_by_age ON consultation (opened_at);
