//! Lists, a page at a time: from which line one is read, and what stands on either side of it.

/// Lines of a page.
pub const LINES: usize = 25;

/// Lines to read for a page: the one in excess tells that there are others.
pub const READ: i64 = 26;

/// From where a list is read; `C` names a line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum At<C> {
    /// From its first line.
    Start,
    /// After that line.
    After(C),
    /// Before that line, which is read upwards.
    Before(C),
}

impl<C> At<C> {
    /// What an address asks for; a line that cannot be read is no line, and the list begins at its start.
    pub fn asked(after: &str, before: &str, read: impl Fn(&str) -> Option<C>) -> Self {
        match (read(after), read(before)) {
            (Some(line), _) => Self::After(line),
            (None, Some(line)) => Self::Before(line),
            (None, None) => Self::Start,
        }
    }

    /// The line beside, and whether the list is read upwards from it.
    pub fn beside(self) -> (Option<C>, bool) {
        match self {
            Self::Start => (None, false),
            Self::After(line) => (Some(line), false),
            Self::Before(line) => (Some(line), true),
        }
    }
}

/// The lines of a page, in the order of the list.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// At most [`LINES`].
    pub lines: Vec<T>,
    before: bool,
    after: bool,
}

impl<T> Page<T> {
    /// Cuts a page out of up to [`READ`] lines, as they were read: the nearest to `at` first.
    pub fn cut<C>(at: &At<C>, mut read: Vec<T>) -> Self {
        let more = read.len() > LINES;
        read.truncate(LINES);
        match at {
            At::Start => Self { lines: read, before: false, after: more },
            At::After(_) => Self { lines: read, before: true, after: more },
            At::Before(_) => {
                read.reverse();
                Self { lines: read, before: more, after: true }
            }
        }
    }

    /// The line before which the previous page stands, if there is one.
    pub fn previous(&self) -> Option<&T> {
        self.lines.first().filter(|_| self.before)
    }

    /// The line after which the next page stands, if there is one.
    pub fn next(&self) -> Option<&T> {
        self.lines.last().filter(|_| self.after)
    }

    /// What part of all that was found stands here: «25 sur 310 personnes».
    pub fn range(&self, found: i64, noun: &str) -> String {
        let noun = if found > 1 { format!("{noun}s") } else { noun.to_owned() };
        match i64::try_from(self.lines.len()) {
            Ok(all) if all == found => format!("{all} {noun}"),
            _ => format!("{} sur {found} {noun}", self.lines.len()),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A list of numbers, read as the statements of stores read theirs.
    fn read(all: u32, at: At<u32>) -> Page<u32> {
        let lines = match at {
            At::Start => (0..all).take(LINES + 1).collect(),
            At::After(line) => (line + 1..all).take(LINES + 1).collect(),
            At::Before(line) => (0..line.min(all)).rev().take(LINES + 1).collect(),
        };
        Page::cut(&at, lines)
    }

    proptest! {
        #[test]
        fn every_line_is_met_once_forwards_and_backwards(all in 0..200_u32) {
            let mut page = read(all, At::Start);
            let mut met = page.lines.clone();
            prop_assert!(page.previous().is_none());
            while let Some(last) = page.next().copied() {
                page = read(all, At::After(last));
                met.extend(&page.lines);
            }
            prop_assert_eq!(&met, &(0..all).collect::<Vec<_>>());
            let mut back = page.lines.clone();
            while let Some(first) = page.previous().copied() {
                page = read(all, At::Before(first));
                back.splice(0..0, page.lines.clone());
            }
            prop_assert_eq!(back, met);
        }
    }

    #[test]
    fn an_address_that_names_no_line_asks_for_the_start() {
        let number = |text: &str| text.parse::<u32>().ok();
        assert_eq!(At::asked("7", "9", number), At::After(7));
        assert_eq!(At::asked("", "9", number), At::Before(9));
        assert_eq!(At::asked("x", "", number), At::Start);
    }

    #[test]
    fn a_page_says_what_part_it_shows() {
        assert_eq!(read(1, At::Start).range(1, "personne"), "1 personne");
        assert_eq!(read(310, At::Start).range(310, "personne"), "25 sur 310 personnes");
    }
}
