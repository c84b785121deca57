-- What the law lets go, and what is held back: legal holds, and the only ways in which a trace or a leaf may be erased.

-- «Conservation exceptionnelle»: traces that stay as long as an investigation needs them (000 art. 10). One kind of
-- matter each. A file is known by its keyed hash, and by its number encrypted, for who may read it.
CREATE TABLE legal_hold (
    id             UUID        NOT NULL PRIMARY KEY,
    organism_id    UUID        NOT NULL REFERENCES organism (id),
    kind           TEXT        NOT NULL CHECK (kind IN ('person', 'partner', 'file', 'incident')),
    account_id     UUID        REFERENCES account (id),
    partner_id     UUID        REFERENCES partner (id),
    file_hash      BYTEA,
    file_sealed    BYTEA,
    incident       TEXT,
    from_at        TIMESTAMPTZ,
    until_at       TIMESTAMPTZ,
    basis          TEXT        NOT NULL,
    reason         TEXT        NOT NULL,
    review_on      DATE        NOT NULL,
    asked_by       UUID        NOT NULL REFERENCES account (id),
    asked_at       TIMESTAMPTZ NOT NULL,
    released_by    UUID        REFERENCES account (id),
    released_at    TIMESTAMPTZ,
    release_reason TEXT,
    CHECK ((account_id IS NOT NULL) = (kind = 'person')),
    CHECK ((partner_id IS NOT NULL) = (kind = 'partner')),
    CHECK ((file_hash IS NOT NULL) = (kind = 'file')),
    CHECK ((incident IS NOT NULL) = (kind = 'incident')),
    CHECK ((from_at IS NOT NULL) = (incident IS NOT NULL)),
    CHECK ((until_at IS NOT NULL) = (incident IS NOT NULL)),
    CHECK ((released_by IS NOT NULL) = (released_at IS NOT NULL)),
    -- Who asked never releases.
    CHECK (released_by <> asked_by)
);
CREATE INDEX legal_hold_in_force ON legal_hold (organism_id, review_on, id) WHERE released_at IS NULL;
CREATE INDEX legal_hold_released ON legal_hold (organism_id, released_at, id) WHERE released_at IS NOT NULL;

CREATE FUNCTION refuse_hold_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0];
END
$$;
CREATE TRIGGER legal_hold_is_never_rewritten BEFORE UPDATE OF id, organism_id, kind, account_id, partner_id, file_hash,
    file_sealed, incident, from_at, until_at, basis, reason, review_on, asked_by, asked_at ON legal_hold
    FOR EACH ROW EXECUTE FUNCTION refuse_hold_change('a legal hold is never rewritten');
CREATE TRIGGER legal_hold_is_released_once BEFORE UPDATE ON legal_hold FOR EACH ROW WHEN (OLD.released_at IS NOT NULL)
    EXECUTE FUNCTION refuse_hold_change('a legal hold is released once');
CREATE TRIGGER legal_hold_in_force_is_never_deleted BEFORE DELETE ON legal_hold
    FOR EACH ROW WHEN (OLD.released_at IS NULL)
    EXECUTE FUNCTION refuse_hold_change('a legal hold is released, never erased');
CREATE TRIGGER legal_hold_is_never_truncated BEFORE TRUNCATE ON legal_hold
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_hold_change('a legal hold is released, never erased');

-- The one row that a batch of the purge and a new hold both take: one waits for the other.
CREATE TABLE trace_purge (
    id      INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    turn    BIGINT NOT NULL,
    -- When the next run may begin, on whichever node.
    next_at TIMESTAMPTZ,
    -- When one last went to its end.
    done_at TIMESTAMPTZ
);
INSERT INTO trace_purge (id, turn) VALUES (1, 0);

-- Today by the server's own clock, whatever zone a session asks for. Tests run their clock in the past, so that the
-- guards below need no back door.
CREATE FUNCTION server_day() RETURNS date LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$ SELECT (clock_timestamp() AT TIME ZONE 'UTC')::date $$;

-- A trace goes once its day has come, its leaf stands for it, and nothing holds it: the owner himself is refused more.
CREATE FUNCTION refuse_early_erasure() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF OLD.keep_until > public.server_day()
        OR NOT EXISTS (SELECT 1 FROM public.trace_leaf l
            WHERE l.month = OLD.month AND l.id = OLD.id AND l.keep_until <= public.server_day())
        OR EXISTS (SELECT 1 FROM public.legal_hold h WHERE h.organism_id = OLD.organism_id AND h.released_at IS NULL
            AND (h.account_id = OLD.actor_id OR h.account_id = OLD.subject_id OR h.partner_id = OLD.partner_id
                OR h.file_hash = OLD.file_hash OR (h.from_at <= OLD.at AND h.until_at > OLD.at)))
    THEN
        RAISE EXCEPTION 'a trace is never changed or erased';
    END IF;
    RETURN OLD;
