-- Memberships: one partner, one service, under conditions and a cap (001 art. 2.1, 2.2.1).

CREATE TABLE membership (
    id                 BLOB        NOT NULL PRIMARY KEY,
    organism_id        BLOB        NOT NULL REFERENCES organism (id),
    partner_id         BLOB        NOT NULL REFERENCES partner (id),
    service_id         BLOB        NOT NULL REFERENCES service (id),
    perimeter          TEXT        NOT NULL,
    available_on       TEXT,
    formality_done_on  TEXT,
    contract_signed_on TEXT,
    signed_on          TEXT,
    cap                INTEGER     NOT NULL CHECK (cap >= 0),
    created_at         INTEGER NOT NULL,
    version            INTEGER      NOT NULL DEFAULT 1,
    UNIQUE (partner_id, service_id)
) STRICT;
CREATE INDEX membership_by_organism ON membership (organism_id, partner_id);

CREATE TABLE membership_mission (
    id            BLOB    NOT NULL PRIMARY KEY,
    membership_id BLOB    NOT NULL REFERENCES membership (id),
    label         TEXT    NOT NULL,
    position      INTEGER NOT NULL,
    -- A mission that was declared once is never erased: it is closed.
    closed        INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX mission_by_membership ON membership_mission (membership_id, position);

CREATE TABLE role_cap (
    membership_id BLOB    NOT NULL REFERENCES membership (id),
    role_id       BLOB    NOT NULL REFERENCES service_role (id),
    cap           INTEGER NOT NULL CHECK (cap >= 0),
    PRIMARY KEY (membership_id, role_id)
) STRICT;
