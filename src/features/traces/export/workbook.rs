//! A workbook of two sheets, «Lisez-moi» and «Traces», written as it goes: nothing of it is held but three numbers, and
//! it can be taken up where it was left. (A library would hold the sheet in a file of the machine until its end, and
//! begin again after a restart.)
//!
//! The file is a ZIP (PKWARE APPNOTE) of XML parts (ECMA-376). The sheet of traces comes last. It is compressed stretch by
//! stretch, each one ended so that another can follow it, and its length is told after it. Cells are texts by their kind
//! and by their style: a spreadsheet runs none of them, even when it is edited.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::DeflateEncoder;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::macros::date;

use super::cells::{COLUMNS, Cell};

/// Small parts that say how the others hang together.
const PARTS: [(&str, &str); 5] = [
    ("[Content_Types].xml", include_str!("workbook/content_types.xml")),
    ("_rels/.rels", include_str!("workbook/package.rels")),
    ("xl/workbook.xml", include_str!("workbook/workbook.xml")),
    ("xl/_rels/workbook.xml.rels", include_str!("workbook/workbook.rels")),
    ("xl/styles.xml", include_str!("workbook/styles.xml")),
];
const NOTICE: &str = "xl/worksheets/sheet1.xml";
const TRACES: &str = "xl/worksheets/sheet2.xml";
const NOTICE_HEAD: &str = include_str!("workbook/notice_head.xml");
const TRACES_HEAD: &str = include_str!("workbook/traces_head.xml");
const NOTICE_TAIL: &str = "</sheetData></worksheet>";
/// The longest text of a cell, in UTF-16 units.
const LONGEST: usize = 32_767;
/// Styles, by their rank in `styles.xml`.
const TEXT: u8 = 1;
const MOMENT: u8 = 2;
const DAY: u8 = 3;
const TITLE: u8 = 4;

/// What the directory at the end says of a part.
struct Part {
    name: &'static str,
    offset: u64,
    crc: u32,
    plain: u64,
    packed: u64,
    streamed: bool,
}

/// How far the sheet of traces has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub(super) struct Packed {
    crc: u32,
    /// Bytes before and after.
    plain: u64,
    deflated: u64,
}

impl Packed {
    /// The next bytes of the file, for the next stretch of the sheet.
    pub(super) fn add(&mut self, stretch: &str) -> Vec<u8> {
        let mut crc = crc32fast::Hasher::new_with_initial(self.crc);
        crc.update(stretch.as_bytes());
        self.crc = crc.finalize();
        self.plain += length(stretch.as_bytes());
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        // Writing to a vector cannot fail. The flush ends the stretch on a byte, and lets another follow.
        let _ = encoder.write_all(stretch.as_bytes()).and_then(|()| encoder.flush());
        let bytes = std::mem::take(encoder.get_mut());
        self.deflated += length(&bytes);
        bytes
    }

    /// The last bytes of the file.
    pub(super) fn close(mut self, notice: &[String], traces: u64) -> Vec<u8> {
        let last = column(COLUMNS.len() - 1);
        let tail = format!("</sheetData><autoFilter ref=\"A1:{last}{}\"/></worksheet>", traces + 1);
        let mut out = self.add(&tail);
        // An empty last block.
        out.extend_from_slice(&[0x03, 0x00]);
        self.deflated += 2;
        let (front, mut parts) = front_and_parts(notice);
        put(&mut out, &[Field::Four(0x0807_4b50), Field::Four(self.crc)]);
        put(&mut out, &[Field::Size(self.deflated), Field::Size(self.plain)]);
        let descriptor = 16;
        for part in parts.iter_mut().filter(|part| part.streamed) {
            (part.crc, part.plain, part.packed) = (self.crc, self.plain, self.deflated);
        }
        let directory_at = length(&front) + self.deflated + descriptor;
        let directory = directory(&parts);
        out.extend_from_slice(&directory);
        put(&mut out, &[Field::Four(0x0605_4b50), Field::Two(0), Field::Two(0)]);
        let count = u16::try_from(parts.len()).unwrap_or(u16::MAX);
        put(&mut out, &[Field::Two(count), Field::Two(count)]);
        put(&mut out, &[Field::Size(length(&directory)), Field::Size(directory_at), Field::Two(0)]);
        out
    }

