//! The drawing of a limit and its use: widths are computed here, so that no style stands on a page.
//! The sentence beside it (`templates/components/gauge.html`) carries the meaning.

/// How many places are taken, out of how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gauge {
    /// People who use their place.
    pub used: u32,
    /// People counted but not active yet, or any more: first sign-in awaited, later start, suspended.
    pub held: u32,
    /// The cap; without one there is nothing to draw.
    pub cap: Option<u32>,
}

impl Gauge {
    /// A use and its limit.
    pub fn new(used: u32, held: u32, cap: Option<u32>) -> Self {
        Self { used, held, cap }
    }

    /// Everybody who is counted.
    pub fn taken(&self) -> u32 {
        self.used.saturating_add(self.held)
    }

    /// Places that are left, when there is a cap and it is not reached.
    pub fn left(&self) -> u32 {
        self.cap.unwrap_or_default().saturating_sub(self.taken())
    }

    /// People beyond the cap.
    pub fn excess(&self) -> u32 {
        self.cap.map_or(0, |cap| self.taken().saturating_sub(cap))
    }

    /// Whether the cap is exactly reached.
    pub fn full(&self) -> bool {
        self.cap == Some(self.taken())
    }

    /// The stroke of those who use their place, as the `d` of an SVG path in a box 100 wide and 10 high.
    pub fn used_stroke(&self) -> Option<String> {
        self.stroke(0, self.used.min(self.limit()))
    }

    /// The stroke of those who are counted but not active.
    pub fn held_stroke(&self) -> Option<String> {
        let limit = self.limit();
        self.stroke(self.used.min(limit), self.taken().min(limit))
    }

    /// The stroke of those beyond the cap.
    pub fn excess_stroke(&self) -> Option<String> {
        self.stroke(self.limit(), self.taken())
    }

    /// Where the cap stands, when it is passed.
    pub fn cap_mark(&self) -> Option<String> {
        (self.excess() > 0).then(|| format!("M{} 0V10", self.at(self.limit())))
    }

    fn limit(&self) -> u32 {
        self.cap.unwrap_or_default()
    }

    fn stroke(&self, from: u32, to: u32) -> Option<String> {
        (from < to).then(|| format!("M{} 5H{}", self.at(from), self.at(to)))
    }

    /// Where `people` stands between 0 and 100, to the hundredth.
    fn at(&self, people: u32) -> String {
        let whole = u64::from(self.limit().max(self.taken()).max(1));
        let hundredths = (u64::from(people) * 10_000 + whole / 2) / whole;
        match (hundredths / 100, hundredths % 100) {
            (units, 0) => units.to_string(),
            (units, rest) => format!("{units}.{rest:02}").trim_end_matches('0').to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Used, held, excess, mark: empty where nothing is drawn.
    fn strokes(gauge: Gauge) -> [String; 4] {
        [gauge.used_stroke(), gauge.held_stroke(), gauge.excess_stroke(), gauge.cap_mark()]
            .map(Option::unwrap_or_default)
    }

    #[test]
    fn places_left() {
        let gauge = Gauge::new(14, 3, Some(25));
        assert_eq!((gauge.taken(), gauge.left(), gauge.excess(), gauge.full()), (17, 8, 0, false));
        assert_eq!(strokes(gauge), ["M0 5H56", "M56 5H68", "", ""]);
    }

    #[test]
    fn full() {
        let gauge = Gauge::new(25, 0, Some(25));
        assert!(gauge.full());
        assert_eq!(strokes(gauge), ["M0 5H100", "", "", ""]);
    }

    #[test]
    fn beyond_the_cap() {
        let gauge = Gauge::new(24, 3, Some(25));
        assert_eq!(gauge.excess(), 2);
        assert_eq!(strokes(gauge), ["M0 5H88.89", "M88.89 5H92.59", "M92.59 5H100", "M92.59 0V10"]);
        let [_, held, excess, _] = strokes(Gauge::new(25, 3, Some(24)));
        assert_eq!(held, "", "those beyond are red, whatever they wait for");
        assert_eq!(excess, "M85.71 5H100");
    }

    #[test]
    fn nothing_and_nobody() {
        assert_eq!(strokes(Gauge::new(0, 0, Some(40))), ["", "", "", ""]);
        assert!(Gauge::new(0, 0, Some(0)).full());
        assert_eq!(strokes(Gauge::new(3, 0, Some(0))), ["", "", "M0 5H100", "M0 0V10"]);
    }

    proptest::proptest! {
        #[test]
        fn strokes_touch_and_end_inside_the_box(used in 0u32..10_000, held in 0u32..10_000, cap in 0u32..10_000) {
            let gauge = Gauge::new(used, held, Some(cap));
            let mut at = "0".to_owned();
            for stroke in [gauge.used_stroke(), gauge.held_stroke(), gauge.excess_stroke()].into_iter().flatten() {
                let (from, to) = stroke.trim_start_matches('M').split_once(" 5H").unwrap_or_default();
                proptest::prop_assert_eq!(from, &at);
                at = to.to_owned();
            }
            let end: f64 = at.parse().unwrap_or(f64::NAN);
            proptest::prop_assert!((0.0..=100.0).contains(&end));
        }
    }
}
