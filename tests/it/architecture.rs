//! Who may import whom: the drawing of the house, read in its sources.

use std::path::Path;

use crate::support::sources::{Kind, Source, files_under, sources};

/// What each part may name of the others. A prefix of two words opens that corner only.
const MAY_NAME: &[(&str, &[&str])] = &[
    // The rules: pure.
    ("domain", &[]),
    // Leaves: one job each, nothing of the trade.
    ("clock", &["domain"]),
    ("crypto", &[]),
    ("keys", &["clock", "crypto", "private_files"]),
    ("metrics", &[]),
    ("on_disk", &[]),
    ("passwords", &["clock", "crypto", "domain"]),
    ("private_files", &[]),
    // The mathematics of the log's seal, and the folder where its checkpoints are published.
    ("seal", &["domain", "crypto"]),
    ("witness", &["seal", "crypto", "domain"]),
    // The second sink: lines, and the two places where they go.
    ("sink", &["clock", "crypto", "domain", "on_disk", "seal"]),
    ("space", &["on_disk"]),
    ("supervisor", &[]),
    ("telemetry", &[]),
    ("tls", &["private_files"]),
    // Mails are worded like pages.
    ("mail", &["clock", "crypto", "domain", "web::filters", "web::typography"]),
    // The store and the edges.
    ("db", &["domain", "clock", "crypto", "metrics", "on_disk", "seal"]),
    ("web", &["domain", "db", "clock", "crypto"]),
    // The slices, and what runs by itself. A mail names the address where one signs in.
    ("features", &["domain", "db", "web", "app", "clock", "crypto", "passwords", "mail", "seal"]),
    (
        "jobs",
        &[
            "domain",
            "db",
            "app",
            "features",
            "clock",
            "crypto",
            "passwords",
            "mail",
            "seal",
            "sink",
            "witness",
            "web::file_mark",
            "web::paths",
        ],
    ),
];

/// What joins the parts: each may name all of them.
const JOINS: &[&str] =
    &["app", "build", "cli", "config", "demo", "doctor", "main", "operate", "serve", "watch"];

/// What `domain` does without: stores, edges, a runtime, and the machine.
const IMPURE: &[&str] = &[
    "sqlx",
    "axum",
    "axum_extra",
    "askama",
    "tokio",
    "tower",
    "tower_http",
    "tower_sessions",
    "lettre",
    "tracing",
    "ring",
];
const MACHINE: &[&str] = &["fs", "env", "io", "process", "thread", "net::TcpStream", "net::TcpListener"];

fn part(source: &Source) -> &str {
    source.module.first().map_or("main", String::as_str)
}

fn is_under(path: &[String], prefix: &str) -> bool {
    prefix.split("::").zip(path).filter(|(wanted, found)| wanted == found).count()
        == prefix.split("::").count()
}

#[track_caller]
fn none(what: &str, found: &[String]) {
    assert!(found.is_empty(), "{what}:\n{}", found.join("\n"));
}

#[test]
fn every_part_names_only_what_it_stands_on() {
    let mut wrong = Vec::new();
    for source in sources() {
        let part = part(&source);
        if JOINS.contains(&part) {
            continue;
        }
        let Some((_, allowed)) = MAY_NAME.iter().find(|(name, _)| *name == part) else {
            wrong.push(format!("{}: the part «{part}» is not on the drawing", source.path));
            continue;
        };
        for named in source.named().iter().filter(|named| named.ours) {
            let own = named.parts.first().is_none_or(|first| first == part);
            if !own && !allowed.iter().any(|prefix| is_under(&named.parts, prefix)) {
                wrong.push(format!("{}:{} names {}", source.path, named.line, named.parts.join("::")));
            }
        }
    }
    none("a part names what it may not", &wrong);
}

#[test]
fn no_slice_names_another() {
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|source| part(source) == "features" && source.module.len() > 1) {
        for named in source.named().iter().filter(|named| named.ours) {
            let other =
                named.parts.len() > 1 && named.parts[0] == "features" && named.parts[1] != source.module[1];
            if other {
                wrong.push(format!("{}:{} names {}", source.path, named.line, named.parts.join("::")));
            }
        }
    }
    none("a slice names another", &wrong);
}

#[test]
fn the_domain_is_pure_and_sql_has_one_home() {
    let mut wrong = Vec::new();
    for source in sources() {
        let part = part(&source).to_owned();
        for named in source.named().iter().filter(|named| !named.ours) {
            let first = named.parts[0].as_str();
            let machine = first == "std" && MACHINE.iter().any(|corner| is_under(&named.parts[1..], corner));
            // Tests of the domain may read a document of the repository.
            let impure = part == "domain" && (IMPURE.contains(&first) || (machine && !named.test));
            let sql = part != "db" && first == "sqlx";
            let raw_form = named.parts.last().is_some_and(|last| last == "Form") && first.starts_with("axum");
            if impure || sql || raw_form {
                wrong.push(format!("{}:{} names {}", source.path, named.line, named.parts.join("::")));
            }
        }
    }
    none("not here", &wrong);
}

/// What markup in a text would begin with.
const ELEMENTS: &[&str] = &[
    "a", "abbr", "aside", "b", "body", "br", "button", "code", "dd", "div", "dl", "dt", "em", "fieldset",
    "footer", "form", "h1", "h2", "h3", "head", "header", "html", "i", "img", "input", "label", "legend",
    "li", "link", "main", "meta", "nav", "ol", "option", "p", "pre", "script", "section", "select", "small",
    "span", "strong", "style", "svg", "table", "tbody", "td", "textarea", "th", "thead", "time", "title",
    "tr", "ul",
];

#[test]
fn pages_are_written_in_templates() {
    let mut wrong = Vec::new();
    for source in sources() {
        for token in source.tokens.iter().filter(|token| token.kind == Kind::Text && !token.test) {
            let markup = token.text.split('<').skip(1).any(|tag| {
                let tag = tag.trim_start_matches('/');
                let name = tag.split(|sign: char| !sign.is_ascii_alphanumeric()).next().unwrap_or("");
                ELEMENTS.contains(&name) && tag.contains('>')
            });
            let page = token.text.ends_with(".html") && !token.attribute;
            if markup || page {
                wrong.push(format!("{}:{} writes {:?}", source.path, token.line, token.text));
            }
        }
    }
    none("markup outside templates", &wrong);
}

/// Pages are told what is true. A rule that stood in one would be a rule that no golden file shows.
#[test]
fn templates_hold_no_rule() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut wrong = Vec::new();
    for file in files_under(&root.join("templates"), "html")
        .iter()
        .chain(&files_under(&root.join("templates"), "txt"))
    {
        let text = std::fs::read_to_string(file).unwrap();
        for (line, words) in text.lines().enumerate() {
            for rule in ["Permission::", "Office::", ".may(", "allows(", ".require("] {
                if words.contains(rule) {
                    wrong.push(format!(
                        "{}:{} holds {rule}",
                        file.strip_prefix(root).unwrap().display(),
                        line + 1
                    ));
                }
            }
        }
    }
    none("a template decides", &wrong);
}
