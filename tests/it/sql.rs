//! Every statement of the program is prepared on both migrated databases, and keeps the rules of `db`.

use std::collections::BTreeMap;

use compte_partenaire::db::{Engine, batch_statements};
use sqlx::postgres::PgTypeInfo;
use sqlx::postgres::types::Oid;
use sqlx::{Connection as _, Executor as _, PgConnection, SqlSafeStr as _, SqliteConnection};

use crate::support::sources::{Kind, Source, Token, closing, sources};
use crate::support::{Backend, TestApp};

/// The calls that take a statement.
const CALLS: [&str; 4] = ["select", "write", "unbounded", "query"];
/// How a statement begins.
const VERBS: [&str; 5] = ["SELECT ", "INSERT ", "UPDATE ", "DELETE ", "WITH "];
/// What no statement holds: hidden clocks and chance, searches that depend on the engine, locks that only one has.
const BANNED: [&str; 9] = [
    "NOW()",
    "CURRENT_",
    "RANDOM()",
    "GEN_RANDOM",
    " LIKE ",
    " ILIKE ",
    "FOR UPDATE",
    "SELECT *",
    "DATETIME(",
];

fn is_sql(text: &str) -> bool {
    VERBS.iter().any(|verb| text.starts_with(verb))
}

/// One arm of a `macro_rules!` that puts texts together.
#[derive(Clone)]
struct Arm {
    names: Vec<String>,
    /// `$($name:expr),+`: as many as are given.
    any: bool,
    body: Vec<Token>,
}

impl Arm {
    fn takes(&self, given: usize) -> bool {
        if self.any { given > 0 } else { self.names.len() == given }
    }

    fn filled(&self, given: &[Vec<Token>]) -> Vec<Token> {
        let mut filled = Vec::new();
        let mut at = 0;
        while let Some(token) = self.body.get(at) {
            let next = self.body.get(at + 1);
            if token.is("$") && next.is_some_and(|next| next.is("(")) {
                let comma = Token { text: ",".to_owned(), kind: Kind::Sign, ..token.clone() };
                filled.extend(given.join(&comma));
                // Then the separator and the sign of repetition.
                at = closing(&self.body, at + 1) + 3;
            } else if token.is("$")
                && let Some(which) = self.names.iter().position(|name| next.is_some_and(|next| next.is(name)))
                && let Some(part) = given.get(which)
            {
                filled.extend(part.iter().cloned());
                at += 2;
            } else {
                filled.push(token.clone());
                at += 1;
            }
        }
        filled
    }
}

/// The texts that a file can make: literals, `concat!`, and macros that only put literals together: its own, and those
/// that `db` offers to all.
struct Texts<'s> {
    source: &'s Source,
    macros: BTreeMap<String, Vec<Arm>>,
}

impl<'s> Texts<'s> {
    fn of(source: &'s Source, shared: &BTreeMap<String, Vec<Arm>>) -> Self {
        let tokens = &source.tokens;
        let mut macros = shared.clone();
        for at in 0..tokens.len() {
            if tokens[at].is("macro_rules") {
                let end = closing(tokens, at + 3);
                macros.insert(tokens[at + 2].text.clone(), arms(&tokens[at + 4..end]));
            }
        }
        Self { source, macros }
    }

    /// The longest text that begins at a token, and where it ends.
    fn at(&self, tokens: &[Token], at: usize) -> Option<(String, usize)> {
        let token = tokens.get(at).filter(|token| !token.test)?;
        if token.kind == Kind::Text {
            return Some((token.text.clone(), at + 1));
        }
        let is_call = token.kind == Kind::Word
            && tokens.get(at + 1).is_some_and(|token| token.is("!"))
            && tokens.get(at + 2).is_some_and(|token| token.is("(") || token.is("{"));
        if !is_call {
            return None;
        }
        let end = closing(tokens, at + 2);
        let inner = &tokens[at + 3..end];
        if token.text == "concat" {
            return Some((self.joined(inner)?, end + 1));
        }
        let given = split(inner);
        let arm = self.macros.get(&token.text)?.iter().find(|arm| arm.takes(given.len()))?;
        Some((self.at(&arm.filled(&given), 0)?.0, end + 1))
    }

    fn joined(&self, tokens: &[Token]) -> Option<String> {
        split(tokens).iter().map(|part| self.at(part, 0).map(|(text, _)| text)).collect()
    }

    /// Every text of a stretch of the file, the longest ones.
    fn all(&self, tokens: &[Token]) -> Vec<String> {
        let mut found = Vec::new();
        let mut at = 0;
        while at < tokens.len() {
            if tokens[at].is("macro_rules") {
                at = closing(tokens, at + 3) + 1;
            } else if let Some((text, end)) = self.at(tokens, at) {
                found.push(text);
                at = end;
            } else {
                at += 1;
            }
        }
        found
    }

