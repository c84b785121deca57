//! Erasing what has had its time: what is remembered of look-ups goes with their traces; signals, what was asked about
//! them and surveillances go six months after, unless a legal hold keeps the person, the partner, a file that was looked
//! up, or the incident.

use crate::app::App;
use crate::db::{Refused, WriteTx};
use crate::domain::access::{Permission, Scope};
use crate::domain::atypical::MEMORY;
use crate::domain::day::Day;
use crate::domain::facts::Fact;
use crate::domain::id::SignalId;

/// Rows of one go.
const AT_ONCE: i64 = 500;
/// Signals of one go: each brings its evidence.
const SIGNALS: i64 = 20;
/// Goes in a row.
const GOES: u32 = 200;
/// Days after which a surveillance that ended is told no more: six months, whichever they are.
const ENDED: i64 = 184;

/// Erases what is due; gives how many rows went.
pub async fn erase(app: &App) -> Result<u64, Refused> {
    let mut erased = 0;
    for _ in 0..GOES {
        let gone = erase_some(app).await?;
        erased += gone;
        if gone == 0 {
            break;
        }
    }
    Ok(erased)
}

async fn erase_some(app: &App) -> Result<u64, Refused> {
    let write = app.write(&app.job("usage", None)).await?;
    let mut tx = write.permit(Permission::WatchUse, Scope::Installation)?;
    let today = Day::from(tx.now().instant().date());
    let before = tx.now().minus(time::Duration::days(MEMORY));
    let seen = tx
        .write(
            "DELETE FROM use_seen WHERE trace_id IN (SELECT trace_id FROM use_seen WHERE at < $1 LIMIT $2)",
        )
        .bind(before)
        .bind(AT_ONCE)
        .execute()
        .await?;
    let signals = erase_signals(&mut tx, today).await?;
    let watched = tx
        .write(
            "DELETE FROM surveillance WHERE id IN (SELECT s.id FROM surveillance s WHERE s.until_on <= $1 \
             AND NOT EXISTS (SELECT 1 FROM legal_hold h WHERE h.organism_id = s.organism_id \
             AND h.released_at IS NULL AND (h.account_id = s.account_id OR h.partner_id = s.partner_id \
             OR (h.from_at <= s.from_at AND h.until_at > s.from_at))) LIMIT $2)",
        )
        .bind(today.plus_days(-ENDED))
        .bind(AT_ONCE)
        .execute()
        .await?;
    let tidied = |(what, rows): (&str, u64)| Fact::Tidied { what: what.to_owned(), rows };
    let gone = [("use_seen", seen), ("use_signal", signals), ("surveillance", watched)];
    let facts: Vec<Fact> = gone.into_iter().filter(|(_, rows)| *rows > 0).map(tidied).collect();
    if !facts.is_empty() {
        let _receipt = tx.commit(facts).await?;
    }
    Ok(seen + signals + watched)
}

async fn erase_signals(tx: &mut WriteTx, today: Day) -> Result<u64, Refused> {
    let due: Vec<(SignalId,)> = tx
        .write(
            "SELECT s.id FROM use_signal s WHERE s.keep_until <= $1 AND NOT EXISTS \
             (SELECT 1 FROM legal_hold h WHERE h.organism_id = s.organism_id AND h.released_at IS NULL \
             AND (h.account_id = s.account_id OR h.partner_id = s.partner_id \
             OR (h.from_at <= s.raised_at AND h.until_at > s.raised_at) \
             OR EXISTS (SELECT 1 FROM use_evidence e WHERE e.signal_id = s.id AND e.file_hash = h.file_hash))) \
             ORDER BY s.keep_until LIMIT $2",
        )
        .bind(today)
        .bind(SIGNALS)
        .fetch_all()
        .await?;
    let mut erased = 0;
    for (signal,) in due {
        tx.write("DELETE FROM use_evidence WHERE signal_id = $1").bind(signal).execute().await?;
        tx.write("DELETE FROM justification WHERE signal_id = $1").bind(signal).execute().await?;
        erased += tx.write("DELETE FROM use_signal WHERE id = $1").bind(signal).execute().await?;
    }
    Ok(erased)
}
