-- The seal of the log. What is here says nothing of anybody: ranks, hashes, days, and texts that are published.

-- One log at a time: the last one. Another is opened only after a restored database was found behind a checkpoint.
CREATE TABLE trace_log (
    number    INTEGER NOT NULL PRIMARY KEY,
    -- The head: how many leaves, and the roots of the complete subtrees, largest first.
    size      BIGINT NOT NULL CHECK (size >= 0),
    frontier  BYTEA NOT NULL,
    -- Who moved it last.
    epoch     BIGINT NOT NULL
);
INSERT INTO trace_log (number, size, frontier, epoch) VALUES (1, 0, '', 0);

-- Who seals: one node at a time, as long as it says so. The head is what stops one that sleeps and wakes up.
CREATE TABLE trace_sealer (
    id    INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    epoch BIGINT NOT NULL,
    node  UUID,
    until TIMESTAMPTZ
);
INSERT INTO trace_sealer (id, epoch) VALUES (1, 0);

-- What stays of a trace for ever.
CREATE TABLE trace_leaf (
    log        INTEGER NOT NULL REFERENCES trace_log (number),
    rank       BIGINT NOT NULL,
    month      INTEGER NOT NULL,
    id         UUID NOT NULL,
    keep_until DATE NOT NULL,
    commitment BYTEA NOT NULL,
    PRIMARY KEY (log, rank)
);
-- A trace is sealed once.
CREATE UNIQUE INDEX trace_leaf_by_trace ON trace_leaf (month, id);

-- Roots of the complete aligned subtrees of 4,096 leaves.
CREATE TABLE trace_block (
    log    INTEGER NOT NULL REFERENCES trace_log (number),
    number BIGINT NOT NULL,
    root   BYTEA NOT NULL,
    -- The last day of its leaves, once they were all erased and folded into this root.
    folded DATE,
    PRIMARY KEY (log, number)
);

-- Signed checkpoints: the last one of each hour. All of them are published outside.
CREATE TABLE trace_checkpoint (
    log    INTEGER NOT NULL REFERENCES trace_log (number),
    -- Hours since 1970.
    hour   BIGINT NOT NULL,
    size   BIGINT NOT NULL,
    at     TIMESTAMPTZ NOT NULL,
    note   TEXT NOT NULL,
    PRIMARY KEY (log, hour)
);

-- A trace whose row does not hold is never sealed: it waits here, told, until somebody has looked.
ALTER TABLE trace_unsealed ADD COLUMN refused_at TIMESTAMPTZ;

CREATE FUNCTION refuse_seal_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a seal is never changed or erased';
END
$$;
CREATE FUNCTION refuse_log_loss() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a log only grows';
END
$$;
CREATE TRIGGER trace_leaf_is_never_updated BEFORE UPDATE ON trace_leaf
    FOR EACH ROW EXECUTE FUNCTION refuse_seal_change();
CREATE TRIGGER trace_leaf_is_never_deleted BEFORE DELETE ON trace_leaf
    FOR EACH ROW EXECUTE FUNCTION refuse_seal_change();
CREATE TRIGGER trace_leaf_is_never_truncated BEFORE TRUNCATE ON trace_leaf
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_seal_change();
CREATE TRIGGER trace_block_is_never_updated BEFORE UPDATE ON trace_block
    FOR EACH ROW EXECUTE FUNCTION refuse_seal_change();
CREATE TRIGGER trace_block_is_never_deleted BEFORE DELETE ON trace_block
    FOR EACH ROW EXECUTE FUNCTION refuse_seal_change();
CREATE TRIGGER trace_block_is_never_truncated BEFORE TRUNCATE ON trace_block
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_seal_change();
CREATE TRIGGER trace_log_only_grows BEFORE UPDATE ON trace_log
    FOR EACH ROW WHEN (NEW.size < OLD.size OR NEW.number <> OLD.number) EXECUTE FUNCTION refuse_log_loss();
CREATE TRIGGER trace_log_is_never_deleted BEFORE DELETE ON trace_log
    FOR EACH ROW EXECUTE FUNCTION refuse_log_loss();
CREATE TRIGGER trace_log_is_never_truncated BEFORE TRUNCATE ON trace_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_log_loss();
CREATE TRIGGER trace_checkpoint_only_grows BEFORE UPDATE ON trace_checkpoint
    FOR EACH ROW WHEN (NEW.size < OLD.size) EXECUTE FUNCTION refuse_log_loss();
CREATE TRIGGER trace_checkpoint_is_never_deleted BEFORE DELETE ON trace_checkpoint
    FOR EACH ROW EXECUTE FUNCTION refuse_log_loss();
CREATE TRIGGER trace_checkpoint_is_never_truncated BEFORE TRUNCATE ON trace_checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_log_loss();

GRANT SELECT, INSERT ON trace_leaf, trace_block TO compte_partenaire_application;
GRANT SELECT, INSERT, UPDATE ON trace_log, trace_checkpoint TO compte_partenaire_application;
GRANT SELECT, UPDATE ON trace_sealer TO compte_partenaire_application;
