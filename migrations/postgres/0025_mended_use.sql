-- Atypical use, mended. A rule that notices several things of one day tells each in a signal of its own: which file, or the
-- first trace of which series; the others tell one thing a day, about nothing else.
ALTER TABLE use_signal ADD COLUMN about BYTEA NOT NULL DEFAULT '';
UPDATE use_signal SET about = coalesce((SELECT e.file_hash FROM use_evidence e WHERE e.signal_id = use_signal.id
    GROUP BY e.file_hash ORDER BY count(*) DESC, e.file_hash LIMIT 1), '') WHERE rule = 'same_file';
UPDATE use_signal SET about = coalesce((SELECT uuid_send(e.trace_id) FROM use_evidence e
    WHERE e.signal_id = use_signal.id ORDER BY e.trace_id LIMIT 1), '') WHERE rule = 'refused';
DROP INDEX use_signal_once;
CREATE UNIQUE INDEX use_signal_once ON use_signal (account_id, service, rule, about, day) WHERE decision IS NULL;

-- The last look-up that makes the signal: a decision judges up to there, and nothing that the signal did not tell.
ALTER TABLE use_signal RENAME COLUMN judged_until TO last_at;
UPDATE use_signal SET last_at = (SELECT max(u.at) FROM use_evidence e JOIN use_seen u ON u.trace_id = e.trace_id
    WHERE e.signal_id = use_signal.id) WHERE last_at IS NULL AND rule IN ('same_file', 'refused');
UPDATE use_signal SET last_at = (SELECT max(u.at) FROM use_seen u WHERE u.account_id = use_signal.account_id
    AND u.service = use_signal.service AND u.day <= use_signal.day) WHERE last_at IS NULL;

-- From which addresses the people of a partner are expected, as the organism declares it.
CREATE TABLE partner_network (
    organism_id UUID NOT NULL REFERENCES organism (id),
    partner_id  UUID NOT NULL REFERENCES partner (id),
    addresses   TEXT NOT NULL,
    PRIMARY KEY (partner_id, addresses)
);
-- Whether a look-up came from elsewhere, when something was declared; and what was, when a rule told it.
ALTER TABLE use_seen ADD COLUMN outside BOOLEAN;
ALTER TABLE use_signal ADD COLUMN declared TEXT;

GRANT SELECT, INSERT, DELETE ON partner_network TO compte_partenaire_application;
GRANT UPDATE (declared) ON use_signal TO compte_partenaire_application;
