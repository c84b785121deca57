-- Watching the log itself: its pulse, its silences, and how far the second sink has come.

-- One beat a minute, by whichever node comes first.
CREATE TABLE trace_pulse (
    id         INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    beats      INTEGER NOT NULL,
    beat_at    INTEGER,
    -- When a node said that it stops, unless another has beaten since.
    stopped_at INTEGER
) STRICT;
INSERT INTO trace_pulse (id, beats) VALUES (1, 0);

-- Times when nothing beat. The traces say it too: here it is found without searching them.
CREATE TABLE trace_silence (
    from_at   INTEGER NOT NULL PRIMARY KEY,
    until_at  INTEGER NOT NULL,
    announced INTEGER NOT NULL
) STRICT;

-- The second sink: the next leaf to carry there, which node carries, and since when it fails.
CREATE TABLE trace_sink (
    id            INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    log           INTEGER NOT NULL,
    next_rank     INTEGER NOT NULL,
    node          BLOB,
    until         INTEGER,
    failing_since INTEGER
) STRICT;
INSERT INTO trace_sink (id, log, next_rank) VALUES (1, 1, 0);

-- The key of the bodies of one month, itself encrypted under the numbered key. Without it what the second sink has of
-- that month's bodies says nothing any more.
CREATE TABLE trace_sink_key (
    month  INTEGER NOT NULL PRIMARY KEY,
    sealed BLOB    NOT NULL
) STRICT;
