//! What systemd, or another supervisor that speaks its protocol, is told: ready, still alive, stopping. Without one,
//! nothing is said to nobody.

use sd_notify::NotifyState;

/// Requests are answered from now on.
pub fn tell_ready() {
    tell(&[NotifyState::Ready]);
}

/// Requests under way may end, none other comes.
pub fn tell_stopping() {
    tell(&[NotifyState::Stopping]);
}

/// Says that the process is alive, twice as often as it is asked to, as long as its runtime turns. A suspended
/// service is alive: it comes back by itself, and restarting it would only lose what it remembers.
pub async fn keep_alive() {
    let Some(period) = sd_notify::watchdog_enabled() else { return };
    loop {
        tell(&[NotifyState::Watchdog]);
        tokio::time::sleep(period / 2).await;
    }
}

fn tell(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        tracing::warn!(%error, "the supervisor was not told");
    }
}
