//! Figures for whoever watches the installation, in the format of Prometheus: counted where things happen, read on a
//! listener of their own. No name, no identifier, no address, no number: a label is a word of the program.

mod log;

use std::sync::Arc;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::{Family, MetricConstructor};
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use log::LogFigures;
pub use log::{LogSample, SinkSample};

/// Durations worth telling apart, in seconds: from a page out of memory to the deadline of a trace.
const SECONDS: [f64; 11] = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0];
/// Traces of one batch.
const BATCH: [f64; 8] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 256.0];

/// The figures of one process. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Metrics(Arc<Figures>);

#[derive(Debug)]
struct Figures {
    registry: Registry,
    requests: Family<Answered, Counter>,
    durations: Family<Routed, Histogram, Timed>,
    traces: Family<Traced, Counter>,
    throttled: Family<Throttled, Counter>,
    batches: Histogram,
    commits: Histogram,
    suspended: Gauge,
    database: Gauge,
    unsealed: Gauge,
    purged: Gauge,
    purges_failed: Counter,
    outbox: Family<Waiting, Gauge>,
    statements: Family<Waiting, Gauge>,
    notices: Family<Waiting, Gauge>,
    pool: Family<Pooled, Gauge>,
    space: Family<Space, Gauge>,
    certificate: Gauge,
    log: LogFigures,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct Answered {
    route: &'static str,
    method: &'static str,
    status: u16,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct Routed {
    route: &'static str,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct Traced {
    fact: &'static str,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct Throttled {
    by: &'static str,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct Waiting {
    state: &'static str,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct Pooled {
    pool: &'static str,
    state: &'static str,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct Space {
    part: &'static str,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct Build {
    version: &'static str,
}

/// Makes the histogram of a new route.
#[derive(Clone, Debug)]
struct Timed;

impl MetricConstructor<Histogram> for Timed {
    fn new_metric(&self) -> Histogram {
        Histogram::new(SECONDS)
    }
}

/// What is read when figures are asked for, rather than counted.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Sample {
    /// Whether traces cannot be made durable.
    pub suspended: bool,
    /// What the database told; nothing when it did not answer.
    pub stored: Option<Stored>,
    /// Connections of each pool: its name, those that work, those that wait for work.
    pub pools: Vec<(&'static str, u32, u32)>,
    /// Bytes left and in all on the volume of an embedded database.
    pub space: Option<(u64, u64)>,
    /// Until when the certificate served is valid, in seconds since 1970.
    pub certificate: Option<i64>,
    /// How the log itself goes; nothing when the database did not answer.
    pub log: Option<LogSample>,
}

/// What waits in the database.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stored {
    /// Traces without their seal.
    pub unsealed: i64,
    /// When the purge last went to its end, in seconds since 1970; nothing when it never did.
    pub purged_at: Option<i64>,
    /// Codes for those who have no password.
    pub outbox: Mails,
    /// Statements of the month.
    pub statements: Mails,
    /// Mails about requests for traces.
    pub notices: Mails,
}

/// Mails of one kind.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Mails {
    /// To send.
    pub waiting: i64,
    /// Given up, and followed by no other to the same person.
    pub failed: i64,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut figures = Figures {
            registry: Registry::with_prefix("compte_partenaire"),
            requests: Family::default(),
            durations: Family::new_with_constructor(Timed),
            traces: Family::default(),
            throttled: Family::default(),
            batches: Histogram::new(BATCH),
            commits: Histogram::new(SECONDS),
            suspended: Gauge::default(),
            database: Gauge::default(),
            unsealed: Gauge::default(),
            purged: Gauge::default(),
            purges_failed: Counter::default(),
            outbox: Family::default(),
            statements: Family::default(),
            notices: Family::default(),
            pool: Family::default(),
            space: Family::default(),
            certificate: Gauge::default(),
            log: LogFigures::default(),
        };
        let build = Family::<Build, Gauge>::default();
        build.get_or_create(&Build { version: env!("CARGO_PKG_VERSION") }).set(1);
        let all = &mut figures.registry;
        all.register("build", "Version of the program", build);
        all.register("requests", "Requests answered", figures.requests.clone());
        let (durations, commits) = (figures.durations.clone(), figures.commits.clone());
        all.register_with_unit("request", "Time until the answer", Unit::Seconds, durations);
        all.register("traces", "Traces made durable, by fact", figures.traces.clone());
        all.register("throttled", "Requests refused by a budget", figures.throttled.clone());
        all.register("ledger_batch_traces", "Traces of one commit of the ledger", figures.batches.clone());
        all.register_with_unit("ledger_commit", "Time of one commit of the ledger", Unit::Seconds, commits);
        all.register("suspended", "1 while traces cannot be made durable", figures.suspended.clone());
        all.register(
            "database_answers",
            "1 when the database answered this reading",
            figures.database.clone(),
        );
        all.register("traces_unsealed", "Traces without their seal", figures.unsealed.clone());
        let (purged, failed) = (figures.purged.clone(), figures.purges_failed.clone());
        all.register_with_unit(
            "purge_done",
            "Last purge of traces that ended, since 1970",
            Unit::Seconds,
            purged,
        );
        all.register("purges_failed", "Purges of traces that stopped short", failed);
        all.register("outbox_mails", "Codes to send, and those given up", figures.outbox.clone());
        let statements = figures.statements.clone();
        all.register("statement_mails", "Monthly statements to send, and those given up", statements);
        let notices = figures.notices.clone();
        all.register("trace_request_mails", "Mails about requests for traces, and those given up", notices);
        all.register("pool_connections", "Connections to the database", figures.pool.clone());
        let (space, certificate) = (figures.space.clone(), figures.certificate.clone());
        all.register_with_unit("space", "Volume of an embedded database", Unit::Bytes, space);
        all.register_with_unit(
            "certificate_not_after",
            "Last instant of the certificate served, since 1970",
            Unit::Seconds,
            certificate,
        );
        figures.log.register(&mut figures.registry);
        Self(Arc::new(figures))
    }
}

