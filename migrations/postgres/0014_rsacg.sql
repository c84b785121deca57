-- What the MSA and RSACG ask for (004): partners managed by their organism, services looked up by NIR, open at certain
-- hours, given by circonscription.

-- Who manages the people of a partner: itself (001 art. 2.2.2), or its organism (004 art. 4).
ALTER TABLE partner ADD COLUMN mode TEXT NOT NULL DEFAULT 'delegated' CHECK (mode IN ('delegated', 'centralised'));

-- What a beneficiary is looked up by; hours of the day, on the organism's clocks, when it is not open all day; whether
-- a grant of it names a circonscription.
ALTER TABLE service ADD COLUMN file_key TEXT NOT NULL DEFAULT 'file_number' CHECK (file_key IN ('file_number', 'nir'));
ALTER TABLE service ADD COLUMN opens_at INTEGER CHECK (opens_at >= 0);
ALTER TABLE service ADD COLUMN closes_at INTEGER CHECK (closes_at >= 0);
ALTER TABLE service ADD COLUMN by_circonscription BOOLEAN NOT NULL DEFAULT FALSE;

ALTER TABLE role_rubric DROP CONSTRAINT role_rubric_rubric_check;
ALTER TABLE role_rubric ADD CONSTRAINT role_rubric_rubric_check
    CHECK (rubric IN ('quotient_familial', 'adresse', 'famille', 'droits', 'rsa', 'ressources'));

INSERT INTO service (id, code, name, description, organism_kind, file_key, opens_at, closes_at, by_circonscription) VALUES
    ('01900000-0000-7000-8000-000000000002', 'rsacg', 'Consultation des dossiers RSA (RSACG)',
     'Consulter le dossier RSA d’un allocataire par son numéro de Sécurité sociale.', 'msa', 'nir', 5, 23, TRUE);

INSERT INTO service_role (id, service_id, code, name, description, position) VALUES
    ('01900000-0000-7000-8000-000000000021', '01900000-0000-7000-8000-000000000002',
     'dossier_rsa', 'Dossier RSA', 'Famille, droits, RSA, ressources et adresse des allocataires du RSA.', 1);

INSERT INTO role_rubric (role_id, rubric) VALUES
    ('01900000-0000-7000-8000-000000000021', 'famille'),
    ('01900000-0000-7000-8000-000000000021', 'droits'),
    ('01900000-0000-7000-8000-000000000021', 'rsa'),
    ('01900000-0000-7000-8000-000000000021', 'ressources'),
    ('01900000-0000-7000-8000-000000000021', 'adresse');

-- A named part of a partner's territory. Grants made there follow it when it is drawn again.
CREATE TABLE circonscription (
    id          UUID NOT NULL PRIMARY KEY,
    organism_id UUID NOT NULL REFERENCES organism (id),
    partner_id  UUID NOT NULL REFERENCES partner (id),
    name        TEXT NOT NULL,
    name_key    TEXT COLLATE "C" NOT NULL,
    -- Codes of communes and départements, separated by one space.
    perimeter   TEXT NOT NULL,
    created_at  TIMESTAMPTZ NOT NULL,
    version     BIGINT NOT NULL DEFAULT 1,
    UNIQUE (partner_id, name_key)
);

ALTER TABLE role_grant ADD COLUMN circonscription_id UUID REFERENCES circonscription (id);
ALTER TABLE role_grant_history ADD COLUMN circonscription_id UUID REFERENCES circonscription (id);
ALTER TABLE group_grant ADD COLUMN circonscription_id UUID REFERENCES circonscription (id);

-- By which numbers the RSA file of a household is found: those of the people who hold it.
CREATE TABLE file_holder (
    load_id UUID NOT NULL REFERENCES file_load (id),
    nir     TEXT NOT NULL,
    number  TEXT NOT NULL,
    PRIMARY KEY (load_id, nir)
);
CREATE INDEX file_holder_by_file ON file_holder (load_id, number);

GRANT SELECT, INSERT, UPDATE, DELETE ON circonscription, file_holder TO compte_partenaire_application;
