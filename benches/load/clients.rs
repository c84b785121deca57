//! Clients in a closed loop: each asks again as soon as it is answered, until something ends.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::Failure;
use crate::cpu::{CpuTime, Family};

/// Somebody who does the same thing again and again.
pub(crate) trait Client: Send + 'static {
    /// Does it once.
    fn act(&mut self) -> impl Future<Output = Result<(), Failure>> + Send;
}

/// What a group of clients obtained.
pub(crate) struct Load {
    /// From the first question to the last answer.
    pub(crate) elapsed: Duration,
    /// How long each good answer took, the shortest first.
    latencies: Vec<Duration>,
    /// How many answers were bad, and the first of them in words.
    pub(crate) errors: usize,
    pub(crate) first_error: Option<String>,
    /// Processor time spent by this process, and by those that answer it.
    pub(crate) cpu_here: Duration,
    pub(crate) cpu_portal: Option<Duration>,
    pub(crate) cpu_database: Option<Duration>,
}

/// The other processes whose work is counted.
#[derive(Clone, Copy, Default)]
pub(crate) struct Processes {
    pub(crate) portal: Option<u32>,
    pub(crate) database: Option<u32>,
}

impl Load {
    /// Good answers.
    pub(crate) fn answers(&self) -> u32 {
        u32::try_from(self.latencies.len()).unwrap_or(u32::MAX)
    }

    /// Good answers a second.
    pub(crate) fn per_second(&self) -> f64 {
        f64::from(self.answers()) / self.elapsed.as_secs_f64()
    }

    /// The time within which that many percent of the good answers came.
    pub(crate) fn within(&self, percent: usize) -> Duration {
        let rank = (self.latencies.len() * percent).div_ceil(100);
        self.latencies.get(rank.saturating_sub(1)).copied().unwrap_or_default()
    }
}

/// The end of a point that lasts that long.
pub(crate) async fn after(lasting: Duration) {
    tokio::time::sleep(lasting).await;
}

/// Lets all clients act until `end`. Each acts once before the clock starts, so that connections and
/// prepared statements are not what is measured.
pub(crate) async fn closed_loop<C: Client>(
    clients: Vec<C>,
    end: impl Future<Output = ()>,
    processes: Processes,
) -> Result<Load, Failure> {
    let start = Arc::new(Barrier::new(clients.len() + 1));
    let ended = Arc::new(AtomicBool::new(false));
    let mut running = JoinSet::new();
    for mut client in clients {
        let (start, ended) = (Arc::clone(&start), Arc::clone(&ended));
        running.spawn(async move {
            let ready = client.act().await;
            start.wait().await;
            ready?;
            Ok::<_, Failure>(repeat(&mut client, &ended).await)
        });
    }

    start.wait().await;
    let began = Instant::now();
    let cpu_here = CpuTime::of(std::process::id(), Family::Alone)?;
    let cpu_portal = processes.portal.map(|portal| CpuTime::of(portal, Family::Alone)).transpose()?;
    let cpu_database = processes.database.map(|database| CpuTime::of(database, Family::Whole)).transpose()?;
    end.await;
    ended.store(true, Ordering::Relaxed);

    let (mut latencies, mut errors) = (Vec::new(), Vec::new());
    while let Some(ended) = running.join_next().await {
        let (good, bad) = ended??;
        latencies.extend(good);
        errors.extend(bad);
    }
    latencies.sort_unstable();
    Ok(Load {
        elapsed: began.elapsed(),
        latencies,
        errors: errors.len(),
        first_error: errors.into_iter().next(),
        cpu_here: cpu_here.since()?,
        cpu_portal: cpu_portal.as_ref().map(CpuTime::since).transpose()?,
        cpu_database: cpu_database.as_ref().map(CpuTime::since).transpose()?,
    })
}

async fn repeat(client: &mut impl Client, ended: &AtomicBool) -> (Vec<Duration>, Vec<String>) {
    let mut latencies = Vec::new();
    let mut errors = Vec::new();
    while !ended.load(Ordering::Relaxed) {
        let asked = Instant::now();
        match client.act().await {
            Ok(()) => latencies.push(asked.elapsed()),
            Err(error) => errors.push(error.to_string()),
        }
    }
    (latencies, errors)
}
