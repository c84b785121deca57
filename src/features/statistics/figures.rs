//! Counts as a page says them: each figure or why it is not shown, what changed since the month before, and the chart.

use super::asked::View;
use super::store::{self, Row};
use crate::db::{DbError, Reader};
use crate::domain::day::Day;
use crate::domain::statistics::{Matter, Shown, Span};
use crate::web::chart::Chart;
use crate::web::filters::{day_of, month_of_year};

/// What is said of a period.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Figure {
    /// This, zeros included.
    Told(Shown),
    /// It concerns too few people.
    Withheld,
    /// Nobody counted then.
    Uncounted,
}

/// One line of a table: a month, or a day.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Line {
    pub(super) when: Day,
    pub(super) figure: Figure,
    /// What changed since the line before, where both are whole and told.
    pub(super) change: Option<Change>,
    /// The month is not over.
    pub(super) under_way: bool,
}

/// What changed since the month before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Change {
    /// By so many hundredths, more or less.
    Percent(i128),
    /// There was nothing before.
    FromNothing,
}

impl Change {
    /// The change from one figure to the next.
    fn between(before: u64, after: u64) -> Option<Self> {
        match (before, after) {
            (0, 0) => None,
            (0, _) => Some(Self::FromNothing),
            (before, after) => {
                let (before, after) = (i128::from(before), i128::from(after));
                Some(Self::Percent(((after - before) * 200 + before).div_euclid(before * 2)))
            }
        }
    }

    /// «+12 %», with the sign that a screen reader says.
    pub(super) fn words(self) -> String {
        match self {
            Self::FromNothing => "nouveau".to_owned(),
            Self::Percent(0) => "stable".to_owned(),
            Self::Percent(more @ 1..) => format!("+{more} %"),
            Self::Percent(less) => format!("−{} %", -less),
        }
    }
}

/// Lines with their chart.
#[derive(Clone, Debug)]
pub(super) struct Series {
    pub(super) lines: Vec<Line>,
    pub(super) chart: Chart,
    /// Whether a line is not told.
    pub(super) withholds: bool,
}

/// The months of a view.
pub(super) async fn by_month(
    reader: &mut Reader,
    view: &View,
    matter: Matter,
    today: Day,
) -> Result<Series, DbError> {
    let (Some(from), Some(to)) = (view.months.first(), view.months.last()) else {
        return Ok(drawn("", Vec::new(), month_of_year));
    };
    let rows = read(reader, view, matter, Span::Month, (*from, *to)).await?;
    let own = reader.visible().partner().is_some();
    let end_of = |month: Day| month.plus_months(1).plus_days(-1);
    let mut lines: Vec<Line> =
        view.months.iter().map(|month| line((*month, end_of(*month)), &rows, view, own)).collect();
    let before: Vec<Figure> = lines.iter().map(|line| line.figure).collect();
    for (line, before) in lines.iter_mut().skip(1).zip(before) {
        line.under_way = line.when == today.first_of_month();
        line.change = match (before, line.figure) {
            (Figure::Told(before), Figure::Told(now)) if !line.under_way => {
                Change::between(before.done, now.done)
            }
            _ => None,
        };
    }
    Ok(drawn(subject(matter, Span::Month), lines, month_of_year))
}

/// The days of a month, up to the last one that is counted.
pub(super) async fn by_day(
    reader: &mut Reader,
    view: &View,
    matter: Matter,
    last: Day,
) -> Result<Series, DbError> {
    let to = view.month.plus_months(1).plus_days(-1).min(last);
    let rows = read(reader, view, matter, Span::Day, (view.month, to)).await?;
    let own = reader.visible().partner().is_some();
    let days = (0..=to.days_since(view.month)).map(|nth| view.month.plus_days(nth));
    let lines = days.map(|day| line((day, day), &rows, view, own)).collect();
    Ok(drawn(subject(matter, Span::Day), lines, day_of))
}

async fn read(
    reader: &mut Reader,
    view: &View,
    matter: Matter,
    span: Span,
    days: (Day, Day),
) -> Result<Vec<Row>, DbError> {
    let whole = store::Part::default();
    let part = if matter == Matter::SignIn { &whole } else { &view.part };
    store::series(reader, view.body, (matter, part), span, days).await
}

/// Without a row, nothing was done, if those days were counted.
fn line((first, last): (Day, Day), rows: &[Row], view: &View, own: bool) -> Line {
    let counted = view.counted.is_some_and(|(since, to)| since <= last && first <= to);
    let figure = match rows.iter().find(|row| row.starts_on == first) {
        Some(row) => row.told_to(own).map_or(Figure::Withheld, Figure::Told),
        None if counted => Figure::Told(Shown::NOTHING),
        None => Figure::Uncounted,
    };
    Line { when: first, figure, change: None, under_way: false }
}

fn drawn(subject: &str, lines: Vec<Line>, when: fn(Day) -> String) -> Series {
    let bar = |line: &Line| match line.figure {
        Figure::Told(counts) => Some(counts.done),
        Figure::Withheld => None,
        Figure::Uncounted => Some(0),
    };
    let figures: Vec<_> = lines.iter().map(|line| (when(line.when), bar(line))).collect();
    let withholds = lines.iter().any(|line| match line.figure {
        Figure::Told(shown) => shown.refused.is_none(),
        Figure::Withheld => true,
        Figure::Uncounted => false,
    });
    Series { chart: Chart::of(subject, &figures), lines, withholds }
}

/// What a chart counts.
fn subject(matter: Matter, span: Span) -> &'static str {
    match (matter, span) {
        (Matter::File, Span::Month) => "Dossiers consultés par mois",
        (Matter::File, Span::Day) => "Dossiers consultés par jour",
        (Matter::SignIn, Span::Month) => "Connexions par mois",
        (Matter::SignIn, Span::Day) => "Connexions par jour",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_told_to_the_nearest_hundredth() {
        let words = |before, after| Change::between(before, after).map(Change::words);
        assert_eq!(words(200, 225).as_deref(), Some("+13 %"));
        assert_eq!(words(200, 150).as_deref(), Some("−25 %"));
        assert_eq!(words(300, 301).as_deref(), Some("stable"));
        assert_eq!(words(0, 4).as_deref(), Some("nouveau"));
        assert_eq!(words(4, 0).as_deref(), Some("−100 %"));
        assert_eq!(words(0, 0), None);
    }
}
