-- Organisms, the keys of their traces, and the words by which rows are found.

CREATE TABLE organism (
    id          BLOB        NOT NULL PRIMARY KEY,
    kind        TEXT        NOT NULL CHECK (kind IN ('caf', 'msa')),
    code        TEXT        NOT NULL UNIQUE,
    name        TEXT        NOT NULL,
    -- Codes of départements and communes, separated by one space.
    territory   TEXT        NOT NULL,
    time_zone   TEXT        NOT NULL,
    created_at  INTEGER NOT NULL
) STRICT;

-- A key is known by its number and its fingerprint; the key itself is a file, elsewhere.
CREATE TABLE trace_key (
    number      INTEGER     NOT NULL PRIMARY KEY,
    fingerprint BLOB       NOT NULL
) STRICT;

-- A database of the demonstration says so, so that the demonstration opens no other.
CREATE TABLE installation (
    id            INTEGER   NOT NULL PRIMARY KEY CHECK (id = 1),
    demonstration INTEGER   NOT NULL
) STRICT;

CREATE TABLE search_word (
    kind        TEXT        NOT NULL CHECK (kind IN ('partner', 'account')),
    scope       BLOB        NOT NULL,
    word        TEXT NOT NULL,
    id          BLOB        NOT NULL,
    PRIMARY KEY (kind, scope, word, id)
) STRICT;
CREATE INDEX search_word_by_row ON search_word (kind, scope, id);
