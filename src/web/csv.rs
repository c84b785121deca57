//! A table as a file that a spreadsheet opens: semicolons and a byte order mark, as French ones expect them. A cell that
//! a spreadsheet would take for a formula is preceded by an apostrophe.

use axum::http::header;
use axum::response::{IntoResponse as _, Response};

use super::problem::Problem;

/// What a formula begins with.
const FORMULAS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// The table, to be kept under a name.
pub fn file(name: &str, rows: &[Vec<String>]) -> Result<Response, Problem> {
    let text = text(rows).map_err(|_| Problem::Internal { reference: String::new() })?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.csv\"")),
    ];
    Ok((headers, text).into_response())
}

fn text(rows: &[Vec<String>]) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::WriterBuilder::new().delimiter(b';').from_writer("\u{feff}".as_bytes().to_vec());
    for row in rows {
        writer.write_record(row.iter().map(|cell| inert(cell)))?;
    }
    writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))
}

fn inert(cell: &str) -> String {
    if cell.starts_with(FORMULAS) { format!("'{cell}") } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spreadsheet_reads_words_and_runs_nothing() {
        let rows = [
            vec!["Mois".to_owned(), "Partenaire".to_owned()],
            vec!["=1+1".to_owned(), "Ville ; \"B\"".to_owned()],
        ];
        let text = text(&rows).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        assert_eq!(text.ok().as_deref(), Some("\u{feff}Mois;Partenaire\n'=1+1;\"Ville ; \"\"B\"\"\"\n"));
    }
}
