//! For tests: what every page must be, whatever it says.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests say what they expect by failing")]

use std::collections::HashSet;
use std::path::Path;

use axum::response::Response;
use http_body_util::BodyExt;
use scraper::{ElementRef, Html, Selector};

/// The body of a response, as text.
pub(crate) async fn body(response: Response) -> String {
    String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}

/// Each template's path and text.
pub(crate) fn sources() -> Vec<(String, String)> {
    fn read(folder: &Path, found: &mut Vec<(String, String)>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                read(&path, found);
            } else {
                found.push((path.display().to_string(), std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let mut found = Vec::new();
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("templates"), &mut found);
    found
}

fn all<'page>(page: &'page Html, selector: &str) -> Vec<ElementRef<'page>> {
    page.select(&Selector::parse(selector).unwrap()).collect()
}

fn words(element: ElementRef<'_>) -> String {
    element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What every page must be, whatever it says.
pub(crate) fn check(name: &str, body: &str) {
    let page = Html::parse_document(body);
    assert_eq!(page.errors, Vec::<String>::new().as_slice(), "{name}: broken markup");

    let only = |selector| match all(&page, selector).as_slice() {
        [element] => words(*element),
        found => panic!("{name}: {} {selector}, not one", found.len()),
    };
    let title = only("title");
    let stem = title.trim_start_matches("Erreur :").trim_end_matches("– Compte Partenaire").trim();
    assert_eq!(stem, only("h1"), "{name}: the title is the h1");

    assert_eq!(all(&page, "[style], style").len(), 0, "{name}: no inline style");
    assert!(
        all(&page, "script").iter().all(|script| script.attr("src").is_some()),
        "{name}: no inline script"
    );
    for element in all(&page, "*") {
        let handler = element.value().attrs().find(|(attribute, _)| attribute.starts_with("on"));
        assert_eq!(handler, None, "{name}: no event attribute");
    }

    let mut ids = HashSet::new();
    for element in all(&page, "[id]") {
        let id = element.attr("id").unwrap();
        assert!(ids.insert(id), "{name}: id {id} twice");
    }
    for (selector, attribute) in [
        ("[aria-describedby]", "aria-describedby"),
        ("[aria-labelledby]", "aria-labelledby"),
        ("label[for]", "for"),
    ] {
        for element in all(&page, selector) {
            for id in element.attr(attribute).unwrap().split_whitespace() {
                assert!(ids.contains(id), "{name}: {attribute} names {id}, which is not there");
            }
        }
    }
    for link in all(&page, "a[href^='#']") {
        assert!(ids.contains(link.attr("href").unwrap().trim_start_matches('#')), "{name}: {}", link.html());
    }

    let labelled: HashSet<_> =
        all(&page, "label[for]").iter().filter_map(|label| label.attr("for")).collect();
    for field in all(&page, "input:not([type=hidden]), select, textarea, progress") {
        let wrapped =
            field.ancestors().filter_map(ElementRef::wrap).any(|parent| parent.value().name() == "label");
        let named = wrapped
            || field.attr("aria-label").is_some()
            || field.attr("id").is_some_and(|id| labelled.contains(id));
        assert!(named, "{name}: without a label: {}", field.html());
    }
    for button in all(&page, "button, a") {
        assert!(!words(button).is_empty(), "{name}: without a name: {}", button.html());
    }
}

pub(crate) fn look(name: &str, body: &str) {
    // Where somebody wants to look at the pages: CARGO_MANIFEST_DIR/target/look, if that folder was made.
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/look");
    if folder.is_dir() {
        std::fs::write(folder.join(format!("{name}.html")), body).unwrap();
    }
}

#[test]
fn the_check_sees_what_it_is_for() {
    let good = "<!DOCTYPE html><html lang=\"fr\"><head><title>Un – Compte Partenaire</title></head><body><h1>Un</h1></body></html>";
    check("good", good);
    for bad in [
        "<h1>Deux</h1>",
        "<p style=\"color:red\">x</p>",
        "<script>alert(1)</script>",
        "<p onclick=\"x()\">x</p>",
        "<input name=\"seul\">",
        "<p id=\"a\"></p><p id=\"a\"></p>",
        "<a href=\"#nulle-part\">x</a>",
        "<button></button>",
        "<p aria-describedby=\"nulle-part\">x</p>",
    ] {
        let page = good.replace("</body>", &format!("{bad}</body>"));
        assert!(std::panic::catch_unwind(|| check("bad", &page)).is_err(), "{bad}");
    }
}
