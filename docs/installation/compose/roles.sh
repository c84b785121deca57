#!/bin/sh
# Lancé par l’image de PostgreSQL à la création de la base : les deux rôles, avec les mots de passe préparés.
set -eu
psql --quiet --username postgres --set proprietaire="$(cat /base/proprietaire)" \
    --set application="$(cat /base/application)" --file /roles.sql
