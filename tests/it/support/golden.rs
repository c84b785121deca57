//! Golden files: what a reviewer reads of the program without reading the program.

use std::path::Path;

/// Compares with the golden file of that name. To accept a change: `CP_GOLDEN=write cargo test`, then read the diff.
#[track_caller]
pub fn golden(name: &str, found: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/golden").join(name);
    if std::env::var("CP_GOLDEN").is_ok_and(|wish| wish == "write") {
        std::fs::write(&file, found).unwrap();
        return;
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    let gone: Vec<&str> = kept.lines().filter(|line| !found.lines().any(|other| other == *line)).collect();
    let new: Vec<&str> = found.lines().filter(|line| !kept.lines().any(|other| other == *line)).collect();
    assert!(
        kept == found,
        "tests/it/golden/{name} is not what the program says now.\n- {}\n+ {}\n\
         If the change is meant: CP_GOLDEN=write, then read the diff.",
        gone.join("\n- "),
        new.join("\n+ "),
    );
}
