-- Partners: the relation of one organism with one legal entity, and its convention.

CREATE TABLE partner (
    id                   UUID        NOT NULL PRIMARY KEY,
    organism_id          UUID        NOT NULL REFERENCES organism (id),
    siret                TEXT        NOT NULL,
    legal_name           TEXT        NOT NULL,
    name_key             TEXT COLLATE "C" NOT NULL,
    category             TEXT        NOT NULL CHECK (category IN
        ('commune', 'departement', 'intercommunalite', 'ccas', 'bailleur', 'eaje', 'securite_sociale', 'association', 'autre')),
    street               TEXT        NOT NULL,
    postal_code          TEXT        NOT NULL,
    city                 TEXT        NOT NULL,
    representative_name  TEXT        NOT NULL,
    representative_title TEXT        NOT NULL,
    security_name        TEXT        NOT NULL,
    security_mail        TEXT        NOT NULL,
    security_phone       TEXT        NOT NULL,
    protection_name      TEXT        NOT NULL,
    protection_mail      TEXT        NOT NULL,
    protection_phone     TEXT        NOT NULL,
    -- Three letters that begin the identifiers of its accounts.
    prefix               TEXT        NOT NULL,
    created_at           TIMESTAMPTZ NOT NULL,
    version              BIGINT      NOT NULL DEFAULT 1,
    UNIQUE (organism_id, siret)
);
CREATE INDEX partner_by_name ON partner (organism_id, name_key, id);

CREATE TABLE convention (
    partner_id   UUID NOT NULL PRIMARY KEY REFERENCES partner (id),
    organism_id  UUID NOT NULL REFERENCES organism (id),
    number       TEXT NOT NULL,
    signed_on    DATE,
    effective_on DATE,
    UNIQUE (organism_id, number)
);

-- Taken by every act that can change who holds what: one partner's rights change one at a time.
CREATE TABLE partner_habilitations (
    partner_id  UUID   NOT NULL PRIMARY KEY REFERENCES partner (id),
    organism_id UUID   NOT NULL REFERENCES organism (id),
    version     BIGINT NOT NULL
);
