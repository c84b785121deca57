//! Search by the beginning of any word, in any order: words are folded in Rust and compared byte by byte, so that
//! both engines answer alike.

use super::{DbError, WriteTx};
use crate::domain::text;
use uuid::Uuid;

/// How many words of a search count.
pub const WORDS: usize = 3;

/// A beginning of a word, as the bounds of a range; nothing when there is no such word.
pub type Beginning = (Option<String>, Option<String>);

/// The ranges of a search: `word >= .0 AND word < .1` for each.
pub fn beginnings(search: &str) -> [Beginning; WORDS] {
    let mut words = text::words(search).into_iter();
    std::array::from_fn(|_| match words.next() {
        Some(word) => {
            // No folded word holds this character, which sorts after all that they hold.
            let end = format!("{word}\u{10ffff}");
            (Some(word), Some(end))
        }
        None => (None, None),
    })
}

impl WriteTx {
    /// Makes a row findable by the words of `texts`, in place of those by which it was.
    pub async fn index_words(
        &mut self,
        kind: &'static str,
        scope: Uuid,
        id: Uuid,
        texts: &[&str],
    ) -> Result<(), DbError> {
        self.write("DELETE FROM search_word WHERE kind = $1 AND scope = $2 AND id = $3")
            .bind(kind)
            .bind(scope)
            .bind(id)
            .execute()
            .await?;
        for word in text::words(&texts.join(" ")) {
            self.write("INSERT INTO search_word (kind, scope, word, id) VALUES ($1, $2, $3, $4)")
                .bind(kind)
                .bind(scope)
                .bind(word)
                .bind(id)
                .execute()
                .await?;
        }
        Ok(())
    }
}
