-- What the law lets go, and what is held back: legal holds, and the only ways in which a trace or a leaf may be erased.

-- «Conservation exceptionnelle»: traces that stay as long as an investigation needs them (000 art. 10). One kind of
-- matter each. A file is known by its keyed hash, and by its number encrypted, for who may read it.
CREATE TABLE legal_hold (
    id             BLOB    NOT NULL PRIMARY KEY,
    organism_id    BLOB    NOT NULL REFERENCES organism (id),
    kind           TEXT    NOT NULL CHECK (kind IN ('person', 'partner', 'file', 'incident')),
    account_id     BLOB    REFERENCES account (id),
    partner_id     BLOB    REFERENCES partner (id),
    file_hash      BLOB,
    file_sealed    BLOB,
    incident       TEXT,
    from_at        INTEGER,
    until_at       INTEGER,
    basis          TEXT    NOT NULL,
    reason         TEXT    NOT NULL,
    review_on      TEXT    NOT NULL,
    asked_by       BLOB    NOT NULL REFERENCES account (id),
    asked_at       INTEGER NOT NULL,
    released_by    BLOB    REFERENCES account (id),
    released_at    INTEGER,
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
) STRICT;
CREATE INDEX legal_hold_in_force ON legal_hold (organism_id, review_on, id) WHERE released_at IS NULL;
CREATE INDEX legal_hold_released ON legal_hold (organism_id, released_at, id) WHERE released_at IS NOT NULL;

CREATE TRIGGER legal_hold_is_never_rewritten BEFORE UPDATE OF id, organism_id, kind, account_id, partner_id, file_hash,
    file_sealed, incident, from_at, until_at, basis, reason, review_on, asked_by, asked_at ON legal_hold
BEGIN
    SELECT RAISE(ABORT, 'a legal hold is never rewritten');
END;
CREATE TRIGGER legal_hold_is_released_once BEFORE UPDATE ON legal_hold WHEN OLD.released_at IS NOT NULL
BEGIN
    SELECT RAISE(ABORT, 'a legal hold is released once');
END;
CREATE TRIGGER legal_hold_in_force_is_never_deleted BEFORE DELETE ON legal_hold WHEN OLD.released_at IS NULL
BEGIN
    SELECT RAISE(ABORT, 'a legal hold is released, never erased');
END;

-- The one row that a batch of the purge and a new hold both take: one waits for the other.
CREATE TABLE trace_purge (
    id      INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    turn    INTEGER NOT NULL,
    -- When the next run may begin, on whichever node.
    next_at INTEGER,
    -- When one last went to its end.
    done_at INTEGER
) STRICT;
INSERT INTO trace_purge (id, turn) VALUES (1, 0);

-- A trace goes once its day has come, its leaf stands for it, and nothing holds it. The clock is the engine's own:
-- tests run theirs in the past, so that this guard needs no back door.
DROP TRIGGER trace_is_never_deleted;
CREATE TRIGGER trace_is_erased_when_due BEFORE DELETE ON trace
WHEN OLD.keep_until > date('now')
    OR NOT EXISTS (SELECT 1 FROM trace_leaf l
        WHERE l.month = OLD.month AND l.id = OLD.id AND l.keep_until <= date('now'))
    OR EXISTS (SELECT 1 FROM legal_hold h WHERE h.organism_id = OLD.organism_id AND h.released_at IS NULL
        AND (h.account_id = OLD.actor_id OR h.account_id = OLD.subject_id OR h.partner_id = OLD.partner_id
            OR h.file_hash = OLD.file_hash OR (h.from_at <= OLD.at AND h.until_at > OLD.at)))
BEGIN
    SELECT RAISE(ABORT, 'a trace is never changed or erased');
END;

-- A block is folded once: all its leaves are there, the last day of them has come, and no row of them is left.
DROP TRIGGER trace_block_is_never_updated;
CREATE TRIGGER trace_block_is_folded_when_due BEFORE UPDATE ON trace_block
WHEN OLD.folded IS NOT NULL OR NEW.folded IS NULL OR NEW.folded > date('now')
    OR NEW.log <> OLD.log OR NEW.number <> OLD.number OR NEW.root <> OLD.root
    OR (SELECT count(*) FROM trace_leaf l WHERE l.log = OLD.log AND l.rank >= OLD.number * 4096
        AND l.rank < OLD.number * 4096 + 4096 AND l.keep_until <= NEW.folded) <> 4096
    OR EXISTS (SELECT 1 FROM trace_leaf l JOIN trace t ON t.month = l.month AND t.id = l.id WHERE l.log = OLD.log
        AND l.rank >= OLD.number * 4096 AND l.rank < OLD.number * 4096 + 4096)
BEGIN
    SELECT RAISE(ABORT, 'a seal is never changed or erased');
END;
DROP TRIGGER trace_leaf_is_never_deleted;
CREATE TRIGGER trace_leaf_is_folded_first BEFORE DELETE ON trace_leaf
WHEN NOT EXISTS (SELECT 1 FROM trace_block b
    WHERE b.log = OLD.log AND b.number = OLD.rank / 4096 AND b.folded IS NOT NULL)
BEGIN
    SELECT RAISE(ABORT, 'a seal is never changed or erased');
END;
