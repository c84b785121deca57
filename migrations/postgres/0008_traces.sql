-- The trace log. A row is written once, in its final form; nobody changes it and nobody erases it but the purge.
-- The key begins with the month, so that months may become partitions.

CREATE TABLE trace (
    month        INTEGER     NOT NULL,
    id           UUID        NOT NULL,
    at           TIMESTAMPTZ NOT NULL,
    -- Families of facts are searched by their first letters, byte by byte.
    fact         TEXT COLLATE "C" NOT NULL,
    audience     TEXT        NOT NULL CHECK (audience IN ('partner', 'organism')),
    organism_id  UUID,
    partner_id   UUID,
    -- The day before which the row may not be erased.
    keep_until   DATE        NOT NULL,
    salt         BYTEA       NOT NULL,
    body         TEXT        NOT NULL,
    key_number   INTEGER     NOT NULL,
    mac          BYTEA       NOT NULL,
    -- Columns of search, all of them recomputed from the body when the row is checked.
    actor_id     UUID,
    subject_id   UUID,
    session_hash BYTEA,
    file_hash    BYTEA,
    outcome      TEXT        NOT NULL,
    service      TEXT,
    source       TEXT,
    correlation  UUID,
    PRIMARY KEY (month, id)
);
CREATE INDEX trace_by_organism ON trace (organism_id, at, id);
CREATE INDEX trace_by_partner ON trace (partner_id, at, id) WHERE partner_id IS NOT NULL;
CREATE INDEX trace_by_actor ON trace (actor_id, at, id) WHERE actor_id IS NOT NULL;
CREATE INDEX trace_by_session ON trace (session_hash, at, id) WHERE session_hash IS NOT NULL;
CREATE INDEX trace_by_file ON trace (file_hash, at, id) WHERE file_hash IS NOT NULL;

-- Written with each trace, taken by the sealer: never «those above the last», because commits come out of order.
CREATE TABLE trace_unsealed (
    month INTEGER NOT NULL,
    id    UUID    NOT NULL,
    PRIMARY KEY (month, id)
);

CREATE FUNCTION refuse_trace_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a trace is never changed or erased';
END
$$;
CREATE TRIGGER trace_is_never_updated BEFORE UPDATE ON trace FOR EACH ROW EXECUTE FUNCTION refuse_trace_change();
CREATE TRIGGER trace_is_never_deleted BEFORE DELETE ON trace FOR EACH ROW EXECUTE FUNCTION refuse_trace_change();

-- The application's role inserts and reads traces; it can neither change one nor create a table.
-- Login roles are members of it. Its rights are given here, once, and with each new table.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'compte_partenaire_application') THEN
        CREATE ROLE compte_partenaire_application NOLOGIN;
    END IF;
END
$$;
GRANT USAGE ON SCHEMA public TO compte_partenaire_application;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO compte_partenaire_application;
REVOKE UPDATE, DELETE, TRUNCATE ON trace FROM compte_partenaire_application;
REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON service, service_role, role_rubric, _sqlx_migrations
    FROM compte_partenaire_application;
REVOKE UPDATE, DELETE, TRUNCATE ON trace_key FROM compte_partenaire_application;
