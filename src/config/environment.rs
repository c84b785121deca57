//! The environment of the process: read here, once, and nowhere else.

/// What stands for bytes that are not UTF-8: no setting accepts it.
pub(super) const NOT_UTF8: char = '\u{fffd}';

/// The environment of this process, as [`super::Config::read`] wants it.
pub fn environment() -> Vec<(String, String)> {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    let all = std::env::vars_os();
    all.map(|(name, value)| (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned()))
        .collect()
}
