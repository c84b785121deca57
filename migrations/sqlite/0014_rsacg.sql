-- What the MSA and RSACG ask for (004): partners managed by their organism, services looked up by NIR, open at certain
-- hours, given by circonscription.

-- Who manages the people of a partner: itself (001 art. 2.2.2), or its organism (004 art. 4).
ALTER TABLE partner ADD COLUMN mode TEXT NOT NULL DEFAULT 'delegated' CHECK (mode IN ('delegated', 'centralised'));

-- What a beneficiary is looked up by; hours of the day, on the organism's clocks, when it is not open all day; whether
-- a grant of it names a circonscription.
ALTER TABLE service ADD COLUMN file_key TEXT NOT NULL DEFAULT 'file_number' CHECK (file_key IN ('file_number', 'nir'));
ALTER TABLE service ADD COLUMN opens_at INTEGER CHECK (opens_at >= 0);
ALTER TABLE service ADD COLUMN closes_at INTEGER CHECK (closes_at >= 0);
ALTER TABLE service ADD COLUMN by_circonscription INTEGER NOT NULL DEFAULT 0;

CREATE TABLE role_rubric_wider (
    role_id BLOB NOT NULL REFERENCES service_role (id),
    rubric  TEXT NOT NULL CHECK (rubric IN ('quotient_familial', 'adresse', 'famille', 'droits', 'rsa', 'ressources')),
    PRIMARY KEY (role_id, rubric)
) STRICT;
INSERT INTO role_rubric_wider (role_id, rubric) SELECT role_id, rubric FROM role_rubric;
DROP TABLE role_rubric;
ALTER TABLE role_rubric_wider RENAME TO role_rubric;

INSERT INTO service (id, code, name, description, organism_kind, file_key, opens_at, closes_at, by_circonscription) VALUES
    (X'01900000000070008000000000000002', 'rsacg', 'Consultation des dossiers RSA (RSACG)',
     'Consulter le dossier RSA d’un allocataire par son numéro de Sécurité sociale.', 'msa', 'nir', 5, 23, TRUE);

INSERT INTO service_role (id, service_id, code, name, description, position) VALUES
    (X'01900000000070008000000000000021', X'01900000000070008000000000000002',
     'dossier_rsa', 'Dossier RSA', 'Famille, droits, RSA, ressources et adresse des allocataires du RSA.', 1);

INSERT INTO role_rubric (role_id, rubric) VALUES
    (X'01900000000070008000000000000021', 'famille'),
    (X'01900000000070008000000000000021', 'droits'),
    (X'01900000000070008000000000000021', 'rsa'),
    (X'01900000000070008000000000000021', 'ressources'),
    (X'01900000000070008000000000000021', 'adresse');

-- A named part of a partner's territory. Grants made there follow it when it is drawn again.
CREATE TABLE circonscription (
    id          BLOB NOT NULL PRIMARY KEY,
    organism_id BLOB NOT NULL REFERENCES organism (id),
    partner_id  BLOB NOT NULL REFERENCES partner (id),
    name        TEXT NOT NULL,
    name_key    TEXT NOT NULL,
    -- Codes of communes and départements, separated by one space.
    perimeter   TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    version     INTEGER NOT NULL DEFAULT 1,
    UNIQUE (partner_id, name_key)
) STRICT;

ALTER TABLE role_grant ADD COLUMN circonscription_id BLOB REFERENCES circonscription (id);
ALTER TABLE role_grant_history ADD COLUMN circonscription_id BLOB REFERENCES circonscription (id);
ALTER TABLE group_grant ADD COLUMN circonscription_id BLOB REFERENCES circonscription (id);

-- By which numbers the RSA file of a household is found: those of the people who hold it.
CREATE TABLE file_holder (
    load_id BLOB NOT NULL REFERENCES file_load (id),
    nir     TEXT NOT NULL,
    number  TEXT NOT NULL,
    PRIMARY KEY (load_id, nir)
) STRICT;
CREATE INDEX file_holder_by_file ON file_holder (load_id, number);
