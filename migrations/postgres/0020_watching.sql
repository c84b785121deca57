-- Watching the log itself: its pulse, its silences, and how far the second sink has come.

-- One beat a minute, by whichever node comes first.
CREATE TABLE trace_pulse (
    id         INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    beats      BIGINT NOT NULL,
    beat_at    TIMESTAMPTZ,
    -- When a node said that it stops, unless another has beaten since.
    stopped_at TIMESTAMPTZ
);
INSERT INTO trace_pulse (id, beats) VALUES (1, 0);

-- Times when nothing beat. The traces say it too: here it is found without searching them.
CREATE TABLE trace_silence (
    from_at   TIMESTAMPTZ NOT NULL PRIMARY KEY,
    until_at  TIMESTAMPTZ NOT NULL,
    announced BOOLEAN NOT NULL
);

-- The second sink: the next leaf to carry there, which node carries, and since when it fails.
CREATE TABLE trace_sink (
    id            INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    log           INTEGER NOT NULL,
    next_rank     BIGINT NOT NULL,
    node          UUID,
    until         TIMESTAMPTZ,
    failing_since TIMESTAMPTZ
);
INSERT INTO trace_sink (id, log, next_rank) VALUES (1, 1, 0);

-- The key of the bodies of one month, itself encrypted under the numbered key. Without it what the second sink has of
-- that month's bodies says nothing any more.
CREATE TABLE trace_sink_key (
    month  INTEGER NOT NULL PRIMARY KEY,
    sealed BYTEA NOT NULL
);

GRANT SELECT, UPDATE ON trace_pulse, trace_sink TO compte_partenaire_application;
GRANT SELECT, INSERT, DELETE ON trace_silence, trace_sink_key TO compte_partenaire_application;
