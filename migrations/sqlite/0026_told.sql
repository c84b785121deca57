-- Of a count that may be shown, what was refused may all have been refused to one person: who may be shown that part of it.
-- What was counted before is not counted again: nobody is shown it.
ALTER TABLE use_count ADD COLUMN refused_told TEXT NOT NULL DEFAULT 'nobody'
    CHECK (refused_told IN ('all', 'partner', 'nobody'));

-- What the mail said, for its addressee to read again; nothing before it left.
ALTER TABLE statement ADD COLUMN body TEXT;