    /// Constants that hold statements, by name.
    fn constants(&self) -> BTreeMap<String, Vec<String>> {
        let tokens = &self.source.tokens;
        let mut constants = BTreeMap::new();
        for at in 0..tokens.len() {
            if tokens[at].is("const") || tokens[at].is("static") {
                let end = (at..tokens.len()).find(|end| tokens[*end].is(";")).unwrap_or(at);
                let texts: Vec<String> =
                    self.all(&tokens[at..end]).into_iter().filter(|text| is_sql(text)).collect();
                if !texts.is_empty() {
                    constants.insert(tokens[at + 1].text.clone(), texts);
                }
            }
        }
        constants
    }

    /// The statements that a call may be given: those written in it, or those of the function around it when it is
    /// given a name.
    fn given(&self, call: usize, constants: &BTreeMap<String, Vec<String>>) -> Vec<String> {
        let tokens = &self.source.tokens;
        let argument = &tokens[call + 2..closing(tokens, call + 1)];
        let direct = self.reach(argument, constants);
        if !direct.is_empty() {
            return direct;
        }
        let begin = (0..call).rev().find(|at| tokens[*at].is("fn")).unwrap_or(0);
        let opened = (begin..call).find(|at| tokens[*at].is("{")).unwrap_or(begin);
        self.reach(&tokens[opened..closing(tokens, opened)], constants)
    }

    fn reach(&self, tokens: &[Token], constants: &BTreeMap<String, Vec<String>>) -> Vec<String> {
        let named = tokens.iter().filter_map(|token| constants.get(&token.text)).flatten().cloned();
        self.all(tokens).into_iter().filter(|text| is_sql(text)).chain(named).collect()
    }
}

fn arms(tokens: &[Token]) -> Vec<Arm> {
    let mut arms = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let end = closing(tokens, at);
        let parameters = &tokens[at + 1..end];
        let names = parameters
            .windows(2)
            .filter(|pair| pair[0].is("$") && pair[1].kind == Kind::Word)
            .map(|pair| pair[1].text.clone())
            .collect();
        let any = parameters.get(1).is_some_and(|token| token.is("("));
        let opened = end + 2;
        let closed = closing(tokens, opened);
        arms.push(Arm { names, any, body: tokens[opened + 1..closed].to_vec() });
        at = closed + 1;
        at += usize::from(tokens.get(at).is_some_and(|token| token.is(";")));
    }
    arms
}

/// Arguments, cut at the commas that no bracket holds.
fn split(tokens: &[Token]) -> Vec<Vec<Token>> {
    let mut parts: Vec<Vec<Token>> = vec![Vec::new()];
    let mut at = 0;
    while at < tokens.len() {
        if tokens[at].is(",") {
            parts.push(Vec::new());
            at += 1;
            continue;
        }
        let opens = ["(", "[", "{"].iter().any(|bracket| tokens[at].is(bracket));
        let end = if opens { closing(tokens, at) } else { at };
        parts.last_mut().unwrap().extend_from_slice(&tokens[at..=end]);
        at = end + 1;
    }
    parts.retain(|part| !part.is_empty());
    parts
}

/// What the program can ask of its databases.
#[derive(Default)]
pub struct Statements {
    /// Every one, with whether its first two parameters are bound by what the actor sees.
    pub all: BTreeMap<String, bool>,
    faults: Vec<String>,
}

pub fn statements() -> Statements {
    // Batches are the one text written once for each engine: they are handed over by their own modules.
    let batches = ["src/db/record.rs", "src/db/seal/batch.rs", "src/db/retention/erasing.rs"];
    let sources: Vec<Source> =
        sources().into_iter().filter(|source| !batches.contains(&source.path.as_str())).collect();
    let none = BTreeMap::new();
    let offered = sources.iter().filter(|source| source.path.starts_with("src/db/"));
    let shared = offered.flat_map(|source| Texts::of(source, &none).macros).collect();
    let written: Vec<Texts<'_>> = sources.iter().map(|source| Texts::of(source, &shared)).collect();
    // A constant is known in its slice, in whichever file of it.
    let slice = |source: &Source| source.module.iter().take(2).cloned().collect::<Vec<_>>();
    let mut constants: BTreeMap<Vec<String>, BTreeMap<String, Vec<String>>> = BTreeMap::new();
    for texts in &written {
        constants.entry(slice(texts.source)).or_default().extend(texts.constants());
    }
    let mut found = Statements::default();
    for texts in &written {
        let source = texts.source;
        let known = &constants[&slice(source)];
        for text in texts.all(&source.tokens).into_iter().filter(|text| is_sql(text)) {
            found.all.entry(text).or_insert(false);
        }
        for at in 1..source.tokens.len().saturating_sub(2) {
            let token = &source.tokens[at];
            let call = source.tokens[at - 1].is(".") && source.tokens[at + 1].is("(") && !token.test;
            if !call || !CALLS.contains(&token.text.as_str()) {
                continue;
            }
            let given = texts.given(at, known);
            let bounded = token.is("select");
            if given.is_empty() && (bounded || token.is("unbounded")) && !source.path.starts_with("src/db/") {
                found
                    .faults
                    .push(format!("{}:{} asks for what cannot be read here", source.path, token.line));
            }
            if bounded {
                for text in given {
                    if !(names(&text, 1) && names(&text, 2)) {
                        found.faults.push(format!(
                            "{}:{} is not bounded by $1 and $2: {text}",
                            source.path, token.line
                        ));
                    }
                    found.all.insert(text, true);
                }
            }
        }
    }
    found
}

