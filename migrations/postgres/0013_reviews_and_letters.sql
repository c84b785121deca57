-- The yearly review of who holds what (001 art. 2.2.2), the last use of each grant, and the letters that bring
-- identifiers and codes.

-- Written at the first reading of a day only. A row outlives its grant, as the history does, and no act on grants
-- waits for it: hence no reference to the grant.
CREATE TABLE grant_use (
    grant_id    UUID       NOT NULL,
    account_id  UUID       NOT NULL REFERENCES account (id),
    organism_id UUID       NOT NULL REFERENCES organism (id),
    used_at     TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (grant_id, account_id)
);

-- What the traces still know of uses before this table.
INSERT INTO grant_use (grant_id, account_id, organism_id, used_at)
    SELECT g.value::uuid, t.actor_id, t.organism_id, max(t.at)
    FROM trace t, jsonb_array_elements_text(t.body::jsonb -> 'object' -> 'grants') AS g (value)
    WHERE t.fact = 'file.read'
    GROUP BY g.value, t.actor_id, t.organism_id;

CREATE TABLE review (
    id             UUID       NOT NULL PRIMARY KEY,
    organism_id    UUID       NOT NULL REFERENCES organism (id),
    partner_id     UUID       NOT NULL REFERENCES partner (id),
    year           INTEGER    NOT NULL,
    opened_by      UUID       NOT NULL REFERENCES account (id),
    opened_at      TIMESTAMPTZ NOT NULL,
    transmitted_by UUID       REFERENCES account (id),
    transmitted_at TIMESTAMPTZ,
    -- What was transmitted, frozen: its canonical text, the SHA-256 of it, and a MAC as those of traces are made.
    proof          TEXT,
    digest         BYTEA,
    key_number     INTEGER,
    mac            BYTEA,
    -- Kept as long as the grants that it is about.
    erase_on       DATE,
    CHECK ((transmitted_at IS NULL) = (proof IS NULL))
);
-- One at a time.
CREATE UNIQUE INDEX review_one_open ON review (partner_id) WHERE transmitted_at IS NULL;
CREATE INDEX review_by_partner ON review (partner_id, transmitted_at);

-- What was transmitted is transmitted.
CREATE FUNCTION refuse_review_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a transmitted review is never changed';
END
$$;
CREATE TRIGGER review_is_final BEFORE UPDATE ON review FOR EACH ROW WHEN (OLD.transmitted_at IS NOT NULL)
    EXECUTE FUNCTION refuse_review_change();

CREATE TABLE review_decision (
    review_id     UUID       NOT NULL REFERENCES review (id),
    grant_id      UUID       NOT NULL,
    account_id    UUID       NOT NULL REFERENCES account (id),
    organism_id   UUID       NOT NULL REFERENCES organism (id),
    verdict       TEXT       NOT NULL CHECK (verdict IN ('confirmed', 'withdrawn')),
    decided_by    UUID       NOT NULL REFERENCES account (id),
    decided_at    TIMESTAMPTZ NOT NULL,
    -- The grant as it was when it was decided on: once changed, it is to be decided on again.
    membership_id UUID       NOT NULL REFERENCES membership (id),
    role_id       UUID       NOT NULL REFERENCES service_role (id),
    perimeter     TEXT       NOT NULL,
    starts_on     DATE       NOT NULL,
    ends_on       DATE,
    granted_by    UUID       NOT NULL REFERENCES account (id),
    granted_at    TIMESTAMPTZ NOT NULL,
    used_at       TIMESTAMPTZ,
    PRIMARY KEY (review_id, grant_id, account_id)
);

-- How the code of an account reaches its person.
ALTER TABLE account ADD COLUMN secret_way TEXT NOT NULL DEFAULT 'mail' CHECK (secret_way IN ('mail', 'letter'));

-- Where letters to a person are sent, when it is not where the partner is.
CREATE TABLE postal_address (
    account_id  UUID       NOT NULL PRIMARY KEY REFERENCES account (id),
    organism_id UUID       NOT NULL REFERENCES organism (id),
    -- A line before the street: a department, a floor; may be empty.
    detail      TEXT       NOT NULL,
    street      TEXT       NOT NULL,
    postal_code TEXT       NOT NULL,
    city        TEXT       NOT NULL
);

CREATE TABLE letter (
    id          UUID       NOT NULL PRIMARY KEY,
    organism_id UUID       NOT NULL REFERENCES organism (id),
    account_id  UUID       NOT NULL REFERENCES account (id),
    kind        TEXT       NOT NULL CHECK (kind IN ('identifier', 'secret')),
    printed_by  UUID       NOT NULL REFERENCES account (id),
    printed_at  TIMESTAMPTZ NOT NULL
);
CREATE INDEX letter_by_account ON letter (account_id, kind, printed_at);

GRANT SELECT, INSERT, UPDATE ON grant_use, review, review_decision, postal_address, letter
    TO compte_partenaire_application;
