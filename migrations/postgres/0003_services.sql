-- Services, their roles and the rubrics that each role sees: rows of the program, no editor.

CREATE TABLE service (
    id            UUID NOT NULL PRIMARY KEY,
    code          TEXT NOT NULL UNIQUE,
    name          TEXT NOT NULL,
    description   TEXT NOT NULL,
    organism_kind TEXT NOT NULL CHECK (organism_kind IN ('caf', 'msa'))
);

CREATE TABLE service_role (
    id          UUID    NOT NULL PRIMARY KEY,
    service_id  UUID    NOT NULL REFERENCES service (id),
    code        TEXT    NOT NULL,
    name        TEXT    NOT NULL,
    description TEXT    NOT NULL,
    position    INTEGER NOT NULL,
    UNIQUE (service_id, code)
);

CREATE TABLE role_rubric (
    role_id UUID NOT NULL REFERENCES service_role (id),
    rubric  TEXT NOT NULL CHECK (rubric IN ('quotient_familial', 'adresse', 'famille', 'droits')),
    PRIMARY KEY (role_id, rubric)
);

INSERT INTO service (id, code, name, description, organism_kind) VALUES
    ('01900000-0000-7000-8000-000000000001', 'cdap', 'Consultation du dossier allocataire (CDAP)',
     'Consulter le dossier d’un allocataire par son numéro.', 'caf');

INSERT INTO service_role (id, service_id, code, name, description, position) VALUES
    ('01900000-0000-7000-8000-000000000011', '01900000-0000-7000-8000-000000000001',
     'quotient', 'Quotient familial', 'Quotient familial du mois et des mois passés, avec ses dates de calcul.', 1),
    ('01900000-0000-7000-8000-000000000012', '01900000-0000-7000-8000-000000000001',
     'adresse', 'Adresse', 'Adresse postale déclarée par la famille.', 2),
    ('01900000-0000-7000-8000-000000000013', '01900000-0000-7000-8000-000000000001',
     'famille_droits', 'Famille et droits', 'Personnes du foyer, situation familiale et prestations.', 3);

INSERT INTO role_rubric (role_id, rubric) VALUES
    ('01900000-0000-7000-8000-000000000011', 'quotient_familial'),
    ('01900000-0000-7000-8000-000000000012', 'adresse'),
    ('01900000-0000-7000-8000-000000000013', 'famille'),
    ('01900000-0000-7000-8000-000000000013', 'droits');
