-- Accounts, sessions, sent forms and mails that wait.

CREATE TABLE account (
    id                 UUID        NOT NULL PRIMARY KEY,
    organism_id        UUID        NOT NULL REFERENCES organism (id),
    partner_id         UUID        REFERENCES partner (id),
    office             TEXT        NOT NULL CHECK (office IN
        ('organism_administrator', 'organism_auditor', 'principal', 'user')),
    identifier         TEXT        NOT NULL UNIQUE,
    surname            TEXT        NOT NULL,
    given_name         TEXT        NOT NULL,
    name_key           TEXT COLLATE "C" NOT NULL,
    job                TEXT        NOT NULL,
    mail               TEXT        NOT NULL,
    phone              TEXT        NOT NULL,
    password_hash      TEXT,
    secret_hash        TEXT,
    secret_expires_at  TIMESTAMPTZ,
    suspended_at       TIMESTAMPTZ,
    suspension_reason  TEXT,
    created_at         TIMESTAMPTZ NOT NULL,
    last_sign_in_at    TIMESTAMPTZ,
    CHECK ((office IN ('principal', 'user')) = (partner_id IS NOT NULL))
);
-- One principal a partner (001 art. 2.2.2).
CREATE UNIQUE INDEX account_one_principal ON account (partner_id) WHERE office = 'principal';
-- One address, one account: at each partner, and among the staff. Somebody who acts for two partners has an account
-- at each, and neither learns of the other.
CREATE UNIQUE INDEX account_own_mail ON account (partner_id, mail);
CREATE UNIQUE INDEX account_own_staff_mail ON account (organism_id, mail) WHERE partner_id IS NULL;
CREATE INDEX account_by_name ON account (partner_id, name_key, id);

CREATE TABLE session (
    -- A hash of the id: reading this table gives no session away.
    id_hash       BYTEA       NOT NULL PRIMARY KEY,
    account_id    UUID        NOT NULL REFERENCES account (id),
    opened_at     TIMESTAMPTZ NOT NULL,
    last_entry_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX session_by_account ON session (account_id);

-- Failures of an identifier, whether an account has it or not: the work is the same.
CREATE TABLE sign_in_budget (
    identifier_hash BYTEA       NOT NULL PRIMARY KEY,
    failures        INTEGER     NOT NULL,
    day_failures    INTEGER     NOT NULL,
    day_began_at    TIMESTAMPTZ NOT NULL,
    blocked_until   TIMESTAMPTZ NOT NULL
);

CREATE TABLE form_sent (
    account_id UUID        NOT NULL REFERENCES account (id),
    form_key   TEXT        NOT NULL,
    sent_at    TIMESTAMPTZ NOT NULL,
    location   TEXT        NOT NULL,
    PRIMARY KEY (account_id, form_key)
);

-- What a mail says is made when it is sent: no secret waits here.
CREATE TABLE outbox (
    id          UUID        NOT NULL PRIMARY KEY,
    organism_id UUID        NOT NULL REFERENCES organism (id),
    account_id  UUID        NOT NULL REFERENCES account (id),
    kind        TEXT        NOT NULL CHECK (kind IN ('invitation')),
    state       TEXT        NOT NULL CHECK (state IN ('waiting', 'sending', 'sent', 'failed')),
    attempts    INTEGER     NOT NULL,
    not_before  TIMESTAMPTZ NOT NULL,
    created_at  TIMESTAMPTZ NOT NULL,
    sent_at     TIMESTAMPTZ
);
CREATE INDEX outbox_waiting ON outbox (not_before, id) WHERE state IN ('waiting', 'sending');
CREATE INDEX outbox_by_account ON outbox (account_id, created_at);