    /// Whether the sheet is longer than such a file can say.
    pub(super) fn is_too_long(&self) -> bool {
        self.plain.max(self.deflated) > u64::from(u32::MAX / 2)
    }
}

/// The first bytes of the file, up to the sheet of traces.
pub(super) fn front(notice: &[String]) -> Vec<u8> {
    front_and_parts(notice).0
}

/// The beginning of the sheet of traces, with the names of the columns.
pub(super) fn opening() -> String {
    let titles = COLUMNS.iter().enumerate().map(|(at, title)| text_cell(at, 1, TITLE, title));
    format!("{TRACES_HEAD}<row r=\"1\">{}</row>", titles.collect::<String>())
}

/// The row of the n-th trace, from 1.
pub(super) fn row(nth: u64, cells: &[Cell]) -> String {
    let row = nth + 1;
    let cells = cells.iter().enumerate().map(|(at, cell)| match cell {
        Cell::Text(text) => text_cell(at, row, TEXT, text),
        Cell::Moment(moment) => number_cell(at, row, MOMENT, &serial(*moment)),
        Cell::Day(day) => number_cell(at, row, DAY, &serial(day.date().midnight().assume_utc())),
    });
    format!("<row r=\"{row}\">{}</row>", cells.collect::<String>())
}

fn front_and_parts(notice: &[String]) -> (Vec<u8>, Vec<Part>) {
    let (mut out, mut parts) = (Vec::new(), Vec::new());
    let sheet = notice_sheet(notice);
    for (name, text) in PARTS.iter().copied().chain([(NOTICE, sheet.as_str())]) {
        let (crc, plain) = (crc32fast::hash(text.as_bytes()), length(text.as_bytes()));
        let part = Part { name, offset: length(&out), crc, plain, packed: plain, streamed: false };
        local(&mut out, &part);
        out.extend_from_slice(text.as_bytes());
        parts.push(part);
    }
    let last = Part { name: TRACES, offset: length(&out), crc: 0, plain: 0, packed: 0, streamed: true };
    local(&mut out, &last);
    parts.push(last);
    (out, parts)
}

fn notice_sheet(notice: &[String]) -> String {
    let rows = (1..).zip(notice).map(|(row, said)| {
        let style = if row == 1 { TITLE } else { TEXT };
        format!("<row r=\"{row}\">{}</row>", text_cell(0, row, style, said))
    });
    format!("{NOTICE_HEAD}{}{NOTICE_TAIL}", rows.collect::<String>())
}

fn column(at: usize) -> char {
    u8::try_from(at).map_or('Z', |at| char::from(b'A'.saturating_add(at)))
}

fn text_cell(at: usize, row: u64, style: u8, text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let text = escaped(text);
    let column = column(at);
    format!(
        "<c r=\"{column}{row}\" s=\"{style}\" t=\"inlineStr\"><is><t xml:space=\"preserve\">{text}</t></is></c>"
    )
}

fn number_cell(at: usize, row: u64, style: u8, number: &str) -> String {
    format!("<c r=\"{}{row}\" s=\"{style}\"><v>{number}</v></c>", column(at))
}

/// Days since the one before 31 December 1899, as spreadsheets count them.
fn serial(at: OffsetDateTime) -> String {
    let days = (at.date() - date!(1899 - 12 - 30)).whole_days();
    let seconds = i64::from(at.hour()) * 3_600 + i64::from(at.minute()) * 60 + i64::from(at.second());
    format!("{days}.{:08}", (seconds * 100_000_000 + 43_200) / 86_400)
}

/// A text as XML holds it, no longer than a cell may be.
fn escaped(text: &str) -> String {
    let (mut out, mut units) = (String::with_capacity(text.len()), 0);
    for sign in text.chars() {
        units += sign.len_utf16();
        if units > LONGEST {
            break;
        }
        match sign {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\n' => out.push_str("&#10;"),
            sign if sign.is_control() || matches!(sign, '\u{fffe}' | '\u{ffff}') => out.push(' '),
            sign => out.push(sign),
        }
    }
    out
}

fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

/// A number of an archive, low byte first.
enum Field {
    Two(u16),
    Four(u32),
    /// One that four bytes hold: what is longer is refused before.
    Size(u64),
}

fn put(out: &mut Vec<u8>, fields: &[Field]) {
    for field in fields {
        match field {
            Field::Two(number) => out.extend_from_slice(&number.to_le_bytes()),
            Field::Four(number) => out.extend_from_slice(&number.to_le_bytes()),
            Field::Size(size) => {
                out.extend_from_slice(&u32::try_from(*size).unwrap_or(u32::MAX).to_le_bytes());
            }
        }
    }
}

/// What is said of a part before it and in the directory: version, whether its length comes after it, how it is packed,
/// a date that tells nothing, its check and lengths.
fn told(out: &mut Vec<u8>, part: &Part) {
    let (flags, method) = if part.streamed { (0x0808, 8) } else { (0x0800, 0) };
    put(out, &[Field::Two(20), Field::Two(flags), Field::Two(method), Field::Two(0), Field::Two(0x21)]);
    put(out, &[Field::Four(part.crc), Field::Size(part.packed), Field::Size(part.plain)]);
    put(out, &[Field::Two(u16::try_from(part.name.len()).unwrap_or(0)), Field::Two(0)]);
}

fn local(out: &mut Vec<u8>, part: &Part) {
    put(out, &[Field::Four(0x0403_4b50)]);
    told(out, part);
    out.extend_from_slice(part.name.as_bytes());
}

fn directory(parts: &[Part]) -> Vec<u8> {
    let mut out = Vec::new();
    for part in parts {
        put(&mut out, &[Field::Four(0x0201_4b50), Field::Two(20)]);
        told(&mut out, part);
        // No comment, one disk, no attributes.
        put(
            &mut out,
            &[Field::Two(0), Field::Two(0), Field::Two(0), Field::Four(0), Field::Size(part.offset)],
        );
        out.extend_from_slice(part.name.as_bytes());
    }
    out
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn spreadsheets_count_days_so() {
        assert_eq!(serial(datetime!(1900-03-01 00:00 UTC)), "61.00000000");
        assert_eq!(serial(datetime!(2026-11-23 12:00 +1)), "46349.50000000");
        assert_eq!(serial(datetime!(2026-11-23 09:30:01 UTC)), "46349.39584491");
    }

    #[test]
    fn a_cell_is_a_text_whatever_was_typed() {
        let cell = text_cell(2, 7, TEXT, "=1+1 <b> & \u{1}\n");
        assert_eq!(
            cell,
            "<c r=\"C7\" s=\"1\" t=\"inlineStr\"><is><t xml:space=\"preserve\">=1+1 &lt;b&gt; &amp;  &#10;</t></is></c>"
        );
        assert_eq!(escaped(&"é".repeat(40_000)).chars().count(), LONGEST);
    }

    /// Stretches that are packed one by one unpack as one.
    #[test]
    fn a_sheet_is_taken_up_where_it_was_left() {
        use std::io::Read as _;

        let stretches = ["premier ".repeat(500), "second ".repeat(300), String::new(), "fin".to_owned()];
        let (mut packed, mut bytes) = (Packed::default(), Vec::new());
        for stretch in &stretches {
            // As after a restart: nothing but what was written down is known.
            let kept = serde_json::to_string(&packed).unwrap_or_default();
            packed = serde_json::from_str(&kept).unwrap_or_default();
            bytes.extend(packed.add(stretch));
        }
        bytes.extend([0x03, 0x00]);
        let mut plain = String::new();
        let read = flate2::read::DeflateDecoder::new(bytes.as_slice()).read_to_string(&mut plain);
        assert!(read.is_ok());
        assert_eq!(plain, stretches.concat());
        assert_eq!(packed.crc, crc32fast::hash(plain.as_bytes()));
        assert_eq!((packed.plain, packed.deflated), (length(plain.as_bytes()), length(&bytes) - 2));
    }
}