END
$$;
DROP TRIGGER trace_is_never_deleted ON trace;
CREATE TRIGGER trace_is_erased_when_due BEFORE DELETE ON trace FOR EACH ROW EXECUTE FUNCTION refuse_early_erasure();

-- A block is folded once: all its leaves are there, the last day of them has come, and no row of them is left.
CREATE FUNCTION refuse_early_fold() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF OLD.folded IS NOT NULL OR NEW.folded IS NULL OR NEW.folded > public.server_day()
        OR NEW.log <> OLD.log OR NEW.number <> OLD.number OR NEW.root <> OLD.root
        OR (SELECT count(*) FROM public.trace_leaf l WHERE l.log = OLD.log AND l.rank >= OLD.number * 4096
            AND l.rank < OLD.number * 4096 + 4096 AND l.keep_until <= NEW.folded) <> 4096
        OR EXISTS (SELECT 1 FROM public.trace_leaf l JOIN public.trace t ON t.month = l.month AND t.id = l.id
            WHERE l.log = OLD.log AND l.rank >= OLD.number * 4096 AND l.rank < OLD.number * 4096 + 4096)
    THEN
        RAISE EXCEPTION 'a seal is never changed or erased';
    END IF;
    RETURN NEW;
END
$$;
DROP TRIGGER trace_block_is_never_updated ON trace_block;
CREATE TRIGGER trace_block_is_folded_when_due BEFORE UPDATE ON trace_block
    FOR EACH ROW EXECUTE FUNCTION refuse_early_fold();
CREATE FUNCTION refuse_leaf_before_fold() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM public.trace_block b
        WHERE b.log = OLD.log AND b.number = OLD.rank / 4096 AND b.folded IS NOT NULL)
    THEN
        RAISE EXCEPTION 'a seal is never changed or erased';
    END IF;
    RETURN OLD;
END
$$;
DROP TRIGGER trace_leaf_is_never_deleted ON trace_leaf;
CREATE TRIGGER trace_leaf_is_folded_first BEFORE DELETE ON trace_leaf
    FOR EACH ROW EXECUTE FUNCTION refuse_leaf_before_fold();

-- The application erases through these alone: its role has no DELETE on traces and leaves. Each looks again, by the
-- server's clock, at all that the triggers look at.
CREATE FUNCTION erase_due_traces(of_log INTEGER, first BIGINT, last BIGINT, due DATE) RETURNS BIGINT
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH gone AS (
        DELETE FROM public.trace t USING public.trace_leaf l
        WHERE l.log = of_log AND l.rank >= first AND l.rank <= last
            AND l.keep_until <= LEAST(due, public.server_day())
            AND t.month = l.month AND t.id = l.id AND t.keep_until <= LEAST(due, public.server_day())
            AND NOT EXISTS (SELECT 1 FROM public.legal_hold h
                WHERE h.organism_id = t.organism_id AND h.released_at IS NULL
                AND (h.account_id = t.actor_id OR h.account_id = t.subject_id OR h.partner_id = t.partner_id
                    OR h.file_hash = t.file_hash OR (h.from_at <= t.at AND h.until_at > t.at)))
        RETURNING t.id)
    SELECT count(*) FROM gone
$$;
CREATE FUNCTION fold_due_block(of_log INTEGER, of_number BIGINT, last_day DATE) RETURNS BIGINT
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH done AS (
        UPDATE public.trace_block SET folded = last_day WHERE log = of_log AND number = of_number AND folded IS NULL
        RETURNING number)
    SELECT count(*) FROM done
$$;
CREATE FUNCTION erase_folded_leaves(of_log INTEGER, first BIGINT, last BIGINT) RETURNS BIGINT
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH gone AS (
        DELETE FROM public.trace_leaf l USING public.trace_block b
        WHERE l.log = of_log AND l.rank >= first AND l.rank <= last
            AND b.log = l.log AND b.number = l.rank / 4096 AND b.folded IS NOT NULL
        RETURNING l.rank)
    SELECT count(*) FROM gone
$$;
REVOKE ALL ON FUNCTION erase_due_traces, fold_due_block, erase_folded_leaves FROM PUBLIC;
GRANT EXECUTE ON FUNCTION erase_due_traces, fold_due_block, erase_folded_leaves TO compte_partenaire_application;

GRANT SELECT, INSERT ON legal_hold TO compte_partenaire_application;
GRANT UPDATE (released_by, released_at, release_reason) ON legal_hold TO compte_partenaire_application;
GRANT SELECT, UPDATE ON trace_purge TO compte_partenaire_application;
