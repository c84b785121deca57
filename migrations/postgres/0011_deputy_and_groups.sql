-- A deputy beside the principal; and groups, by which a role reaches people.

ALTER TABLE account
    DROP CONSTRAINT account_office_check,
    DROP CONSTRAINT account_check,
    ADD CONSTRAINT account_office_check CHECK (office IN
        ('organism_administrator', 'organism_auditor', 'principal', 'deputy', 'user')),
    ADD CONSTRAINT account_check CHECK ((office IN ('principal', 'deputy', 'user')) = (partner_id IS NOT NULL));
-- One deputy a partner.
CREATE UNIQUE INDEX account_one_deputy ON account (partner_id) WHERE office = 'deputy';

-- People who do the same work («group» is a word of SQL).
CREATE TABLE partner_group (
    id          UUID        NOT NULL PRIMARY KEY,
    organism_id UUID        NOT NULL REFERENCES organism (id),
    partner_id  UUID        NOT NULL REFERENCES partner (id),
    name        TEXT        NOT NULL,
    name_key    TEXT COLLATE "C" NOT NULL,
    purpose     TEXT        NOT NULL,
    created_by  UUID        NOT NULL REFERENCES account (id),
    created_at  TIMESTAMPTZ NOT NULL,
    archived_at TIMESTAMPTZ,
    version     BIGINT      NOT NULL DEFAULT 1
);
-- A name is free again once its group is archived.
CREATE UNIQUE INDEX partner_group_own_name ON partner_group (partner_id, name_key) WHERE archived_at IS NULL;

CREATE TABLE group_member (
    group_id    UUID        NOT NULL REFERENCES partner_group (id),
    account_id  UUID        NOT NULL REFERENCES account (id),
    organism_id UUID        NOT NULL REFERENCES organism (id),
    partner_id  UUID        NOT NULL REFERENCES partner (id),
    added_by    UUID        NOT NULL REFERENCES account (id),
    added_at    TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (group_id, account_id)
);
CREATE INDEX group_member_by_account ON group_member (account_id, group_id);

-- A role given to a group. What each member holds by it stands in role_grant, with the group as its route: whoever
-- reads who holds what reads that table alone.
CREATE TABLE group_grant (
    id            UUID        NOT NULL PRIMARY KEY,
    organism_id   UUID        NOT NULL REFERENCES organism (id),
    partner_id    UUID        NOT NULL REFERENCES partner (id),
    group_id      UUID        NOT NULL REFERENCES partner_group (id),
    membership_id UUID        NOT NULL REFERENCES membership (id),
    role_id       UUID        NOT NULL REFERENCES service_role (id),
    perimeter     TEXT        NOT NULL,
    starts_on     DATE        NOT NULL,
    ends_on       DATE,
    granted_by    UUID        NOT NULL REFERENCES account (id),
    granted_at    TIMESTAMPTZ NOT NULL,
    UNIQUE (group_id, membership_id, role_id)
);
CREATE INDEX group_grant_by_membership ON group_grant (membership_id, role_id);

-- One row a person, a role and a route: directly (no group), or by one group or another.
ALTER TABLE role_grant
    ADD COLUMN group_id UUID REFERENCES partner_group (id),
    DROP CONSTRAINT role_grant_account_id_membership_id_role_id_key;
CREATE UNIQUE INDEX role_grant_once_directly ON role_grant (account_id, membership_id, role_id)
    WHERE group_id IS NULL;
CREATE UNIQUE INDEX role_grant_once_by_group ON role_grant (account_id, membership_id, role_id, group_id)
    WHERE group_id IS NOT NULL;
CREATE INDEX role_grant_by_account ON role_grant (account_id);
CREATE INDEX role_grant_by_group ON role_grant (group_id) WHERE group_id IS NOT NULL;
ALTER TABLE role_grant_history ADD COLUMN group_id UUID REFERENCES partner_group (id);

GRANT SELECT, INSERT, UPDATE, DELETE ON partner_group, group_member, group_grant TO compte_partenaire_application;
