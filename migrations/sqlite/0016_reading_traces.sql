-- Reading traces: the indexes by which they are found, and the searches that people keep.

-- A person is looked for as who acted and as who was acted upon; the traces of one request are shown together.
CREATE INDEX trace_by_subject ON trace (subject_id, at, id) WHERE subject_id IS NOT NULL;
CREATE INDEX trace_by_correlation ON trace (correlation, at, id) WHERE correlation IS NOT NULL;

-- What somebody asks again and again. It holds what his address bar would: never the number of a file.
CREATE TABLE trace_search (
    id          BLOB        NOT NULL PRIMARY KEY,
    organism_id BLOB        NOT NULL REFERENCES organism (id),
    partner_id  BLOB        REFERENCES partner (id),
    account_id  BLOB        NOT NULL REFERENCES account (id),
    name        TEXT        NOT NULL,
    query       TEXT        NOT NULL,
    kept_at     INTEGER NOT NULL,
    UNIQUE (account_id, name)
) STRICT;
