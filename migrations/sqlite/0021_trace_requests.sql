-- Requests for traces: a person's own (001 art. 5.3.4: asked through the superior, answered by the organism), and those
-- of another body (000 art. 10, 002 §3).

CREATE TABLE trace_request (
    id             BLOB    NOT NULL PRIMARY KEY,
    organism_id    BLOB    NOT NULL REFERENCES organism (id),
    kind           TEXT    NOT NULL CHECK (kind IN ('own', 'body')),
    partner_id     BLOB    REFERENCES partner (id),
    account_id     BLOB    REFERENCES account (id),
    -- The body, its SIRET or its code, and whom to answer there.
    body_name      TEXT,
    body_code      TEXT,
    contact_name   TEXT,
    contact_mail   TEXT,
    subject        TEXT,
    basis          TEXT,
    reason         TEXT    NOT NULL,
    from_on        TEXT    NOT NULL,
    to_on          TEXT    NOT NULL,
    registered_by  BLOB    NOT NULL REFERENCES account (id),
    registered_at  INTEGER NOT NULL,
    received_on    TEXT    NOT NULL,
    -- The day before which it is to be answered.
    due_on         TEXT    NOT NULL,
    state          TEXT    NOT NULL CHECK (state IN ('asked', 'declined', 'open', 'given', 'partial', 'refused')),
    passed_by      BLOB    REFERENCES account (id),
    passed_at      INTEGER,
    pass_reason    TEXT,
    answered_by    BLOB    REFERENCES account (id),
    answered_at    INTEGER,
    answer         TEXT,
    given_from     TEXT,
    given_to       TEXT,
    -- The proof of handing over: how, to whom, when, what exactly, and where the log stood.
    way            TEXT    CHECK (way IN ('portal', 'secure_mail', 'registered_post', 'in_person')),
    handed_to      TEXT,
    handed_on      TEXT,
    lines          INTEGER,
    digest         BLOB,
    checkpoint     TEXT,
    -- The last day on which the person reads the answer here.
    readable_until TEXT,
    -- Since when nothing waits any more.
    closed_on      TEXT,
    -- The last reminder that was sent, as a number.
    reminded       INTEGER NOT NULL DEFAULT 0,
    CHECK ((account_id IS NOT NULL) = (kind = 'own')),
    CHECK ((partner_id IS NOT NULL) = (kind = 'own')),
    CHECK ((body_name IS NOT NULL) = (kind = 'body')),
    CHECK ((passed_by IS NOT NULL) = (passed_at IS NOT NULL)),
    CHECK ((answered_by IS NOT NULL) = (answered_at IS NOT NULL)),
    CHECK ((handed_on IS NOT NULL) = (digest IS NOT NULL)),
    -- Nobody decides on his own request.
    CHECK (passed_by <> account_id),
    CHECK (answered_by <> account_id)
) STRICT;
CREATE INDEX trace_request_pending ON trace_request (organism_id, due_on, id) WHERE closed_on IS NULL;
CREATE INDEX trace_request_closed ON trace_request (organism_id, closed_on, id) WHERE closed_on IS NOT NULL;
CREATE INDEX trace_request_by_partner ON trace_request (partner_id, registered_at, id) WHERE partner_id IS NOT NULL;
-- One at a time.
CREATE UNIQUE INDEX trace_request_one_pending ON trace_request (account_id)
    WHERE account_id IS NOT NULL AND closed_on IS NULL;

-- What a person is given, some hundreds of lines a row, for as long as it can be read.
CREATE TABLE trace_request_part (
    request_id  BLOB    NOT NULL REFERENCES trace_request (id),
    position    INTEGER NOT NULL,
    organism_id BLOB    NOT NULL REFERENCES organism (id),
    body        TEXT    NOT NULL,
    PRIMARY KEY (request_id, position)
) STRICT;

-- Mails about a request. They hold no secret: what they say is made when they leave.
CREATE TABLE trace_request_notice (
    id          BLOB    NOT NULL PRIMARY KEY,
    organism_id BLOB    NOT NULL REFERENCES organism (id),
    request_id  BLOB    NOT NULL REFERENCES trace_request (id),
    account_id  BLOB    NOT NULL REFERENCES account (id),
    kind        TEXT    NOT NULL CHECK (kind IN ('waits', 'closed')),
    state       TEXT    NOT NULL CHECK (state IN ('waiting', 'sent', 'failed')),
    attempts    INTEGER NOT NULL,
    not_before  INTEGER NOT NULL,
    created_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX trace_request_notice_waiting ON trace_request_notice (not_before, id) WHERE state = 'waiting';
CREATE INDEX trace_request_notice_by_request ON trace_request_notice (request_id);

-- What was answered is answered, and its proof stays as it was written.
CREATE TRIGGER trace_request_is_final BEFORE UPDATE ON trace_request WHEN OLD.closed_on IS NOT NULL
BEGIN
    SELECT RAISE(ABORT, 'a closed request is never changed');
END;
