-- Memberships: one partner, one service, under conditions and a cap (001 art. 2.1, 2.2.1).

CREATE TABLE membership (
    id                 UUID        NOT NULL PRIMARY KEY,
    organism_id        UUID        NOT NULL REFERENCES organism (id),
    partner_id         UUID        NOT NULL REFERENCES partner (id),
    service_id         UUID        NOT NULL REFERENCES service (id),
    perimeter          TEXT        NOT NULL,
    available_on       DATE,
    formality_done_on  DATE,
    contract_signed_on DATE,
    signed_on          DATE,
    cap                INTEGER     NOT NULL CHECK (cap >= 0),
    created_at         TIMESTAMPTZ NOT NULL,
    version            BIGINT      NOT NULL DEFAULT 1,
    UNIQUE (partner_id, service_id)
);
CREATE INDEX membership_by_organism ON membership (organism_id, partner_id);

CREATE TABLE membership_mission (
    id            UUID    NOT NULL PRIMARY KEY,
    membership_id UUID    NOT NULL REFERENCES membership (id),
    label         TEXT    NOT NULL,
    position      INTEGER NOT NULL,
    -- A mission that was declared once is never erased: it is closed.
    closed        BOOLEAN NOT NULL DEFAULT FALSE
);
CREATE INDEX mission_by_membership ON membership_mission (membership_id, position);

CREATE TABLE role_cap (
    membership_id UUID    NOT NULL REFERENCES membership (id),
    role_id       UUID    NOT NULL REFERENCES service_role (id),
    cap           INTEGER NOT NULL CHECK (cap >= 0),
    PRIMARY KEY (membership_id, role_id)
);
