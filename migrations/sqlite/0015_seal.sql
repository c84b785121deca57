-- The seal of the log. What is here says nothing of anybody: ranks, hashes, days, and texts that are published.

-- One log at a time: the last one. Another is opened only after a restored database was found behind a checkpoint.
CREATE TABLE trace_log (
    number    INTEGER NOT NULL PRIMARY KEY,
    -- The head: how many leaves, and the roots of the complete subtrees, largest first.
    size      INTEGER NOT NULL CHECK (size >= 0),
    frontier  BLOB NOT NULL,
    -- Who moved it last.
    epoch     INTEGER NOT NULL
) STRICT;
INSERT INTO trace_log (number, size, frontier, epoch) VALUES (1, 0, x'', 0);

-- Who seals: one node at a time, as long as it says so. The head is what stops one that sleeps and wakes up.
CREATE TABLE trace_sealer (
    id    INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    epoch INTEGER NOT NULL,
    node  BLOB,
    until INTEGER
) STRICT;
INSERT INTO trace_sealer (id, epoch) VALUES (1, 0);

-- What stays of a trace for ever.
CREATE TABLE trace_leaf (
    log        INTEGER NOT NULL REFERENCES trace_log (number),
    rank       INTEGER NOT NULL,
    month      INTEGER NOT NULL,
    id         BLOB NOT NULL,
    keep_until TEXT NOT NULL,
    commitment BLOB NOT NULL,
    PRIMARY KEY (log, rank)
) STRICT;
-- A trace is sealed once.
CREATE UNIQUE INDEX trace_leaf_by_trace ON trace_leaf (month, id);

-- Roots of the complete aligned subtrees of 4,096 leaves.
CREATE TABLE trace_block (
    log    INTEGER NOT NULL REFERENCES trace_log (number),
    number INTEGER NOT NULL,
    root   BLOB NOT NULL,
    -- The last day of its leaves, once they were all erased and folded into this root.
    folded TEXT,
    PRIMARY KEY (log, number)
) STRICT;

-- Signed checkpoints: the last one of each hour. All of them are published outside.
CREATE TABLE trace_checkpoint (
    log    INTEGER NOT NULL REFERENCES trace_log (number),
    -- Hours since 1970.
    hour   INTEGER NOT NULL,
    size   INTEGER NOT NULL,
    at     INTEGER NOT NULL,
    note   TEXT NOT NULL,
    PRIMARY KEY (log, hour)
) STRICT;

-- A trace whose row does not hold is never sealed: it waits here, told, until somebody has looked.
ALTER TABLE trace_unsealed ADD COLUMN refused_at INTEGER;

CREATE TRIGGER trace_leaf_is_never_updated BEFORE UPDATE ON trace_leaf
BEGIN
    SELECT RAISE(ABORT, 'a seal is never changed or erased');
END;
CREATE TRIGGER trace_leaf_is_never_deleted BEFORE DELETE ON trace_leaf
BEGIN
    SELECT RAISE(ABORT, 'a seal is never changed or erased');
END;
CREATE TRIGGER trace_block_is_never_updated BEFORE UPDATE ON trace_block
BEGIN
    SELECT RAISE(ABORT, 'a seal is never changed or erased');
END;
CREATE TRIGGER trace_block_is_never_deleted BEFORE DELETE ON trace_block
BEGIN
    SELECT RAISE(ABORT, 'a seal is never changed or erased');
END;
CREATE TRIGGER trace_log_only_grows BEFORE UPDATE ON trace_log WHEN NEW.size < OLD.size OR NEW.number <> OLD.number
BEGIN
    SELECT RAISE(ABORT, 'a log only grows');
END;
CREATE TRIGGER trace_log_is_never_deleted BEFORE DELETE ON trace_log
BEGIN
    SELECT RAISE(ABORT, 'a log only grows');
END;
CREATE TRIGGER trace_checkpoint_only_grows BEFORE UPDATE ON trace_checkpoint WHEN NEW.size < OLD.size
BEGIN
    SELECT RAISE(ABORT, 'a log only grows');
END;
CREATE TRIGGER trace_checkpoint_is_never_deleted BEFORE DELETE ON trace_checkpoint
BEGIN
    SELECT RAISE(ABORT, 'a log only grows');
END;
