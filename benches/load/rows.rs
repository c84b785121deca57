//! The row that the raw measures insert: about what a trace weighs, with a key that grows as a trace's.

use std::sync::atomic::{AtomicU64, Ordering};

/// What the text of a row weighs, in bytes.
const BODY: usize = 660;

/// How many series of rows were begun, so that no two of them share a key.
static SERIES: AtomicU64 = AtomicU64::new(0);

/// New rows, for one client.
pub(crate) struct Rows {
    series: u64,
    made: u64,
    body: String,
}

impl Rows {
    /// A series that nobody else continues.
    pub(crate) fn new() -> Self {
        Self { series: SERIES.fetch_add(1, Ordering::Relaxed), made: 0, body: "x".repeat(BODY) }
    }

    /// The next row: its key, an instant, its text.
    pub(crate) fn next(&mut self) -> (Vec<u8>, i64, String) {
        self.made += 1;
        let key = (u128::from(self.made) << 64) | u128::from(self.series);
        (key.to_be_bytes().to_vec(), 1_763_000_000_000_000, self.body.clone())
    }
}
