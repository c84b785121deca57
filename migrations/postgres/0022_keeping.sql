-- What is kept no longer than it must be: reviews of legal holds, the days before which the history of grants may not
-- be erased, and the indexes by which what is due is found.

-- A hold is looked at again, and prolonged: its last review counts.
CREATE TABLE legal_hold_review (
    hold_id     UUID        NOT NULL REFERENCES legal_hold (id),
    reviewed_at TIMESTAMPTZ NOT NULL,
    organism_id UUID        NOT NULL REFERENCES organism (id),
    reviewed_by UUID        NOT NULL REFERENCES account (id),
    reason      TEXT        NOT NULL,
    -- The next one.
    review_on   DATE        NOT NULL,
    PRIMARY KEY (hold_id, reviewed_at)
);
CREATE TRIGGER legal_hold_review_is_never_rewritten BEFORE UPDATE ON legal_hold_review
    FOR EACH ROW EXECUTE FUNCTION refuse_hold_change('a review of a hold is never rewritten');
CREATE FUNCTION refuse_review_without_hold() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM public.legal_hold h WHERE h.id = OLD.hold_id AND h.released_at IS NULL) THEN
        RAISE EXCEPTION 'a review of a hold goes with its hold';
    END IF;
    RETURN OLD;
END
$$;
CREATE TRIGGER legal_hold_review_goes_with_its_hold BEFORE DELETE ON legal_hold_review
    FOR EACH ROW EXECUTE FUNCTION refuse_review_without_hold();

-- Six years (001 art. 5.3.2), by the engine's own clock: nobody erases the history of grants, or a review, before.
CREATE FUNCTION refuse_early_end() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF OLD.erase_on IS NULL OR OLD.erase_on > public.server_day() THEN
        RAISE EXCEPTION '%', TG_ARGV[0];
    END IF;
    RETURN OLD;
END
$$;
CREATE TRIGGER role_grant_history_is_kept BEFORE DELETE ON role_grant_history
    FOR EACH ROW EXECUTE FUNCTION refuse_early_end('the history of grants is kept six years');
CREATE TRIGGER review_is_kept BEFORE DELETE ON review
    FOR EACH ROW EXECUTE FUNCTION refuse_early_end('a transmitted review is kept six years');

CREATE INDEX outbox_done ON outbox (created_at, id) WHERE state IN ('sent', 'failed');
CREATE INDEX review_due ON review (erase_on) WHERE erase_on IS NOT NULL;
CREATE INDEX role_grant_ended ON role_grant (ends_on) WHERE ends_on IS NOT NULL;
CREATE INDEX account_suspended ON account (suspended_at) WHERE suspended_at IS NOT NULL;

GRANT SELECT, INSERT, DELETE ON legal_hold_review TO compte_partenaire_application;
GRANT DELETE ON legal_hold, trace_request, review, review_decision, grant_use, letter, postal_address
    TO compte_partenaire_application;
-- What is history is not changed.
REVOKE UPDATE ON role_grant_history FROM compte_partenaire_application;
