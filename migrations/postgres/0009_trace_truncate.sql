-- TRUNCATE fires no trigger of a row: without these, the owner of the tables could empty the log in one statement.

CREATE TRIGGER trace_is_never_truncated BEFORE TRUNCATE ON trace
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_trace_change();
-- A trace whose id left this table unsealed would never be sealed: ids go one at a time, as their traces are sealed.
CREATE TRIGGER trace_unsealed_is_never_truncated BEFORE TRUNCATE ON trace_unsealed
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_trace_change();