impl Metrics {
    /// A request was answered.
    pub fn answered(&self, route: &'static str, method: &str, status: u16, took: time::Duration) {
        let method = known(method);
        self.0.requests.get_or_create(&Answered { route, method, status }).inc();
        self.0.durations.get_or_create(&Routed { route }).observe(took.as_seconds_f64());
    }

    /// A trace is durable.
    pub fn traced(&self, fact: &'static str) {
        self.0.traces.get_or_create(&Traced { fact }).inc();
    }

    /// A budget refused a request: of a source that tries to sign in, or of a session.
    pub fn throttled(&self, by: &'static str) {
        self.0.throttled.get_or_create(&Throttled { by }).inc();
    }

    /// The purge of traces stopped short.
    pub fn purge_failed(&self) {
        self.0.purges_failed.inc();
    }

    /// The log was silent, and nothing had announced it.
    pub fn silent(&self) {
        self.0.log.silences.inc();
    }

    /// The second sink began to fail.
    pub fn sink_failed(&self) {
        self.0.log.sink_failures.inc();
    }

    /// The ledger committed a batch.
    pub fn committed(&self, traces: usize, took: time::Duration) {
        self.0.batches.observe(f64::from(u32::try_from(traces).unwrap_or(u32::MAX)));
        self.0.commits.observe(took.as_seconds_f64());
    }

    /// Every figure, with those that are read now.
    pub fn told(&self, sample: &Sample) -> Result<String, std::fmt::Error> {
        let figures = &*self.0;
        figures.suspended.set(sample.suspended.into());
        figures.database.set(sample.stored.is_some().into());
        if let Some(stored) = sample.stored {
            figures.unsealed.set(stored.unsealed);
            figures.purged.set(stored.purged_at.unwrap_or_default());
            for (family, mails) in [
                (&figures.outbox, stored.outbox),
                (&figures.statements, stored.statements),
                (&figures.notices, stored.notices),
            ] {
                family.get_or_create(&Waiting { state: "waiting" }).set(mails.waiting);
                family.get_or_create(&Waiting { state: "failed" }).set(mails.failed);
            }
        }
        for (pool, busy, idle) in &sample.pools {
            figures.pool.get_or_create(&Pooled { pool, state: "busy" }).set((*busy).into());
            figures.pool.get_or_create(&Pooled { pool, state: "idle" }).set((*idle).into());
        }
        if let Some((left, total)) = sample.space {
            for (part, bytes) in [("left", left), ("total", total)] {
                figures.space.get_or_create(&Space { part }).set(i64::try_from(bytes).unwrap_or(i64::MAX));
            }
        }
        if let Some(log) = &sample.log {
            figures.log.set(log);
        }
        figures.certificate.set(sample.certificate.unwrap_or_default());
        let mut text = String::new();
        encode(&mut text, &figures.registry)?;
        Ok(text)
    }
}

