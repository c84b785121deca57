-- Atypical use: what rules read of look-ups, what they signal, what is decided on it. Partners see none of it, but for
-- the requests that are sent to them.

-- Where the search for atypical uses has come to in the sealed log, and who is at it: one node at a time.
CREATE TABLE use_walk (
    id          INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    log         INTEGER NOT NULL,
    rank        INTEGER NOT NULL,
    lease_until INTEGER
) STRICT;
INSERT INTO use_walk (id, log, rank) VALUES (1, 1, -1);

-- What rules remember of a look-up, as long as its trace: neither its number nor what the file says, but the commune and
-- whether a surname is the person's own.
CREATE TABLE use_seen (
    trace_id    BLOB NOT NULL PRIMARY KEY,
    organism_id BLOB NOT NULL REFERENCES organism (id),
    partner_id  BLOB NOT NULL REFERENCES partner (id),
    account_id  BLOB NOT NULL REFERENCES account (id),
    service     TEXT NOT NULL,
    day         TEXT NOT NULL,
    at          INTEGER NOT NULL,
    given       TEXT NOT NULL CHECK (given IN ('opened', 'refused', 'neither')),
    file_hash   BLOB NOT NULL,
    network     TEXT,
    commune     TEXT,
    namesake    INTEGER NOT NULL
) STRICT;
CREATE INDEX use_seen_by_person ON use_seen (account_id, service, day, at);
CREATE INDEX use_seen_by_network ON use_seen (partner_id, network, day);
CREATE INDEX use_seen_by_age ON use_seen (at);

-- One signal a rule, person, service and day, until it is decided upon.
CREATE TABLE use_signal (
    id          BLOB NOT NULL PRIMARY KEY,
    organism_id BLOB NOT NULL REFERENCES organism (id),
    partner_id  BLOB NOT NULL REFERENCES partner (id),
    account_id  BLOB NOT NULL REFERENCES account (id),
    service     TEXT NOT NULL,
    rule        TEXT NOT NULL,
    day         TEXT NOT NULL,
    figure      INTEGER NOT NULL,
    threshold   INTEGER NOT NULL,
    usual       INTEGER,
    peers       INTEGER,
    raised_at   INTEGER NOT NULL,
    keep_until  TEXT NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('open', 'asked', 'answered', 'closed')),
    decision    TEXT CHECK (decision IN ('nothing', 'watched', 'suspended')),
    reason      TEXT,
    decided_by  BLOB REFERENCES account (id),
    decided_at  INTEGER,
    -- The last look-up that had been seen then: later ones are judged in their turn.
    judged_until INTEGER,
    CHECK ((decision IS NOT NULL) = (state = 'closed')),
    CHECK ((reason IS NOT NULL) = (decision IS NOT NULL)),
    CHECK ((decided_by IS NOT NULL) = (decision IS NOT NULL)),
    CHECK ((decided_at IS NOT NULL) = (decision IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX use_signal_once ON use_signal (account_id, service, rule, day) WHERE decision IS NULL;
CREATE INDEX use_signal_judged ON use_signal (account_id, service, rule, judged_until) WHERE decision IS NOT NULL;
CREATE INDEX use_signal_by_organism ON use_signal (organism_id, raised_at, id);
CREATE INDEX use_signal_due ON use_signal (keep_until);

-- The traces that make a signal.
CREATE TABLE use_evidence (
    signal_id   BLOB NOT NULL REFERENCES use_signal (id),
    trace_id    BLOB NOT NULL,
    organism_id BLOB NOT NULL REFERENCES organism (id),
    month       INTEGER NOT NULL,
    file_hash   BLOB NOT NULL,
    PRIMARY KEY (signal_id, trace_id)
) STRICT;

-- What an organism set; what it did not is as it comes.
CREATE TABLE use_threshold (
    organism_id BLOB NOT NULL REFERENCES organism (id),
    service_id  BLOB NOT NULL REFERENCES service (id),
    setting     TEXT NOT NULL,
    value       INTEGER NOT NULL CHECK (value >= 0),
    PRIMARY KEY (organism_id, service_id, setting)
) STRICT;

-- «Mise sous surveillance» (004 art. 7).
CREATE TABLE surveillance (
    id          BLOB NOT NULL PRIMARY KEY,
    organism_id BLOB NOT NULL REFERENCES organism (id),
    partner_id  BLOB NOT NULL REFERENCES partner (id),
    account_id  BLOB NOT NULL REFERENCES account (id),
    reason      TEXT NOT NULL,
    from_at     INTEGER NOT NULL,
    until_on    TEXT NOT NULL,
    asked_by    BLOB NOT NULL REFERENCES account (id),
    ended_by    BLOB REFERENCES account (id),
    ended_at    INTEGER,
    end_reason  TEXT,
    CHECK ((ended_by IS NOT NULL) = (ended_at IS NOT NULL)),
    CHECK ((end_reason IS NOT NULL) = (ended_at IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX surveillance_one ON surveillance (account_id) WHERE ended_at IS NULL;
CREATE INDEX surveillance_by_organism ON surveillance (organism_id, until_on, id);
CREATE INDEX surveillance_by_end ON surveillance (until_on);

-- «Demande de justification»: what the organism asks, what the partner answers.
CREATE TABLE justification (
    id          BLOB NOT NULL PRIMARY KEY,
    organism_id BLOB NOT NULL REFERENCES organism (id),
    partner_id  BLOB NOT NULL REFERENCES partner (id),
    account_id  BLOB NOT NULL REFERENCES account (id),
    signal_id   BLOB NOT NULL UNIQUE REFERENCES use_signal (id),
    day         TEXT NOT NULL,
    question    TEXT NOT NULL,
    due_on      TEXT NOT NULL,
    asked_by    BLOB NOT NULL REFERENCES account (id),
    asked_at    INTEGER NOT NULL,
    answer      TEXT,
    answered_by BLOB REFERENCES account (id),
    answered_at INTEGER,
    CHECK ((answered_by IS NOT NULL) = (answered_at IS NOT NULL)),
    CHECK ((answer IS NOT NULL) = (answered_at IS NOT NULL))
) STRICT;
CREATE INDEX justification_waiting ON justification (partner_id, due_on, id) WHERE answered_at IS NULL;
