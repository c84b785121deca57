-- Atypical use: what rules read of look-ups, what they signal, what is decided on it. Partners see none of it, but for
-- the requests that are sent to them.

-- Where the search for atypical uses has come to in the sealed log, and who is at it: one node at a time.
CREATE TABLE use_walk (
    id          INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    log         INTEGER NOT NULL,
    rank        BIGINT NOT NULL,
    lease_until TIMESTAMPTZ
);
INSERT INTO use_walk (id, log, rank) VALUES (1, 1, -1);

-- What rules remember of a look-up, as long as its trace: neither its number nor what the file says, but the commune and
-- whether a surname is the person's own.
CREATE TABLE use_seen (
    trace_id    UUID NOT NULL PRIMARY KEY,
    organism_id UUID NOT NULL REFERENCES organism (id),
    partner_id  UUID NOT NULL REFERENCES partner (id),
    account_id  UUID NOT NULL REFERENCES account (id),
    service     TEXT NOT NULL,
    day         DATE NOT NULL,
    at          TIMESTAMPTZ NOT NULL,
    given       TEXT NOT NULL CHECK (given IN ('opened', 'refused', 'neither')),
    file_hash   BYTEA NOT NULL,
    network     TEXT,
    commune     TEXT,
    namesake    BOOLEAN NOT NULL
);
CREATE INDEX use_seen_by_person ON use_seen (account_id, service, day, at);
CREATE INDEX use_seen_by_network ON use_seen (partner_id, network, day);
CREATE INDEX use_seen_by_age ON use_seen (at);

-- One signal a rule, person, service and day, until it is decided upon.
CREATE TABLE use_signal (
    id          UUID NOT NULL PRIMARY KEY,
    organism_id UUID NOT NULL REFERENCES organism (id),
    partner_id  UUID NOT NULL REFERENCES partner (id),
    account_id  UUID NOT NULL REFERENCES account (id),
    service     TEXT NOT NULL,
    rule        TEXT NOT NULL,
    day         DATE NOT NULL,
    figure      BIGINT NOT NULL,
    threshold   BIGINT NOT NULL,
    usual       BIGINT,
    peers       BIGINT,
    raised_at   TIMESTAMPTZ NOT NULL,
    keep_until  DATE NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('open', 'asked', 'answered', 'closed')),
    decision    TEXT CHECK (decision IN ('nothing', 'watched', 'suspended')),
    reason      TEXT,
    decided_by  UUID REFERENCES account (id),
    decided_at  TIMESTAMPTZ,
    -- The last look-up that had been seen then: later ones are judged in their turn.
    judged_until TIMESTAMPTZ,
    CHECK ((decision IS NOT NULL) = (state = 'closed')),
    CHECK ((reason IS NOT NULL) = (decision IS NOT NULL)),
    CHECK ((decided_by IS NOT NULL) = (decision IS NOT NULL)),
    CHECK ((decided_at IS NOT NULL) = (decision IS NOT NULL))
);
CREATE UNIQUE INDEX use_signal_once ON use_signal (account_id, service, rule, day) WHERE decision IS NULL;
CREATE INDEX use_signal_judged ON use_signal (account_id, service, rule, judged_until) WHERE decision IS NOT NULL;
CREATE INDEX use_signal_by_organism ON use_signal (organism_id, raised_at, id);
CREATE INDEX use_signal_due ON use_signal (keep_until);

-- The traces that make a signal.
CREATE TABLE use_evidence (
    signal_id   UUID NOT NULL REFERENCES use_signal (id),
    trace_id    UUID NOT NULL,
    organism_id UUID NOT NULL REFERENCES organism (id),
    month       INTEGER NOT NULL,
    file_hash   BYTEA NOT NULL,
    PRIMARY KEY (signal_id, trace_id)
);

-- What an organism set; what it did not is as it comes.
CREATE TABLE use_threshold (
    organism_id UUID NOT NULL REFERENCES organism (id),
    service_id  UUID NOT NULL REFERENCES service (id),
    setting     TEXT NOT NULL,
    value       INTEGER NOT NULL CHECK (value >= 0),
    PRIMARY KEY (organism_id, service_id, setting)
);

-- «Mise sous surveillance» (004 art. 7).
CREATE TABLE surveillance (
    id          UUID NOT NULL PRIMARY KEY,
    organism_id UUID NOT NULL REFERENCES organism (id),
    partner_id  UUID NOT NULL REFERENCES partner (id),
    account_id  UUID NOT NULL REFERENCES account (id),
    reason      TEXT NOT NULL,
    from_at     TIMESTAMPTZ NOT NULL,
    until_on    DATE NOT NULL,
    asked_by    UUID NOT NULL REFERENCES account (id),
    ended_by    UUID REFERENCES account (id),
    ended_at    TIMESTAMPTZ,
    end_reason  TEXT,
    CHECK ((ended_by IS NOT NULL) = (ended_at IS NOT NULL)),
    CHECK ((end_reason IS NOT NULL) = (ended_at IS NOT NULL))
);
CREATE UNIQUE INDEX surveillance_one ON surveillance (account_id) WHERE ended_at IS NULL;
CREATE INDEX surveillance_by_organism ON surveillance (organism_id, until_on, id);
CREATE INDEX surveillance_by_end ON surveillance (until_on);

-- «Demande de justification»: what the organism asks, what the partner answers.
CREATE TABLE justification (
    id          UUID NOT NULL PRIMARY KEY,
    organism_id UUID NOT NULL REFERENCES organism (id),
    partner_id  UUID NOT NULL REFERENCES partner (id),
    account_id  UUID NOT NULL REFERENCES account (id),
    signal_id   UUID NOT NULL UNIQUE REFERENCES use_signal (id),
    day         DATE NOT NULL,
    question    TEXT NOT NULL,
    due_on      DATE NOT NULL,
    asked_by    UUID NOT NULL REFERENCES account (id),
    asked_at    TIMESTAMPTZ NOT NULL,
    answer      TEXT,
    answered_by UUID REFERENCES account (id),
    answered_at TIMESTAMPTZ,
    CHECK ((answered_by IS NOT NULL) = (answered_at IS NOT NULL)),
    CHECK ((answer IS NOT NULL) = (answered_at IS NOT NULL))
);
CREATE INDEX justification_waiting ON justification (partner_id, due_on, id) WHERE answered_at IS NULL;

GRANT SELECT, UPDATE (log, rank, lease_until) ON use_walk TO compte_partenaire_application;
GRANT SELECT, INSERT, DELETE ON use_seen, use_evidence TO compte_partenaire_application;
GRANT SELECT, INSERT, DELETE ON use_signal, surveillance, justification TO compte_partenaire_application;
GRANT UPDATE (figure, threshold, usual, peers, state, decision, reason, decided_by, decided_at,
    judged_until) ON use_signal
    TO compte_partenaire_application;
GRANT UPDATE (until_on, reason, ended_by, ended_at, end_reason) ON surveillance TO compte_partenaire_application;
GRANT UPDATE (answer, answered_by, answered_at) ON justification TO compte_partenaire_application;
GRANT SELECT, INSERT, UPDATE ON use_threshold TO compte_partenaire_application;
