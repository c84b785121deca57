-- Les deux rôles et la base, sur un PostgreSQL neuf. À lancer une fois, en superutilisateur :
--
--   psql --set proprietaire=… --set application=… --file roles.sql
--
-- Le propriétaire des tables ne sert qu’à « init » et « migrate » ; l’application ne peut ni modifier ni effacer une
-- trace, ni créer une table.
\set ON_ERROR_STOP on
CREATE ROLE compte_partenaire_application NOLOGIN;
CREATE ROLE cp_proprietaire LOGIN PASSWORD :'proprietaire';
CREATE ROLE cp_application LOGIN PASSWORD :'application' IN ROLE compte_partenaire_application;
CREATE DATABASE compte_partenaire OWNER cp_proprietaire ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE compte_partenaire FROM PUBLIC;
GRANT CONNECT ON DATABASE compte_partenaire TO compte_partenaire_application;
