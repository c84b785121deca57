-- A deputy beside the principal; and groups, by which a role reaches people.

-- SQLite changes no CHECK: the table is made again. Every row comes back under its own id before the transaction
-- ends, so that what refers to it is whole. (`*`: a column that this text does not know must stop it.)
PRAGMA defer_foreign_keys = ON;
CREATE TABLE account_kept AS SELECT * FROM account;
DROP TABLE account;
CREATE TABLE account (
    id                 BLOB        NOT NULL PRIMARY KEY,
    organism_id        BLOB        NOT NULL REFERENCES organism (id),
    partner_id         BLOB        REFERENCES partner (id),
    office             TEXT        NOT NULL CHECK (office IN
        ('organism_administrator', 'organism_auditor', 'principal', 'deputy', 'user')),
    identifier         TEXT        NOT NULL UNIQUE,
    surname            TEXT        NOT NULL,
    given_name         TEXT        NOT NULL,
    name_key           TEXT NOT NULL,
    job                TEXT        NOT NULL,
    mail               TEXT        NOT NULL,
    phone              TEXT        NOT NULL,
    password_hash      TEXT,
    secret_hash        TEXT,
    secret_expires_at  INTEGER,
    suspended_at       INTEGER,
    suspension_reason  TEXT,
    created_at         INTEGER NOT NULL,
    last_sign_in_at    INTEGER,
    CHECK ((office IN ('principal', 'deputy', 'user')) = (partner_id IS NOT NULL))
) STRICT;
INSERT INTO account SELECT * FROM account_kept;
DROP TABLE account_kept;
CREATE UNIQUE INDEX account_one_principal ON account (partner_id) WHERE office = 'principal';
CREATE UNIQUE INDEX account_own_mail ON account (partner_id, mail);
CREATE UNIQUE INDEX account_own_staff_mail ON account (organism_id, mail) WHERE partner_id IS NULL;
CREATE INDEX account_by_name ON account (partner_id, name_key, id);
-- One deputy a partner.
CREATE UNIQUE INDEX account_one_deputy ON account (partner_id) WHERE office = 'deputy';

-- People who do the same work («group» is a word of SQL).
CREATE TABLE partner_group (
    id          BLOB        NOT NULL PRIMARY KEY,
    organism_id BLOB        NOT NULL REFERENCES organism (id),
    partner_id  BLOB        NOT NULL REFERENCES partner (id),
    name        TEXT        NOT NULL,
    name_key    TEXT        NOT NULL,
    purpose     TEXT        NOT NULL,
    created_by  BLOB        NOT NULL REFERENCES account (id),
    created_at  INTEGER     NOT NULL,
    archived_at INTEGER,
    version     INTEGER     NOT NULL DEFAULT 1
) STRICT;
-- A name is free again once its group is archived.
CREATE UNIQUE INDEX partner_group_own_name ON partner_group (partner_id, name_key) WHERE archived_at IS NULL;

CREATE TABLE group_member (
    group_id    BLOB        NOT NULL REFERENCES partner_group (id),
    account_id  BLOB        NOT NULL REFERENCES account (id),
    organism_id BLOB        NOT NULL REFERENCES organism (id),
    partner_id  BLOB        NOT NULL REFERENCES partner (id),
    added_by    BLOB        NOT NULL REFERENCES account (id),
    added_at    INTEGER     NOT NULL,
    PRIMARY KEY (group_id, account_id)
) STRICT;
CREATE INDEX group_member_by_account ON group_member (account_id, group_id);

-- A role given to a group. What each member holds by it stands in role_grant, with the group as its route: whoever
-- reads who holds what reads that table alone.
CREATE TABLE group_grant (
    id            BLOB        NOT NULL PRIMARY KEY,
    organism_id   BLOB        NOT NULL REFERENCES organism (id),
    partner_id    BLOB        NOT NULL REFERENCES partner (id),
    group_id      BLOB        NOT NULL REFERENCES partner_group (id),
    membership_id BLOB        NOT NULL REFERENCES membership (id),
    role_id       BLOB        NOT NULL REFERENCES service_role (id),
    perimeter     TEXT        NOT NULL,
    starts_on     TEXT        NOT NULL,
    ends_on       TEXT,
    granted_by    BLOB        NOT NULL REFERENCES account (id),
    granted_at    INTEGER     NOT NULL,
    UNIQUE (group_id, membership_id, role_id)
) STRICT;
CREATE INDEX group_grant_by_membership ON group_grant (membership_id, role_id);

-- One row a person, a role and a route: directly (no group), or by one group or another.
CREATE TABLE role_grant_kept AS SELECT * FROM role_grant;
DROP TABLE role_grant;
CREATE TABLE role_grant (
    id            BLOB        NOT NULL PRIMARY KEY,
    organism_id   BLOB        NOT NULL REFERENCES organism (id),
    partner_id    BLOB        NOT NULL REFERENCES partner (id),
    membership_id BLOB        NOT NULL REFERENCES membership (id),
    role_id       BLOB        NOT NULL REFERENCES service_role (id),
    account_id    BLOB        NOT NULL REFERENCES account (id),
    perimeter     TEXT        NOT NULL,
    starts_on     TEXT        NOT NULL,
    ends_on       TEXT,
    granted_by    BLOB        NOT NULL REFERENCES account (id),
    granted_at    INTEGER NOT NULL,
    group_id      BLOB        REFERENCES partner_group (id)
) STRICT;
INSERT INTO role_grant SELECT *, NULL FROM role_grant_kept;
DROP TABLE role_grant_kept;
CREATE INDEX role_grant_by_membership ON role_grant (membership_id, role_id);
CREATE INDEX role_grant_by_partner ON role_grant (partner_id, granted_at, id);
CREATE UNIQUE INDEX role_grant_once_directly ON role_grant (account_id, membership_id, role_id)
    WHERE group_id IS NULL;
CREATE UNIQUE INDEX role_grant_once_by_group ON role_grant (account_id, membership_id, role_id, group_id)
    WHERE group_id IS NOT NULL;
CREATE INDEX role_grant_by_account ON role_grant (account_id);
CREATE INDEX role_grant_by_group ON role_grant (group_id) WHERE group_id IS NOT NULL;
ALTER TABLE role_grant_history ADD COLUMN group_id BLOB REFERENCES partner_group (id);
