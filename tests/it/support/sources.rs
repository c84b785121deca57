//! The program's own sources, read as words: what the completeness tests look at.

use std::collections::BTreeSet;
use std::path::Path;

/// What a token is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Word,
    Sign,
    Text,
    Other,
}

/// One word, sign or literal. The value of a text is what the program would hold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Token {
    pub kind: Kind,
    pub text: String,
    pub line: usize,
    /// Inside `#[…]`.
    pub attribute: bool,
    /// Inside what only tests compile.
    pub test: bool,
}

impl Token {
    pub fn is(&self, text: &str) -> bool {
        matches!(self.kind, Kind::Word | Kind::Sign) && self.text == text
    }
}

/// One file.
#[derive(Clone, Debug)]
pub struct Source {
    /// From the root of the repository, with slashes.
    pub path: String,
    /// The module that it is, from the root of the crate.
    pub module: Vec<String>,
    pub tokens: Vec<Token>,
}

/// A path named somewhere: absolute (`crate` left out) when it is ours, as written otherwise.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Named {
    pub ours: bool,
    pub parts: Vec<String>,
    pub line: usize,
    pub test: bool,
}

/// Every file under `src`, in order.
pub fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut sources: Vec<Source> = files_under(&root.join("src"), "rs")
        .into_iter()
        .map(|file| {
            let path = file.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            let tokens = tokens(&std::fs::read_to_string(&file).unwrap());
            Source { module: module_of(&path), path, tokens }
        })
        .collect();
    let mut only_tests = BTreeSet::new();
    for source in &mut sources {
        mark_attributes(&mut source.tokens);
        only_tests.extend(mark_tests(source));
    }
    for source in &mut sources {
        if only_tests.iter().any(|module| source.module.starts_with(module)) {
            source.tokens.iter_mut().for_each(|token| token.test = true);
        }
    }
    sources
}

