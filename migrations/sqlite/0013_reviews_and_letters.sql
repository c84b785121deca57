-- The yearly review of who holds what (001 art. 2.2.2), the last use of each grant, and the letters that bring
-- identifiers and codes.

-- Written at the first reading of a day only. A row outlives its grant, as the history does, and no act on grants
-- waits for it: hence no reference to the grant.
CREATE TABLE grant_use (
    grant_id    BLOB    NOT NULL,
    account_id  BLOB    NOT NULL REFERENCES account (id),
    organism_id BLOB    NOT NULL REFERENCES organism (id),
    used_at     INTEGER NOT NULL,
    PRIMARY KEY (grant_id, account_id)
) STRICT;

-- What the traces still know of uses before this table.
INSERT INTO grant_use (grant_id, account_id, organism_id, used_at)
    SELECT unhex(replace(g.value, '-', '')), t.actor_id, t.organism_id, max(t.at)
    FROM trace t, json_each(t.body, '$.object.grants') AS g
    WHERE t.fact = 'file.read'
    GROUP BY g.value, t.actor_id, t.organism_id;

CREATE TABLE review (
    id             BLOB    NOT NULL PRIMARY KEY,
    organism_id    BLOB    NOT NULL REFERENCES organism (id),
    partner_id     BLOB    NOT NULL REFERENCES partner (id),
    year           INTEGER NOT NULL,
    opened_by      BLOB    NOT NULL REFERENCES account (id),
    opened_at      INTEGER NOT NULL,
    transmitted_by BLOB    REFERENCES account (id),
    transmitted_at INTEGER,
    -- What was transmitted, frozen: its canonical text, the SHA-256 of it, and a MAC as those of traces are made.
    proof          TEXT,
    digest         BLOB,
    key_number     INTEGER,
    mac            BLOB,
    -- Kept as long as the grants that it is about.
    erase_on       TEXT,
    CHECK ((transmitted_at IS NULL) = (proof IS NULL))
) STRICT;
-- One at a time.
CREATE UNIQUE INDEX review_one_open ON review (partner_id) WHERE transmitted_at IS NULL;
CREATE INDEX review_by_partner ON review (partner_id, transmitted_at);

-- What was transmitted is transmitted.
CREATE TRIGGER review_is_final BEFORE UPDATE ON review WHEN OLD.transmitted_at IS NOT NULL
BEGIN
    SELECT RAISE(ABORT, 'a transmitted review is never changed');
END;

CREATE TABLE review_decision (
    review_id     BLOB    NOT NULL REFERENCES review (id),
    grant_id      BLOB    NOT NULL,
    account_id    BLOB    NOT NULL REFERENCES account (id),
    organism_id   BLOB    NOT NULL REFERENCES organism (id),
    verdict       TEXT    NOT NULL CHECK (verdict IN ('confirmed', 'withdrawn')),
    decided_by    BLOB    NOT NULL REFERENCES account (id),
    decided_at    INTEGER NOT NULL,
    -- The grant as it was when it was decided on: once changed, it is to be decided on again.
    membership_id BLOB    NOT NULL REFERENCES membership (id),
    role_id       BLOB    NOT NULL REFERENCES service_role (id),
    perimeter     TEXT    NOT NULL,
    starts_on     TEXT    NOT NULL,
    ends_on       TEXT,
    granted_by    BLOB    NOT NULL REFERENCES account (id),
    granted_at    INTEGER NOT NULL,
    used_at       INTEGER,
    PRIMARY KEY (review_id, grant_id, account_id)
) STRICT;

-- How the code of an account reaches its person.
ALTER TABLE account ADD COLUMN secret_way TEXT NOT NULL DEFAULT 'mail' CHECK (secret_way IN ('mail', 'letter'));

-- Where letters to a person are sent, when it is not where the partner is.
CREATE TABLE postal_address (
    account_id  BLOB NOT NULL PRIMARY KEY REFERENCES account (id),
    organism_id BLOB NOT NULL REFERENCES organism (id),
    -- A line before the street: a department, a floor; may be empty.
    detail      TEXT NOT NULL,
    street      TEXT NOT NULL,
    postal_code TEXT NOT NULL,
    city        TEXT NOT NULL
) STRICT;

CREATE TABLE letter (
    id          BLOB    NOT NULL PRIMARY KEY,
    organism_id BLOB    NOT NULL REFERENCES organism (id),
    account_id  BLOB    NOT NULL REFERENCES account (id),
    kind        TEXT    NOT NULL CHECK (kind IN ('identifier', 'secret')),
    printed_by  BLOB    NOT NULL REFERENCES account (id),
    printed_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX letter_by_account ON letter (account_id, kind, printed_at);
