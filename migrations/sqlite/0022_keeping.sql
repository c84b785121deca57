-- What is kept no longer than it must be: reviews of legal holds, the days before which the history of grants may not
-- be erased, and the indexes by which what is due is found.

-- A hold is looked at again, and prolonged: its last review counts.
CREATE TABLE legal_hold_review (
    hold_id     BLOB    NOT NULL REFERENCES legal_hold (id),
    reviewed_at INTEGER NOT NULL,
    organism_id BLOB    NOT NULL REFERENCES organism (id),
    reviewed_by BLOB    NOT NULL REFERENCES account (id),
    reason      TEXT    NOT NULL,
    -- The next one.
    review_on   TEXT    NOT NULL,
    PRIMARY KEY (hold_id, reviewed_at)
) STRICT;
CREATE TRIGGER legal_hold_review_is_never_rewritten BEFORE UPDATE ON legal_hold_review
BEGIN
    SELECT RAISE(ABORT, 'a review of a hold is never rewritten');
END;
CREATE TRIGGER legal_hold_review_goes_with_its_hold BEFORE DELETE ON legal_hold_review
WHEN EXISTS (SELECT 1 FROM legal_hold h WHERE h.id = OLD.hold_id AND h.released_at IS NULL)
BEGIN
    SELECT RAISE(ABORT, 'a review of a hold goes with its hold');
END;

-- Six years (001 art. 5.3.2), by the engine's own clock: nobody erases the history of grants, or a review, before.
CREATE TRIGGER role_grant_history_is_kept BEFORE DELETE ON role_grant_history WHEN OLD.erase_on > date('now')
BEGIN
    SELECT RAISE(ABORT, 'the history of grants is kept six years');
END;
CREATE TRIGGER review_is_kept BEFORE DELETE ON review WHEN OLD.erase_on IS NULL OR OLD.erase_on > date('now')
BEGIN
    SELECT RAISE(ABORT, 'a transmitted review is kept six years');
END;

CREATE INDEX outbox_done ON outbox (created_at, id) WHERE state IN ('sent', 'failed');
CREATE INDEX review_due ON review (erase_on) WHERE erase_on IS NOT NULL;
CREATE INDEX role_grant_ended ON role_grant (ends_on) WHERE ends_on IS NOT NULL;
CREATE INDEX account_suspended ON account (suspended_at) WHERE suspended_at IS NOT NULL;
