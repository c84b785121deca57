//! Tables as files that French spreadsheets open by a double click: UTF-8 with its mark, semicolons, one row a line. A
//! cell that a spreadsheet would take for a formula is preceded by an apostrophe.

use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use csv::{QuoteStyle, Terminator, WriterBuilder};

/// By which spreadsheets know that a file is UTF-8: it stands first.
pub const MARK: &str = "\u{feff}";

/// The table, to be kept under a name.
pub fn file(name: &str, rows: &[Vec<String>]) -> Response {
    let lines = rows.iter().map(|row| line(row.iter().map(String::as_str)));
    let text: String = std::iter::once(MARK.to_owned()).chain(lines).collect();
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.csv\"")),
    ];
    (headers, text).into_response()
}

/// One line: its cells between quotation marks, each on one line, none of them run.
pub fn line<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    let mut writer = WriterBuilder::new()
        .delimiter(b';')
        .quote_style(QuoteStyle::Always)
        .terminator(Terminator::CRLF)
        .from_writer(Vec::new());
    let cells = cells.into_iter().map(|cell| {
        inert(cell).chars().map(|sign| if sign.is_control() { ' ' } else { sign }).collect::<String>()
    });
    // Memory takes whatever is written to it.
    let written = writer.write_record(cells).is_ok();
    let bytes = writer.into_inner().ok().filter(|_| written).unwrap_or_default();
    String::from_utf8(bytes).unwrap_or_default()
}

/// A text that no spreadsheet runs.
fn inert(text: &str) -> String {
    let runs = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    if runs { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_spreadsheet_reads_words_and_runs_nothing() {
        assert_eq!(
            line(["Mois", "Ville ; \"B\"", "=1+1", ""]),
            "\"Mois\";\"Ville ; \"\"B\"\"\";\"'=1+1\";\"\"\r\n"
        );
    }

    proptest! {
        /// Whatever somebody typed, no cell begins as a formula, and nothing of it is lost.
        #[test]
        fn nothing_that_is_typed_is_run(text in "[=+@\\-\t\r\n]?.{0,12}") {
            let cell = inert(&text);
            prop_assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']));
            prop_assert!(cell.ends_with(&text));
        }
    }
}
