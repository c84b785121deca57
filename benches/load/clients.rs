//! Clients in a closed loop: each asks again as soon as it is answered, for a given time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::Failure;
use crate::cpu::CpuTime;

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
    /// Processor time spent by this process, and by the server when it is another one.
    pub(crate) cpu_here: Duration,
    pub(crate) cpu_server: Option<Duration>,
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

/// Lets all clients act for that long. Each acts once before the clock starts, so that connections and
/// prepared statements are not what is measured.
pub(crate) async fn closed_loop<C: Client>(
    clients: Vec<C>,
    lasting: Duration,
    server: Option<u32>,
) -> Result<Load, Failure> {
    let start = Arc::new(Barrier::new(clients.len() + 1));
    let mut running = JoinSet::new();
    for mut client in clients {
        let start = Arc::clone(&start);
        running.spawn(async move {
            let ready = client.act().await;
            start.wait().await;
            ready?;
            Ok::<_, Failure>(repeat(&mut client, Instant::now() + lasting).await)
        });
    }

    start.wait().await;
    let began = Instant::now();
    let cpu_here = CpuTime::of(std::process::id())?;
    let cpu_server = server.map(CpuTime::of).transpose()?;
    let mut load = Load {
        elapsed: Duration::ZERO,
        latencies: Vec::new(),
        errors: 0,
        first_error: None,
        cpu_here: Duration::ZERO,
        cpu_server: None,
    };
    while let Some(ended) = running.join_next().await {
        let (latencies, errors) = ended??;
        load.latencies.extend(latencies);
        load.errors += errors.len();
        load.first_error = load.first_error.or_else(|| errors.into_iter().next());
    }
    load.elapsed = began.elapsed();
    load.cpu_here = cpu_here.since()?;
    load.cpu_server = cpu_server.as_ref().map(CpuTime::since).transpose()?;
    load.latencies.sort_unstable();
    Ok(load)
}

async fn repeat(client: &mut impl Client, end: Instant) -> (Vec<Duration>, Vec<String>) {
    let mut latencies = Vec::new();
    let mut errors = Vec::new();
    while Instant::now() < end {
        let asked = Instant::now();
        match client.act().await {
            Ok(()) => latencies.push(asked.elapsed()),
            Err(error) => errors.push(error.to_string()),
        }
    }
    (latencies, errors)
}
