//! Bars of a chart: their places are computed here, so that no style stands on a page. A table beside it carries the
//! figures; the drawing repeats them.

/// The box that bars are drawn in, stretched to the width of the page.
const WIDTH: usize = 300;
const HEIGHT: u64 = 100;

/// A chart of one bar a period.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Chart {
    /// Words for who does not see it.
    pub words: String,
    /// What the scale says at its top and in its middle.
    pub scale: [u64; 2],
    /// The bars.
    pub bars: Vec<Bar>,
    /// The first period and the last one.
    pub ends: [String; 2],
}

/// One bar, in the box.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Bar {
    /// From the left.
    pub x: String,
    /// From the top.
    pub y: String,
    /// How wide.
    pub width: String,
    /// How high.
    pub height: String,
    /// Its figure is not shown: it stands for that.
    pub untold: bool,
}

impl Chart {
    /// Draws some figures, the oldest first; one that is not told has a mark of its own. `subject` says what is counted.
    pub fn of(subject: &str, figures: &[(String, Option<u64>)]) -> Self {
        let most = figures.iter().filter_map(|(_, figure)| *figure).max().unwrap_or(0);
        let top = round_above(most);
        let step = WIDTH * 100 / figures.len().max(1);
        let bars =
            figures.iter().enumerate().map(|(nth, (_, figure))| Bar::of(nth, step, *figure, top)).collect();
        let end =
            |figure: Option<&(String, Option<u64>)>| figure.map(|(when, _)| when.clone()).unwrap_or_default();
        let ends = [end(figures.first()), end(figures.last())];
        let highest = figures.iter().find(|(_, figure)| *figure == Some(most) && most > 0);
        let words = match highest {
            Some((when, _)) => {
                format!("{subject}, de {} à {} : le plus élevé, {most}, en {when}.", ends[0], ends[1])
            }
            None => format!("{subject}, de {} à {} : rien à montrer.", ends[0], ends[1]),
        };
        Self { words, scale: [top, top / 2], bars, ends }
    }
}

impl Bar {
    fn of(nth: usize, step: usize, figure: Option<u64>, top: u64) -> Self {
        let untold = figure.is_none();
        // What is not told is as high as nothing much: its height says nothing.
        let height = figure.map_or(600, |figure| figure * HEIGHT * 100 / top.max(1));
        Self {
            x: hundredths(nth * step + step / 8),
            y: hundredths_of(HEIGHT * 100 - height),
            width: hundredths(step * 3 / 4),
            height: hundredths_of(height),
            untold,
        }
    }
}

fn hundredths(value: usize) -> String {
    hundredths_of(u64::try_from(value).unwrap_or(0))
}

fn hundredths_of(value: u64) -> String {
    format!("{}.{:02}", value / 100, value % 100)
}

/// The first of 2, 4, 10, 20, 40, 100… that is not below.
fn round_above(most: u64) -> u64 {
    let mut unit = 1_u64;
    loop {
        for top in [2, 4, 10] {
            let top = unit.saturating_mul(top);
            if top >= most {
                return top;
            }
        }
        unit = unit.saturating_mul(10);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(figures: &[Option<u64>]) -> Chart {
        let figures: Vec<_> =
            figures.iter().enumerate().map(|(nth, figure)| (format!("mois {nth}"), *figure)).collect();
        Chart::of("Dossiers consultés", &figures)
    }

    #[test]
    fn bars_are_as_high_as_their_figures() {
        let chart = chart(&[Some(0), Some(20), Some(33), None]);
        assert_eq!(chart.scale, [40, 20]);
        let heights: Vec<&str> = chart.bars.iter().map(|bar| bar.height.as_str()).collect();
        assert_eq!(heights, ["0.00", "50.00", "82.50", "6.00"]);
        assert_eq!(chart.bars.iter().filter(|bar| bar.untold).count(), 1);
        assert_eq!(chart.words, "Dossiers consultés, de mois 0 à mois 3 : le plus élevé, 33, en mois 2.");
    }

    #[test]
    fn nothing_is_drawn_of_nothing() {
        assert_eq!(chart(&[Some(0), Some(0)]).scale, [2, 1]);
        assert!(chart(&[None]).words.ends_with("rien à montrer."));
        assert!(chart(&[]).bars.is_empty());
    }

    proptest::proptest! {
        #[test]
        fn no_bar_leaves_the_box(figures in proptest::collection::vec(proptest::option::of(0_u64..5_000_000), 1..40)) {
            for bar in chart(&figures).bars {
                let [x, y, width, height] =
                    [bar.x, bar.y, bar.width, bar.height].map(|side| side.parse::<f64>().unwrap_or(f64::NAN));
                proptest::prop_assert!(x >= 0.0 && x + width <= 300.01 && y >= 0.0 && (y + height - 100.0).abs() < 0.011);
            }
        }
    }
}
