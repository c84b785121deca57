//! The frame of every page: who is here, for whom, where else to go, and what has just happened.
//! A page's template begins with `{% extends "base.html" %}` and has a field `shell: Shell`.

use askama::Template;
use axum::response::Html;

use super::problem::Problem;
use super::typography;

/// What surrounds a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shell {
    /// The `h1`, and the `title` but for the product's name.
    pub title: String,
    /// Whether fictitious data is shown, which each page then says.
    pub demonstration: bool,
    /// Who is signed in; without anybody the page stands at the gate.
    pub me: Option<Me>,
    /// What has just been done or refused.
    pub notice: Option<Notice>,
}

/// The person who is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Me {
    /// First name, then name.
    pub name: String,
    /// The part played: «Administration des habilitations».
    pub office: &'static str,
    /// The partner or the organism for which this session acts.
    pub acting_for: String,
    /// Where this person can go.
    pub menu: Vec<MenuSection>,
    /// When the session ends without a new entry, in words: «15 h 02».
    pub ends_at: String,
    /// How long that is from now.
    pub seconds_left: u32,
    /// The token that every form of this session carries.
    pub csrf: String,
    /// Whether this page answers a form, which then holds what was typed.
    pub typed: bool,
}

/// Links of the menu that go together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MenuSection {
    /// Their heading; the first section has none.
    pub title: Option<&'static str>,
    /// The links, in order.
    pub links: Vec<MenuLink>,
}

/// A link of the menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MenuLink {
    /// Its words.
    pub label: &'static str,
    /// Where it leads.
    pub href: String,
    /// Whether the page is there, or under there.
    pub current: bool,
    /// How many things wait there for a decision; 0 says nothing.
    pub count: u32,
}

/// What stands at the head of a page after an act, until the page is left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// How it went.
    pub tone: Tone,
    /// The fact, in one line.
    pub title: String,
    /// Why, and what to do: a paragraph each.
    pub text: Vec<String>,
    /// The ways out: label, then address.
    pub links: Vec<(String, String)>,
}

/// How a thing stands. Each tone has a word, a shape and a colour on the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Done, or in order.
    Ok,
    /// Awaited.
    Wait,
    /// To be watched.
    Warn,
    /// Refused, or past its limit.
    Bad,
}

impl Tone {
    /// Its name in the style sheet.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Wait => "wait",
            Self::Warn => "warn",
            Self::Bad => "bad",
        }
    }

    /// Its icon.
    pub fn icon(self) -> &'static str {
        match self {
            Self::Ok => "yes",
            Self::Wait => "info",
            Self::Warn => "caution",
            Self::Bad => "stop",
        }
    }

    /// Whether it interrupts (`alert`) or is read in its turn (`status`).
    pub fn role(self) -> &'static str {
        match self {
            Self::Ok | Self::Wait => "status",
            Self::Warn | Self::Bad => "alert",
        }
    }
}

impl Shell {
    /// Whether this page answers with a refusal, which its title then says first.
    pub fn refuses(&self) -> bool {
        self.notice.as_ref().is_some_and(|notice| notice.tone == Tone::Bad)
    }

    /// The token for the forms of this page; empty at the gate, where forms carry none.
    pub fn csrf(&self) -> &str {
        self.me.as_ref().map_or("", |me| &me.csrf)
    }

    /// The same surroundings for another page.
    #[must_use]
    pub fn titled(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }
}

/// Renders a page and sets its typography: the one way in which HTML leaves the program.
pub fn html(page: &impl Template) -> Result<Html<String>, Problem> {
    Ok(Html(typography::page(&page.render()?)))
}
