-- Partners: the relation of one organism with one legal entity, and its convention.

CREATE TABLE partner (
    id                   BLOB        NOT NULL PRIMARY KEY,
    organism_id          BLOB        NOT NULL REFERENCES organism (id),
    siret                TEXT        NOT NULL,
    legal_name           TEXT        NOT NULL,
    name_key             TEXT NOT NULL,
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
    created_at           INTEGER NOT NULL,
    version              INTEGER      NOT NULL DEFAULT 1,
    UNIQUE (organism_id, siret)
) STRICT;
CREATE INDEX partner_by_name ON partner (organism_id, name_key, id);

CREATE TABLE convention (
    partner_id   BLOB NOT NULL PRIMARY KEY REFERENCES partner (id),
    organism_id  BLOB NOT NULL REFERENCES organism (id),
    number       TEXT NOT NULL,
    signed_on    TEXT,
    effective_on TEXT,
    UNIQUE (organism_id, number)
) STRICT;

-- Taken by every act that can change who holds what: one partner's rights change one at a time.
CREATE TABLE partner_habilitations (
    partner_id  BLOB   NOT NULL PRIMARY KEY REFERENCES partner (id),
    organism_id BLOB   NOT NULL REFERENCES organism (id),
    version     INTEGER NOT NULL
) STRICT;