/// Whether a text names the n-th parameter.
fn names(text: &str, n: u32) -> bool {
    let mark = format!("${n}");
    text.match_indices(&mark)
        .any(|(at, _)| !text[at + mark.len()..].starts_with(|next: char| next.is_ascii_digit()))
}

#[test]
fn every_statement_keeps_the_rules() {
    let Statements { all, mut faults } = statements();
    assert!(all.len() > 30, "the reader of sources lost its way: {} statements", all.len());
    for text in all.keys() {
        let words = format!(" {} ", text.to_uppercase());
        faults.extend(
            BANNED.iter().filter(|word| words.contains(**word)).map(|word| format!("{word} in: {text}")),
        );
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[tokio::test]
async fn every_statement_is_prepared_on_sqlite() {
    let app = TestApp::on(Backend::Sqlite).await;
    let mut connection = SqliteConnection::connect(&app.database.url).await.unwrap();
    let mut faults = Vec::new();
    let batches = batch_statements(Engine::Sqlite).into_iter().map(str::to_owned);
    for text in statements().all.into_keys().chain(batches) {
        if let Err(error) = connection.prepare(sqlx::AssertSqlSafe(text.clone()).into_sql_str()).await {
            faults.push(format!("{error}\n  {text}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[tokio::test]
async fn every_statement_is_prepared_on_postgres() {
    let app = TestApp::on(Backend::Postgres).await;
    let mut connection = PgConnection::connect(&app.database.url).await.unwrap();
    let mut faults = Vec::new();
    let batches = batch_statements(Engine::Postgres).into_iter().map(|text| (text.to_owned(), false));
    for (text, bounded) in statements().all.into_iter().chain(batches) {
        if let Err(error) = prepare(&mut connection, &text, bounded).await {
            faults.push(format!("{error}\n  {text}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Types that a parameter may be bound with, when its use alone does not say («$5 IS NULL»): the driver sends them.
const TYPES: [&str; 8] = ["text", "uuid", "timestamptz", "date", "int8", "int4", "bool", "bytea"];

async fn prepare(connection: &mut PgConnection, text: &str, bounded: bool) -> Result<(), sqlx::Error> {
    // What the actor sees is bound as two ids.
    let mut types = vec![if bounded { Some(1) } else { None }; 2];
    let mut guessed = None;
    loop {
        let infos: Vec<PgTypeInfo> = types
            .iter()
            .map(|kind| kind.map_or(PgTypeInfo::with_oid(Oid(0)), |kind| PgTypeInfo::with_name(TYPES[kind])))
            .collect();
        let sql = sqlx::AssertSqlSafe(text.to_owned()).into_sql_str();
        let Err(error) = connection.prepare_with(sql, &infos).await else { return Ok(()) };
        match (undetermined(&error), guessed) {
            (Some(parameter), _) if types.get(parameter - 1).copied().flatten().is_none() => {
                types.resize(types.len().max(parameter), None);
                types[parameter - 1] = Some(0);
                guessed = Some(parameter - 1);
            }
            (_, Some(last)) if types[last].is_some_and(|kind| kind + 1 < TYPES.len()) => {
                types[last] = types[last].map(|kind| kind + 1);
            }
            _ => return Err(error),
        }
    }
}

/// The parameter of which the server says that nothing tells its type.
fn undetermined(error: &sqlx::Error) -> Option<usize> {
    let error = error
        .as_database_error()
        .filter(|error| matches!(error.code().as_deref(), Some("42P08" | "42P18")))?;
    error.message().rsplit_once('$')?.1.parse().ok()
}
