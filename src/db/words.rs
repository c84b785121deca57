//! Search by the beginning of any word, in any order: words are folded in Rust and compared byte by byte, so that
//! both engines answer alike.

use super::{DbError, Query, WriteTx};
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

/// The conditions that keep a row found by three beginnings of words: its kind and scope, its id, then the bounds of
/// each beginning, in the order in which [`Query::bind_beginnings`] binds them.
macro_rules! found_by {
    ($kind:literal, $scope:literal, $id:literal, $a:literal, $b:literal, $c:literal, $d:literal, $e:literal, $f:literal) => {
        concat!(
            "AND (",
            $a,
            " IS NULL OR EXISTS (SELECT 1 FROM search_word w WHERE w.kind = '",
            $kind,
            "' AND w.scope = ",
            $scope,
            " AND w.id = ",
            $id,
            " AND w.word >= ",
            $a,
            " AND w.word < ",
            $b,
            ")) \
             AND (",
            $c,
            " IS NULL OR EXISTS (SELECT 1 FROM search_word w WHERE w.kind = '",
            $kind,
            "' AND w.scope = ",
            $scope,
            " AND w.id = ",
            $id,
            " AND w.word >= ",
            $c,
            " AND w.word < ",
            $d,
            ")) \
             AND (",
            $e,
            " IS NULL OR EXISTS (SELECT 1 FROM search_word w WHERE w.kind = '",
            $kind,
            "' AND w.scope = ",
            $scope,
            " AND w.id = ",
            $id,
            " AND w.word >= ",
            $e,
            " AND w.word < ",
            $f,
            ")) "
        )
    };
}
pub(crate) use found_by;

impl Query<'_> {
    /// Binds the bounds of three beginnings.
    pub fn bind_beginnings(self, words: &[Beginning; WORDS]) -> Self {
        words.iter().fold(self, |query, (from, to)| query.bind(from.clone()).bind(to.clone()))
    }
}
