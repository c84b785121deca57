//! A browser in process: it keeps cookies, follows redirects, reads forms from pages and sends those fields.
//! A form that lost its token, its key or a field fails the story, as it would fail a person.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use compte_partenaire::web::arrival::Route;
use http_body_util::BodyExt as _;
use scraper::{ElementRef, Html, Selector};
use tower::ServiceExt as _;

use super::received::{Answered, Received};

/// A page as it was received.
#[derive(Clone, Debug)]
pub struct Page {
    pub status: StatusCode,
    pub path: String,
    pub html: String,
    /// The same, byte by byte: a file is no text.
    pub bytes: Vec<u8>,
    pub headers: HeaderMap,
}

impl Page {
    /// What a person reads, with ordinary spaces.
    pub fn text(&self) -> String {
        let document = Html::parse_document(&self.html);
        let body = Selector::parse("body").unwrap();
        let words: Vec<String> = document
            .select(&body)
            .flat_map(|body| body.text().map(str::to_owned).collect::<Vec<_>>())
            .collect();
        words.join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The heading.
    pub fn heading(&self) -> String {
        self.select("h1").into_iter().next().unwrap_or_default()
    }

    /// The texts of the elements that match.
    pub fn select(&self, selector: &str) -> Vec<String> {
        let document = Html::parse_document(&self.html);
        document
            .select(&Selector::parse(selector).unwrap())
            .map(|element| {
                element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
            })
            .collect()
    }

    /// The addresses of the links whose words contain `words`.
    pub fn links(&self, words: &str) -> Vec<String> {
        let document = Html::parse_document(&self.html);
        document
            .select(&Selector::parse("a[href]").unwrap())
            .filter(|link| squeezed(&link.text().collect::<String>()).contains(words))
            .map(|link| link.value().attr("href").unwrap().to_owned())
            .collect()
    }

    #[track_caller]
    pub fn must_say(&self, words: &str) -> &Self {
        assert!(
            self.text().contains(words),
            "«{words}» is not on {} ({}):\n{}",
            self.path,
            self.status,
            self.text()
        );
        self
    }

    #[track_caller]
    pub fn must_not_say(&self, words: &str) -> &Self {
        assert!(!self.text().contains(words), "«{words}» is on {}:\n{}", self.path, self.text());
        self
    }
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Somebody at a browser.
#[derive(Clone)]
pub struct Browser {
    router: Router,
    cookies: BTreeMap<String, String>,
    page: Option<Page>,
    received: Received,
}

impl Browser {
    pub fn new(router: Router, received: Received) -> Self {
        Self { router, cookies: BTreeMap::new(), page: None, received }
    }

    /// The same person, cookies included, in front of another node.
    pub fn moved_to(&self, router: Router) -> Self {
        Self { router, ..self.clone() }
    }

    /// The page on the screen.
    #[track_caller]
    pub fn page(&self) -> &Page {
        self.page.as_ref().expect("no page yet")
    }

    pub fn cookie(&self, name: &str) -> Option<&String> {
        self.cookies.get(name)
    }

    pub fn set_cookie(&mut self, name: &str, value: &str) {
        self.cookies.insert(name.to_owned(), value.to_owned());
    }

    /// Opens an address, following redirects.
    pub async fn open(&mut self, path: &str) -> &Page {
        let mut answer = self.request(Method::GET, path, None).await;
        for _ in 0..5 {
            let Some(next) = redirect(&answer) else { break };
            answer = self.request(Method::GET, &next, None).await;
        }
        self.page = Some(answer);
        self.page()
    }

    /// Follows the first link whose words contain `words`.
    pub async fn follow(&mut self, words: &str) -> &Page {
        let links = self.page().links(words);
        let text = self.page().text();
        let path = links.first().unwrap_or_else(|| panic!("no link «{words}» on: {text}")).clone();
        self.open(&path).await
    }

    /// Sends fields as a form to an address, following the redirect that answers.
    pub async fn post(&mut self, path: &str, fields: &[(String, String)]) -> &Page {
        let body = serde_html_form::to_string(fields).unwrap();
        let mut answer = self.request(Method::POST, path, Some(body)).await;
        for _ in 0..5 {
            let Some(next) = redirect(&answer) else { break };
            answer = self.request(Method::GET, &next, None).await;
        }
        self.page = Some(answer);
        self.page()
    }

    /// Signs in through the form of the home page.
    pub async fn sign_in(&mut self, identifier: &str, secret: &str) -> &Page {
        self.open("/").await;
        self.form("/connexion").fill("identifiant", identifier).fill("secret", secret).send(self).await;
        self.page()
    }

    pub async fn sign_out(&mut self) -> &Page {
        self.form("/deconnexion").send(self).await;
        self.page()
    }

    /// The form of the page whose action ends with `action`, as a person finds it: filled with what it holds.
    #[track_caller]
    pub fn form(&self, action: &str) -> Form {
        let page = self.page();
        let document = Html::parse_document(&page.html);
        let form = document
            .select(&Selector::parse("form").unwrap())
            .find(|form| form.value().attr("action").unwrap_or(&page.path).ends_with(action))
            .unwrap_or_else(|| {
                panic!("no form to {action} on {} ({}):\n{}", page.path, page.status, page.text())
            });
        Form::read(form, &page.path)
    }

    /// One exchange, without following redirects.
    pub async fn request(&mut self, method: Method, path: &str, form: Option<String>) -> Page {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::USER_AGENT, "Mozilla/5.0 Firefox/140.0")
            .header(header::HOST, "partenaires.caf.example")
            .header("sec-fetch-site", "same-origin");
        if !self.cookies.is_empty() {
            let cookies: Vec<String> =
                self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        let body = match form {
            Some(form) => {
                request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
                Body::from(form)
            }
            None => Body::empty(),
        };
        self.exchange(request.body(body).unwrap()).await
    }

    /// One exchange with a request of one's own making.
    pub async fn exchange(&mut self, request: Request<Body>) -> Page {
        let (path, method) = (request.uri().to_string(), request.method().clone());
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = answer.into_parts();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            let (pair, attributes) = cookie.split_once(';').unwrap_or((cookie, ""));
            let (name, value) = pair.split_once('=').unwrap();
            if value.is_empty() || attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.received.secret(value);
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let number = parts.headers.get("x-request-id").map(|id| id.to_str().unwrap().parse().unwrap());
        // A signed-in answer clears the screen by itself at the end of the session: that is how it is known.
        // Refusals beyond a session's budget are counted together.
        let counted = parts.status == StatusCode::TOO_MANY_REQUESTS;
        if parts.headers.contains_key(header::REFRESH) && !parts.status.is_server_error() && !counted {
            self.received.acknowledged(number.unwrap());
        }
        if let (Some(Route(route)), Some(number)) = (parts.extensions.get(), number) {
            self.received.answer(Answered { method, route, status: parts.status, number });
        }
        let bytes = body.collect().await.unwrap().to_bytes();
        let html = String::from_utf8_lossy(&bytes).into_owned();
        Page { status: parts.status, path, html, bytes: bytes.to_vec(), headers: parts.headers }
    }
}

fn redirect(page: &Page) -> Option<String> {
    page.status.is_redirection().then(|| page.headers[header::LOCATION].to_str().unwrap().to_owned())
}

/// A form being filled.
#[derive(Clone, Debug)]
pub struct Form {
    method: Method,
    action: String,
    fields: Vec<(String, String)>,
    /// Every name, with the values that may be chosen (none for what is typed).
    offered: Vec<(String, Option<String>)>,
}

impl Form {
    fn read(form: ElementRef<'_>, path: &str) -> Self {
        let method = form.value().attr("method").unwrap_or("get");
        let mut read = Self {
            method: if method.eq_ignore_ascii_case("post") { Method::POST } else { Method::GET },
            action: form.value().attr("action").unwrap_or(path).to_owned(),
            fields: Vec::new(),
            offered: Vec::new(),
        };
        for element in form.select(&Selector::parse("input, select, textarea").unwrap()) {
            let value = element.value();
            let Some(name) = value.attr("name").map(str::to_owned) else { continue };
            if value.attr("disabled").is_some() {
                continue;
            }
            match (value.name(), value.attr("type").unwrap_or("text")) {
                ("select", _) => read.read_select(element, name),
                ("textarea", _) => {
                    read.typed(name, element.text().collect::<String>().trim_start_matches('\n'))
                }
                (_, "radio" | "checkbox") => {
                    let choice = value.attr("value").unwrap_or("on").to_owned();
                    if value.attr("checked").is_some() {
                        read.fields.push((name.clone(), choice.clone()));
                    }
                    read.offered.push((name, Some(choice)));
                }
                (_, "submit" | "button") => {}
                _ => read.typed(name, value.attr("value").unwrap_or("")),
            }
        }
        read
    }

    fn typed(&mut self, name: String, value: &str) {
        self.fields.push((name.clone(), value.to_owned()));
        self.offered.push((name, None));
    }

    fn read_select(&mut self, element: ElementRef<'_>, name: String) {
        let mut chosen = None;
        for option in element.select(&Selector::parse("option").unwrap()) {
            if option.value().attr("disabled").is_some() {
                continue;
            }
            let text = squeezed(&option.text().collect::<String>());
            let value = option.value().attr("value").map_or(text, str::to_owned);
            if option.value().attr("selected").is_some() || chosen.is_none() {
                chosen = Some(value.clone());
            }
            self.offered.push((name.clone(), Some(value)));
        }
        self.fields.push((name, chosen.unwrap_or_default()));
    }

    /// Types into a box, or chooses what is offered under that name.
    #[track_caller]
    #[must_use]
    pub fn fill(mut self, name: &str, value: &str) -> Self {
        let offered: Vec<_> = self.offered.iter().filter(|(offered, _)| offered == name).collect();
        assert!(!offered.is_empty(), "no field {name} in {self:?}");
        let free = offered.iter().any(|(_, choice)| choice.is_none());
        let known = offered.iter().any(|(_, choice)| choice.as_deref() == Some(value));
        assert!(free || known, "{value} is not offered for {name} in {self:?}");
        match self.fields.iter_mut().find(|(field, _)| field == name) {
            Some(field) => field.1 = value.to_owned(),
            None => self.fields.push((name.to_owned(), value.to_owned())),
        }
        self
    }

    /// Ticks one box of several.
    #[track_caller]
    #[must_use]
    pub fn tick(mut self, name: &str, value: &str) -> Self {
        let known =
            self.offered.iter().any(|(offered, choice)| offered == name && choice.as_deref() == Some(value));
        assert!(known, "no box {name} = {value} in {self:?}");
        if !self.fields.iter().any(|(field, chosen)| field == name && chosen == value) {
            self.fields.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    /// The n-th of several boxes of one name.
    #[track_caller]
    #[must_use]
    pub fn fill_nth(mut self, name: &str, nth: usize, value: &str) -> Self {
        let field = self.fields.iter_mut().filter(|(field, _)| field == name).nth(nth);
        field.unwrap_or_else(|| panic!("no {nth}th field {name}")).1 = value.to_owned();
        self
    }

    /// Adds a field that the page does not have: what an attacker does.
    #[must_use]
    pub fn forge(mut self, name: &str, value: &str) -> Self {
        self.fields.retain(|(field, _)| field != name);
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The value that a field would send.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// The values offered for a field.
    pub fn offers(&self, name: &str) -> Vec<String> {
        self.offered
            .iter()
            .filter(|(field, _)| field == name)
            .filter_map(|(_, value)| value.clone())
            .collect()
    }

    /// The fields, as they would be sent.
    pub fn fields(&self) -> &[(String, String)] {
        &self.fields
    }

    /// Sends it, as the page says.
    pub async fn send(self, browser: &mut Browser) {
        if self.method == Method::POST {
            browser.post(&self.action, &self.fields).await;
        } else {
            let query = serde_html_form::to_string(&self.fields).unwrap();
            browser.open(&format!("{}?{query}", self.action)).await;
        }
    }
}