/// The verbs of the program: a stranger may send any other.
fn known(method: &str) -> &'static str {
    ["GET", "POST", "HEAD"].into_iter().find(|known| *known == method).unwrap_or("other")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use time::Duration;

    use super::*;

    #[test]
    fn what_happened_is_told_in_figures() {
        let metrics = Metrics::default();
        metrics.answered("/accueil", "GET", 200, Duration::milliseconds(3));
        metrics.answered("/accueil", "BREW", 405, Duration::milliseconds(3));
        metrics.traced("sign_in.done");
        metrics.throttled("source");
        metrics.committed(3, Duration::milliseconds(1));
        metrics.purge_failed();
        let stored = Stored {
            unsealed: 12,
            purged_at: Some(1_795_000_000),
            outbox: Mails { waiting: 2, failed: 1 },
            statements: Mails { waiting: 4, failed: 3 },
            notices: Mails { waiting: 6, failed: 5 },
        };
        let sample = Sample {
            suspended: true,
            stored: Some(stored),
            pools: vec![("read", 3, 13)],
            space: Some((5, 10)),
            certificate: Some(1_800_000_000),
            log: Some(LogSample {
                beat_age: Some(42),
                live: 1_200,
                a_day: Some(300),
                days_left: None,
                sink: Some(SinkSample { failing: true, suspends: true, lag_traces: 7, lag_seconds: 61 }),
            }),
        };
        metrics.silent();
        metrics.sink_failed();
        let told = metrics.told(&sample).unwrap();
        for line in [
            "compte_partenaire_requests_total{route=\"/accueil\",method=\"GET\",status=\"200\"} 1",
            "compte_partenaire_requests_total{route=\"/accueil\",method=\"other\",status=\"405\"} 1",
            "compte_partenaire_request_seconds_count{route=\"/accueil\"} 2",
            "compte_partenaire_traces_total{fact=\"sign_in.done\"} 1",
            "compte_partenaire_throttled_total{by=\"source\"} 1",
            "compte_partenaire_ledger_batch_traces_sum 3.0",
            "compte_partenaire_ledger_commit_seconds_count 1",
            "compte_partenaire_suspended 1",
            "compte_partenaire_database_answers 1",
            "compte_partenaire_traces_unsealed 12",
            "compte_partenaire_purge_done_seconds 1795000000",
            "compte_partenaire_purges_failed_total 1",
            "compte_partenaire_outbox_mails{state=\"failed\"} 1",
            "compte_partenaire_statement_mails{state=\"waiting\"} 4",
            "compte_partenaire_statement_mails{state=\"failed\"} 3",
            "compte_partenaire_trace_request_mails{state=\"waiting\"} 6",
            "compte_partenaire_trace_request_mails{state=\"failed\"} 5",
            "compte_partenaire_pool_connections{pool=\"read\",state=\"busy\"} 3",
            "compte_partenaire_space_bytes{part=\"left\"} 5",
            "compte_partenaire_certificate_not_after_seconds 1800000000",
            "compte_partenaire_log_beat_age_seconds 42",
            "compte_partenaire_log_silences_total 1",
            "compte_partenaire_traces_live 1200",
            "compte_partenaire_traces_a_day 300",
            "compte_partenaire_traces_days_left -1",
            "compte_partenaire_sink_failures_total 1",
            "compte_partenaire_sink_failing 1",
            "compte_partenaire_sink_suspends 1",
            "compte_partenaire_sink_lag_traces 7",
            "compte_partenaire_sink_lag_seconds 61",
        ] {
            assert!(told.lines().any(|told| told == line), "{line}\n{told}");
        }
        assert!(told.ends_with("# EOF\n"));
        let silent = metrics.told(&Sample::default()).unwrap();
        assert!(silent.contains("compte_partenaire_database_answers 0"), "{silent}");
    }
}
