//! Somebody who fills any form of any page somehow: what tests send that know nothing of the page.

use compte_partenaire::clock::Entropy;
use compte_partenaire::domain::siret::Siret;
use scraper::{ElementRef, Html, Selector};

use super::Page;

/// A form as it would be sent.
#[derive(Clone, Debug)]
pub struct Filled {
    pub action: String,
    pub fields: Vec<(String, String)>,
}

impl Filled {
    /// With another value under a name, in place of what was there.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.fields.retain(|(field, _)| field != name);
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// A number below `n`.
pub fn below(chance: &Entropy, n: usize) -> usize {
    usize::try_from(u32::from_le_bytes(chance.bytes())).unwrap() % n.max(1)
}

/// Every form of a page that does something, but the way out.
pub fn forms(page: &Page, chance: &Entropy) -> Vec<Filled> {
    let document = Html::parse_document(&page.html);
    let here = page.path.split('?').next().unwrap();
    document
        .select(&Selector::parse("form[method=post]").unwrap())
        .map(|form| Filled {
            action: form.value().attr("action").unwrap_or(here).to_owned(),
            fields: fields(form, chance),
        })
        .filter(|form| form.action != "/deconnexion" && form.action != "/session/prolonger")
        .collect()
}

/// What the links and the filters of a page ask of pages: an address, and a name after its «?».
pub fn questions(page: &Page) -> Vec<(String, String)> {
    let document = Html::parse_document(&page.html);
    let here = page.path.split('?').next().unwrap();
    let mut asked = Vec::new();
    for link in document.select(&Selector::parse("a[href*='?']").unwrap()) {
        let (path, query) = link.value().attr("href").unwrap().split_once('?').unwrap();
        let path = if path.is_empty() { here } else { path };
        let names = query.split('&').filter_map(|part| part.split_once('='));
        asked.extend(names.map(|(name, _)| (path.to_owned(), name.to_owned())));
    }
    for form in document.select(&Selector::parse("form:not([method=post])").unwrap()) {
        let path = form.value().attr("action").unwrap_or(here);
        let boxes = Selector::parse("input[name], select[name]").unwrap();
        let names = form.select(&boxes).filter_map(|field| field.value().attr("name"));
        asked.extend(names.map(|name| (path.to_owned(), name.to_owned())));
    }
    asked
}

fn fields(form: ElementRef<'_>, chance: &Entropy) -> Vec<(String, String)> {
    let mut fields: Vec<(String, String)> = Vec::new();
    let mut radios: Vec<(String, Vec<String>)> = Vec::new();
    for element in form.select(&Selector::parse("input, select, textarea, button[name]").unwrap()) {
        let value = element.value();
        let Some(name) = value.attr("name").map(str::to_owned) else { continue };
        let given = value.attr("value").unwrap_or("").to_owned();
        match (value.name(), value.attr("type").unwrap_or("text")) {
            ("select", _) => {
                let options: Vec<String> = element
                    .select(&Selector::parse("option:not([disabled])").unwrap())
                    .map(|option| option.value().attr("value").unwrap_or("").to_owned())
                    .collect();
                fields.push((name, options.get(below(chance, options.len())).cloned().unwrap_or_default()));
            }
            // The last button of a form is the one that does it.
            ("button", _) => {
                fields.retain(|(field, _)| *field != name);
                fields.push((name, given));
            }
            (_, "radio") => match radios.iter_mut().find(|(radio, _)| *radio == name) {
                Some((_, choices)) => choices.push(given),
                None => radios.push((name, vec![given])),
            },
            (_, "checkbox") => {
                if below(chance, 3) > 0 {
                    fields.push((name, given));
                }
            }
            (_, "hidden") => fields.push((name, given)),
            (kind, _) => {
                let kept = if kind == "textarea" {
                    element.text().collect::<String>().trim().to_owned()
                } else {
                    given
                };
                let typed =
                    if kept.is_empty() || below(chance, 3) == 0 { typed(&name, chance) } else { kept };
                fields.push((name, typed));
            }
        }
    }
    for (name, choices) in radios {
        fields.push((name, choices[below(chance, choices.len())].clone()));
    }
    fields
}

/// Something that could stand in a field of that name.
fn typed(name: &str, chance: &Entropy) -> String {
    let number = below(chance, 1_000);
    let has = |part: &str| name.contains(part);
    if has("siret") {
        siret(chance)
    } else if name == "convention" {
        format!("2026-{}", siret(chance))
    } else if has("courriel") {
        format!("camille.{}@commune.example", chance.printed(8).to_lowercase())
    } else if has("code_postal") {
        "59370".to_owned()
    } else if has("telephone") {
        "03 20 55 01 02".to_owned()
    } else if name.ends_with("_le") || name == "debut" {
        format!("2026-11-{:02}", 1 + number % 28)
    } else if name == "fin" {
        if number.is_multiple_of(2) { String::new() } else { "2027-08-31".to_owned() }
    } else if has("plafond") || has("nombre") || has("places") || has("voulu") {
        (number % 9).to_string()
    } else if has("lieux") {
        "59410".to_owned()
    } else if has("prefixe") || has("cherche") || name == "qui" {
        String::new()
    } else {
        format!("Essai {number}")
    }
}

fn siret(chance: &Entropy) -> String {
    loop {
        let digits: String =
            (0..14).map(|_| char::from(b'0' + u8::try_from(below(chance, 10)).unwrap())).collect();
        if digits.parse::<Siret>().is_ok() {
            return digits;
        }
    }
}