/// Every file of that extension under a folder, in order.
pub fn files_under(folder: &Path, extension: &str) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_under(&path, extension));
        } else if path.extension().is_some_and(|found| found == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn module_of(path: &str) -> Vec<String> {
    let inner = path.trim_start_matches("src/").trim_end_matches(".rs");
    let mut module: Vec<String> = inner.split('/').map(str::to_owned).collect();
    if module.last().is_some_and(|last| last == "mod") || inner == "lib" {
        module.pop();
    }
    module
}

impl Source {
    /// The paths that it names, groups of `use` spread out.
    pub fn named(&self) -> Vec<Named> {
        let mut named = Vec::new();
        let mut inside: Vec<(String, usize)> = Vec::new();
        let mut depth = 0;
        for (at, token) in self.tokens.iter().enumerate() {
            if token.is("{") {
                depth += 1;
                if at >= 2 && self.tokens[at - 2].is("mod") {
                    inside.push((self.tokens[at - 1].text.clone(), depth));
                }
            } else if token.is("}") {
                if inside.last().is_some_and(|(_, opened)| *opened == depth) {
                    inside.pop();
                }
                depth -= 1;
            }
            let begins = token.kind == Kind::Word
                && !(at > 0 && (self.tokens[at - 1].is("::") || self.tokens[at - 1].is(".")))
                && (self.is_at(at + 1, "::") || (at > 0 && self.tokens[at - 1].is("use")));
            if !begins {
                continue;
            }
            let mut found = Vec::new();
            self.spread(at, &[], &mut found);
            let module: Vec<String> =
                self.module.iter().cloned().chain(inside.iter().map(|(name, _)| name.clone())).collect();
            named.extend(found.into_iter().map(|parts| {
                let (ours, parts) = absolute(&module, parts);
                Named { ours, parts, line: token.line, test: token.test }
            }));
        }
        named
    }

    fn is_at(&self, at: usize, text: &str) -> bool {
        self.tokens.get(at).is_some_and(|token| token.is(text))
    }

    /// Reads one tree of a path from there; gives where it ends.
    fn spread(&self, mut at: usize, before: &[String], found: &mut Vec<Vec<String>>) -> usize {
        let mut parts = before.to_vec();
        while let Some(token) = self.tokens.get(at) {
            if token.is("{") {
                at += 1;
                while !self.is_at(at, "}") {
                    at = self.spread(at, &parts, found);
                    // «as other», then the comma.
                    while !self.is_at(at, ",") && !self.is_at(at, "}") {
                        at += 1;
                    }
                    at += usize::from(self.is_at(at, ","));
                }
                return at + 1;
            }
            if token.kind != Kind::Word && !token.is("*") {
                break;
            }
            parts.push(token.text.clone());
            at += 1;
            if !self.is_at(at, "::") {
                break;
            }
            at += 1;
        }
        found.push(parts);
        at
    }
}

fn absolute(module: &[String], parts: Vec<String>) -> (bool, Vec<String>) {
    let ups = parts.iter().take_while(|part| *part == "super").count();
    let rest = |skip: usize| parts[skip..].to_vec();
    match parts[0].as_str() {
        "crate" => (true, rest(1)),
        "compte_partenaire" => (true, rest(1)),
        "self" => (true, [module.to_vec(), rest(1)].concat()),
        "super" => (true, [module[..module.len() - ups].to_vec(), rest(ups)].concat()),
        _ => (false, parts),
    }
}

fn mark_attributes(tokens: &mut [Token]) {
    let mut at = 0;
    while at < tokens.len() {
        let opens = at + 1 + usize::from(tokens.get(at + 1).is_some_and(|token| token.is("!")));
        if tokens[at].is("#") && tokens.get(opens).is_some_and(|token| token.is("[")) {
            let end = closing(tokens, opens);
            tokens[at..=end].iter_mut().for_each(|token| token.attribute = true);
            at = end;
        }
        at += 1;
    }
}

/// Marks what follows `#[cfg(test)]`; gives the modules that stand in files of their own.
fn mark_tests(source: &mut Source) -> Vec<Vec<String>> {
    let mut modules = Vec::new();
    let mut at = 0;
    while at + 6 < source.tokens.len() {
        let written: String = source.tokens[at..at + 7].iter().map(|token| token.text.as_str()).collect();
        if written == "#[cfg(test)]" {
            let end = end_of_item(&source.tokens, at + 7);
            let item = &mut source.tokens[at..=end];
            item.iter_mut().for_each(|token| token.test = true);
            if item.last().is_some_and(|token| token.is(";"))
                && let Some(mod_at) = item.iter().position(|token| token.is("mod"))
            {
                modules.push([source.module.clone(), vec![item[mod_at + 1].text.clone()]].concat());
            }
            at = end;
        }
        at += 1;
    }
    modules
}

fn end_of_item(tokens: &[Token], from: usize) -> usize {
    let mut at = from;
    while at < tokens.len() {
        if tokens[at].is("{") {
            return closing(tokens, at);
        }
        if tokens[at].is(";") {
            return at;
        }
        at += 1;
    }
    tokens.len() - 1
}

/// Where the bracket opened there closes.
pub fn closing(tokens: &[Token], opened: usize) -> usize {
    let mut depth = 0_i32;
    for (at, token) in tokens.iter().enumerate().skip(opened) {
        if token.kind == Kind::Sign {
            match token.text.as_str() {
                "(" | "[" | "{" => depth += 1,
                ")" | "]" | "}" => depth -= 1,
                _ => {}
            }
        }
        if depth == 0 {
            return at;
        }
    }
    panic!("nothing closes the bracket of line {}", tokens[opened].line)
}

/// Cuts a text of the language into tokens; comments go.
pub fn tokens(text: &str) -> Vec<Token> {
    let mut lexer = Lexer { rest: text.chars().collect(), at: 0, line: 1 };
    std::iter::from_fn(|| lexer.next()).collect()
}

struct Lexer {
    rest: Vec<char>,
    at: usize,
    line: usize,
}

impl Lexer {
    fn peek(&self, ahead: usize) -> char {
        self.rest.get(self.at + ahead).copied().unwrap_or('\0')
    }

    fn take(&mut self) -> char {
        let taken = self.peek(0);
        self.at += 1;
        self.line += usize::from(taken == '\n');
        taken
    }

    fn take_while(&mut self, keep: impl Fn(char) -> bool) -> String {
        let mut taken = String::new();
        while self.at < self.rest.len() && keep(self.peek(0)) {
            taken.push(self.take());
        }
        taken
    }

    fn skip_blank(&mut self) {
        loop {
            self.take_while(char::is_whitespace);
            match (self.peek(0), self.peek(1)) {
                ('/', '/') => {
                    self.take_while(|sign| sign != '\n');
                }
                ('/', '*') => {
                    while (self.peek(0), self.peek(1)) != ('*', '/') {
                        self.take();
                    }
                    self.at += 2;
                }
                _ => return,
            }
        }
    }

    fn next(&mut self) -> Option<Token> {
        self.skip_blank();
        if self.at >= self.rest.len() {
            return None;
        }
        let line = self.line;
        let (kind, text) = self.token();
        Some(Token { kind, text, line, attribute: false, test: false })
    }

    fn token(&mut self) -> (Kind, String) {
        let word = |sign: char| sign.is_alphanumeric() || sign == '_';
        match self.peek(0) {
            '"' => (Kind::Text, self.quoted()),
            'b' if self.peek(1) == '"' => {
                self.take();
                (Kind::Other, self.quoted())
            }
            'b' if self.peek(1) == '\'' => {
                self.take();
                self.sign_or_lifetime()
            }
            'r' if self.peek(1) == '"' || (self.peek(1) == '#' && matches!(self.peek(2), '"' | '#')) => {
                self.take();
                (Kind::Text, self.raw())
            }
            '\'' => self.sign_or_lifetime(),
            sign if sign.is_ascii_digit() => (Kind::Other, self.take_while(word)),
            sign if word(sign) => (Kind::Word, self.take_while(word)),
            sign => {
                self.take();
                let pair = matches!((sign, self.peek(0)), (':', ':') | ('=', '>'));
                (Kind::Sign, if pair { format!("{sign}{}", self.take()) } else { sign.to_string() })
            }
        }
    }

    fn sign_or_lifetime(&mut self) -> (Kind, String) {
        self.take();
        if self.peek(0) != '\\' && self.peek(1) != '\'' {
            return (Kind::Other, self.take_while(|sign| sign.is_alphanumeric() || sign == '_'));
        }
        let escaped = self.take() == '\\';
        if escaped {
            self.take();
        }
        self.take_while(|sign| sign != '\'');
        self.take();
        (Kind::Other, String::new())
    }

    fn raw(&mut self) -> String {
        let fence = self.take_while(|sign| sign == '#').len();
        self.take();
        let mut text = String::new();
        loop {
            let sign = self.take();
            if sign == '"' && (0..fence).all(|ahead| self.peek(ahead) == '#') {
                self.at += fence;
                return text;
            }
            text.push(sign);
        }
    }

    fn quoted(&mut self) -> String {
        self.take();
        let mut text = String::new();
        loop {
            match self.take() {
                '"' => return text,
                '\\' => match self.take() {
                    '\n' => {
                        self.take_while(char::is_whitespace);
                    }
                    'n' => text.push('\n'),
                    't' => text.push('\t'),
                    'r' => text.push('\r'),
                    '0' => text.push('\0'),
                    'x' => {
                        let code: String = [self.take(), self.take()].iter().collect();
                        text.push(char::from(u8::from_str_radix(&code, 16).unwrap()));
                    }
                    'u' => {
                        self.take();
                        let code = self.take_while(|sign| sign != '}');
                        self.take();
                        text.push(char::from_u32(u32::from_str_radix(&code, 16).unwrap()).unwrap());
                    }
                    other => text.push(other),
                },
                sign => text.push(sign),
            }
        }
    }
}
