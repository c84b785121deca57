-- Services, their roles and the rubrics that each role sees: rows of the program, no editor.

CREATE TABLE service (
    id            BLOB NOT NULL PRIMARY KEY,
    code          TEXT NOT NULL UNIQUE,
    name          TEXT NOT NULL,
    description   TEXT NOT NULL,
    organism_kind TEXT NOT NULL CHECK (organism_kind IN ('caf', 'msa'))
) STRICT;

CREATE TABLE service_role (
    id          BLOB    NOT NULL PRIMARY KEY,
    service_id  BLOB    NOT NULL REFERENCES service (id),
    code        TEXT    NOT NULL,
    name        TEXT    NOT NULL,
    description TEXT    NOT NULL,
    position    INTEGER NOT NULL,
    UNIQUE (service_id, code)
) STRICT;

CREATE TABLE role_rubric (
    role_id BLOB NOT NULL REFERENCES service_role (id),
    rubric  TEXT NOT NULL CHECK (rubric IN ('quotient_familial', 'adresse', 'famille', 'droits')),
    PRIMARY KEY (role_id, rubric)
) STRICT;

INSERT INTO service (id, code, name, description, organism_kind) VALUES
    (X'01900000000070008000000000000001', 'cdap', 'Consultation du dossier allocataire (CDAP)',
     'Consulter le dossier d’un allocataire par son numéro.', 'caf');

INSERT INTO service_role (id, service_id, code, name, description, position) VALUES
    (X'01900000000070008000000000000011', X'01900000000070008000000000000001',
     'quotient', 'Quotient familial', 'Quotient familial du mois et des mois passés, avec ses dates de calcul.', 1),
    (X'01900000000070008000000000000012', X'01900000000070008000000000000001',
     'adresse', 'Adresse', 'Adresse postale déclarée par la famille.', 2),
    (X'01900000000070008000000000000013', X'01900000000070008000000000000001',
     'famille_droits', 'Famille et droits', 'Personnes du foyer, situation familiale et prestations.', 3);

INSERT INTO role_rubric (role_id, rubric) VALUES
    (X'01900000000070008000000000000011', 'quotient_familial'),
    (X'01900000000070008000000000000012', 'adresse'),
    (X'01900000000070008000000000000013', 'famille'),
    (X'01900000000070008000000000000013', 'droits');
