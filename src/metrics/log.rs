//! Figures of the log itself: its pulse, the space it has left, its second sink.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

/// What is read of the log when figures are asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct LogSample {
    /// Seconds since it last beat.
    pub beat_age: Option<i64>,
    /// Traces that are not past their day.
    pub live: u64,
    /// Traces a day, lately.
    pub a_day: Option<u64>,
    /// Days until there is no room for more; nothing when no last day is in sight.
    pub days_left: Option<u64>,
    /// The second sink, if there is one.
    pub sink: Option<SinkSample>,
}

/// What is read of the second sink.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct SinkSample {
    /// Whether it fails.
    pub failing: bool,
    /// Whether the service is suspended for it.
    pub suspends: bool,
    /// Traces that it has not got yet.
    pub lag_traces: u64,
    /// Seconds since the oldest of them was written.
    pub lag_seconds: i64,
}

#[derive(Debug, Default)]
pub(super) struct LogFigures {
    beat_age: Gauge,
    pub(super) silences: Counter,
    live: Gauge,
    a_day: Gauge,
    days_left: Gauge,
    pub(super) sink_failures: Counter,
    sink_failing: Gauge,
    sink_suspends: Gauge,
    lag_traces: Gauge,
    lag_seconds: Gauge,
}

impl LogFigures {
    pub(super) fn register(&self, all: &mut Registry) {
        let age = self.beat_age.clone();
        all.register_with_unit("log_beat_age", "Time since the log last beat", Unit::Seconds, age);
        all.register("log_silences", "Silences of the log that nothing announced", self.silences.clone());
        all.register("traces_live", "Traces that are not past their day", self.live.clone());
        all.register("traces_a_day", "Traces sealed in a day, lately", self.a_day.clone());
        let days = self.days_left.clone();
        all.register(
            "traces_days_left",
            "Days until there is no room for traces; -1 when none is in sight",
            days,
        );
        all.register("sink_failures", "Failures of the second sink", self.sink_failures.clone());
        all.register("sink_failing", "1 while the second sink fails", self.sink_failing.clone());
        let suspends = self.sink_suspends.clone();
        all.register("sink_suspends", "1 while the service is suspended for its second sink", suspends);
        all.register("sink_lag_traces", "Traces that the second sink has not got", self.lag_traces.clone());
        let lag = self.lag_seconds.clone();
        all.register_with_unit(
            "sink_lag",
            "Age of the oldest trace that the second sink has not got",
            Unit::Seconds,
            lag,
        );
    }

    pub(super) fn set(&self, sample: &LogSample) {
        let signed = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        self.beat_age.set(sample.beat_age.unwrap_or(-1));
        self.live.set(signed(sample.live));
        self.a_day.set(signed(sample.a_day.unwrap_or(0)));
        self.days_left.set(sample.days_left.map_or(-1, signed));
        let sink = sample.sink.unwrap_or_default();
        self.sink_failing.set(sink.failing.into());
        self.sink_suspends.set(sink.suspends.into());
        self.lag_traces.set(signed(sink.lag_traces));
        self.lag_seconds.set(sink.lag_seconds);
    }
}
