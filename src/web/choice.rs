//! One of the things that a person may choose in a list, as radios, boxes or a `select` show it.

/// A choice: what is sent, what is read, and whether it can be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What the form sends.
    pub value: String,
    /// What the person reads.
    pub label: String,
    /// Its consequence, or the reason why it cannot be made.
    pub detail: Option<String>,
    /// Already chosen.
    pub picked: bool,
    /// Shown, with its reason in `detail`, but cannot be made.
    pub closed: bool,
}

impl Choice {
    /// A choice that can be made and is not made yet.
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into(), detail: None, picked: false, closed: false }
    }

    /// With its consequence in a few words.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Chosen, if `picked`.
    #[must_use]
    pub fn picked_if(mut self, picked: bool) -> Self {
        self.picked = picked;
        self
    }

    /// Shown but impossible, for that reason.
    #[must_use]
    pub fn closed(mut self, reason: impl Into<String>) -> Self {
        self.detail = Some(reason.into());
        self.closed = true;
        self
    }
}

/// How a one-time code may reach its person, where the organism prints letters.
pub fn secret_ways(picked: &str) -> Vec<Choice> {
    let letter = picked == "lettre";
    vec![
        Choice::new("courriel", "Par courriel")
            .detail("à son adresse personnelle, dès l’enregistrement")
            .picked_if(!letter),
        Choice::new("lettre", "Par lettre")
            .detail("que vous imprimez ensuite, à part de l’identifiant")
            .picked_if(letter),
    ]
}
