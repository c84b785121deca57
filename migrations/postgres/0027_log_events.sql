-- What the log tells of itself, found without walking through it. Its beats, one a minute, are not among it.
CREATE INDEX trace_of_the_log ON trace (at, id)
WHERE fact IN ('log.erased', 'log.folded', 'log.seal_refused', 'log.opened', 'log.silent', 'log.sink_failed', 'log.sink_returned', 'log.sink_key_destroyed', 'service.stopped', 'service.resumed');
