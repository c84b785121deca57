-- Use, counted each night from the traces (004 art. 7). Nothing here is about one person: whom a figure concerns is only
-- counted, and a figure that concerns too few is marked, so that no page shows it.
CREATE TABLE use_count (
    organism_id UUID   NOT NULL REFERENCES organism (id),
    -- A partner, or the organism itself for all its partners together.
    body_id     UUID   NOT NULL,
    span        TEXT   NOT NULL CHECK (span IN ('day', 'month')),
    -- The day, or the first day of the month, in the organism's zone.
    starts_on   DATE   NOT NULL,
    matter      TEXT   NOT NULL CHECK (matter IN ('sign_in', 'file')),
    -- Codes; empty for all together.
    service     TEXT   NOT NULL,
    role        TEXT   NOT NULL,
    people      BIGINT NOT NULL,
    done        BIGINT NOT NULL,
    refused     BIGINT NOT NULL,
    -- Who may be shown it: 'partner' is the partner alone, since the organism could subtract it from its total.
    told        TEXT   NOT NULL CHECK (told IN ('all', 'partner', 'nobody')),
    PRIMARY KEY (organism_id, body_id, span, starts_on, matter, service, role)
);
CREATE INDEX use_count_by_day ON use_count (organism_id, starts_on, span);

-- How far an organism is counted, and which node is at it.
CREATE TABLE use_run (
    organism_id UUID NOT NULL PRIMARY KEY REFERENCES organism (id),
    -- The first day that was counted.
    since       DATE NOT NULL,
    -- The last one; none yet at first.
    counted_to  DATE,
    held_until  TIMESTAMPTZ
);

GRANT SELECT, INSERT, UPDATE, DELETE ON use_count TO compte_partenaire_application;
GRANT SELECT, INSERT, UPDATE ON use_run TO compte_partenaire_application;
