//! Lines for a spreadsheet or any other program: UTF-8 with its mark, semicolons, one trace a line, which is how French
//! spreadsheets open a file by a double click. What the file says of itself stands first, then an empty line, then the
//! names of the columns.

use super::cells::{COLUMNS, Cell};
use crate::web::csv::{MARK, line};

/// What stands before the traces.
pub(super) fn head(notice: &[String]) -> String {
    let mut text = String::from(MARK);
    for said in notice {
        text.push_str(&line([said.as_str()]));
    }
    text.push_str("\r\n");
    text.push_str(&line(COLUMNS));
    text
}

/// The line of a trace.
pub(super) fn row(cells: &[Cell]) -> String {
    let told: Vec<String> = cells.iter().map(told).collect();
    line(told.iter().map(String::as_str))
}

fn told(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) => text.clone(),
        Cell::Moment(at) => format!(
            "{:02}/{:02}/{:04} {:02}:{:02}:{:02}",
            at.day(),
            u8::from(at.month()),
            at.year(),
            at.hour(),
            at.minute(),
            at.second()
        ),
        Cell::Day(day) => {
            let date = day.date();
            format!("{:02}/{:02}/{:04}", date.day(), u8::from(date.month()), date.year())
        }
    }
}

#[cfg(test)]
mod tests {
    use time::macros::{date, datetime};

    use super::*;

    #[test]
    fn a_line_is_one_line_whatever_was_typed() {
        let text = |text: &str| Cell::Text(text.to_owned());
        let cells = [
            Cell::Moment(datetime!(2026-11-03 09:05:07 +1)),
            text("Départ ; \"retour\"\r\nle lundi"),
            text("=HYPERLINK(\"http://ailleurs.example\")"),
            text("\t@SUM(1)"),
            Cell::Day(Day::of(date!(2027 - 05 - 23))),
            text(""),
        ];
        assert_eq!(
            row(&cells),
            "\"03/11/2026 09:05:07\";\"Départ ; \"\"retour\"\"  le lundi\";\
             \"'=HYPERLINK(\"\"http://ailleurs.example\"\")\";\"' @SUM(1)\";\"23/05/2027\";\"\"\r\n"
        );
    }

    #[test]
    fn the_notice_stands_first_then_an_empty_line() {
        let head = head(&["Export".to_owned(), "=2+2".to_owned()]);
        let lines: Vec<&str> = head.split("\r\n").collect();
        assert_eq!(lines.first(), Some(&"\u{feff}\"Export\""));
        assert_eq!(lines.get(1), Some(&"\"'=2+2\""));
        assert_eq!(lines.get(2), Some(&""));
        assert!(lines.get(3).is_some_and(|line| line.starts_with("\"Quand\";\"Qui\";")));
    }

    use crate::domain::day::Day;
}
