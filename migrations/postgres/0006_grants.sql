-- Grants in force, their history, and requests for a higher cap.

CREATE TABLE role_grant (
    id            UUID        NOT NULL PRIMARY KEY,
    organism_id   UUID        NOT NULL REFERENCES organism (id),
    partner_id    UUID        NOT NULL REFERENCES partner (id),
    membership_id UUID        NOT NULL REFERENCES membership (id),
    role_id       UUID        NOT NULL REFERENCES service_role (id),
    account_id    UUID        NOT NULL REFERENCES account (id),
    perimeter     TEXT        NOT NULL,
    starts_on     DATE        NOT NULL,
    ends_on       DATE,
    granted_by    UUID        NOT NULL REFERENCES account (id),
    granted_at    TIMESTAMPTZ NOT NULL,
    UNIQUE (account_id, membership_id, role_id)
);
CREATE INDEX role_grant_by_membership ON role_grant (membership_id, role_id);
CREATE INDEX role_grant_by_partner ON role_grant (partner_id, granted_at, id);

-- A grant moves here when it is devalidated, and is erased six years after (001 art. 5.3.2).
CREATE TABLE role_grant_history (
    id            UUID        NOT NULL PRIMARY KEY,
    organism_id   UUID        NOT NULL REFERENCES organism (id),
    partner_id    UUID        NOT NULL REFERENCES partner (id),
    membership_id UUID        NOT NULL REFERENCES membership (id),
    role_id       UUID        NOT NULL REFERENCES service_role (id),
    account_id    UUID        NOT NULL REFERENCES account (id),
    perimeter     TEXT        NOT NULL,
    starts_on     DATE        NOT NULL,
    ends_on       DATE,
    granted_by    UUID        NOT NULL REFERENCES account (id),
    granted_at    TIMESTAMPTZ NOT NULL,
    revoked_by    UUID        NOT NULL REFERENCES account (id),
    revoked_at    TIMESTAMPTZ NOT NULL,
    reason        TEXT        NOT NULL,
    erase_on      DATE        NOT NULL
);
CREATE INDEX role_grant_history_by_partner ON role_grant_history (partner_id, revoked_at, id);
CREATE INDEX role_grant_history_due ON role_grant_history (erase_on);

CREATE TABLE cap_request (
    id            UUID        NOT NULL PRIMARY KEY,
    organism_id   UUID        NOT NULL REFERENCES organism (id),
    partner_id    UUID        NOT NULL REFERENCES partner (id),
    membership_id UUID        NOT NULL REFERENCES membership (id),
    role_id       UUID        REFERENCES service_role (id),
    wanted        INTEGER     NOT NULL CHECK (wanted > 0),
    reason        TEXT        NOT NULL,
    asked_by      UUID        NOT NULL REFERENCES account (id),
    asked_at      TIMESTAMPTZ NOT NULL,
    state         TEXT        NOT NULL CHECK (state IN ('open', 'accepted', 'refused')),
    answered_by   UUID        REFERENCES account (id),
    answered_at   TIMESTAMPTZ,
    answer        TEXT,
    -- The cap that was fixed, when it was accepted.
    fixed         INTEGER     CHECK (fixed >= 0)
);
CREATE INDEX cap_request_by_organism ON cap_request (organism_id, state, asked_at, id);
CREATE INDEX cap_request_by_membership ON cap_request (membership_id, state);
