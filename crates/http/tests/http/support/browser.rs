//! Somebody at a browser: keeps cookies, fills in forms.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Body;
use axum::http::Request;
use url::Url;

use super::answer::Answer;
use super::page::{Form, Page};
use super::world::{BASE, World, encoded};

/// A browser. Clones share their cookies, as tabs do.
#[derive(Clone)]
pub(crate) struct Browser {
    world: World,
    cookies: Arc<Mutex<BTreeMap<String, String>>>,
    peer: String,
    languages: String,
}

/// What the browser shows.
#[derive(Clone)]
pub(crate) struct Visit {
    pub(crate) browser: Browser,
    pub(crate) answer: Answer,
}

/// What came back to a client.
#[derive(Clone, Debug)]
pub(crate) struct Callback {
    /// The address without query and fragment.
    pub(crate) to: String,
    pub(crate) fields: BTreeMap<String, String>,
}

impl Browser {
    pub(crate) fn new(world: World) -> Self {
        Self { world, cookies: Arc::default(), peer: "127.0.0.1".to_owned(), languages: "en".to_owned() }
    }

    /// The same browser at another address.
    pub(crate) fn at(&self, peer: &str) -> Self {
        Self { peer: peer.to_owned(), ..self.clone() }
    }

    /// A browser that asks for these languages.
    pub(crate) fn speaking(self, languages: &str) -> Self {
        Self { languages: languages.to_owned(), ..self }
    }

    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        self.jar().get(name).cloned()
    }

    pub(crate) fn set_cookie(&self, name: &str, value: &str) {
        self.jar().insert(name.to_owned(), value.to_owned());
    }

    fn jar(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, String>> {
        self.cookies.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens an address of the server.
    pub(crate) async fn open(&self, address: &str) -> Visit {
        let path = address.strip_prefix(BASE).unwrap_or(address);
        self.send(Request::get(path), Body::empty()).await
    }

    /// Posts a form as it stands.
    pub(crate) async fn post<N: AsRef<str>, V: AsRef<str>>(&self, address: &str, form: &[(N, V)]) -> Visit {
        let path = address.strip_prefix(BASE).unwrap_or(address);
        let request = Request::post(path).header("content-type", "application/x-www-form-urlencoded");
        self.send(request, Body::from(encoded(form))).await
    }

    async fn send(&self, request: axum::http::request::Builder, body: Body) -> Visit {
        let request = request.header("accept", "text/html").header("accept-language", &self.languages);
        let cookies: Vec<String> = self.jar().iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = if cookies.is_empty() { request } else { request.header("cookie", cookies.join("; ")) };
        let answer = self.world.send_from(&self.peer, request.body(body).expect("a request")).await;
        self.keep(&answer);
        Visit { browser: self.clone(), answer }
    }

    fn keep(&self, answer: &Answer) {
        for line in answer.all("set-cookie") {
            let (pair, attributes) = line.split_once(';').unwrap_or((line, ""));
            let (name, value) = pair.split_once('=').expect("a cookie");
            if attributes.to_ascii_lowercase().contains("max-age=0") {
                self.jar().remove(name);
            } else {
                self.set_cookie(name, value);
            }
        }
    }
}

impl Visit {
    pub(crate) fn status(&self) -> u16 {
        self.answer.status()
    }

    pub(crate) fn page(&self) -> Page {
        self.answer.page()
    }

    /// Fills in the sign-in form.
    pub(crate) async fn sign_in(&self, username: &str, password: &str) -> Self {
        self.submit("password", |fields| {
            fields.retain(|(name, _)| name != "username" && name != "password");
            fields.push(("username".to_owned(), username.to_owned()));
            fields.push(("password".to_owned(), password.to_owned()));
        })
        .await
    }

    /// Ticks exactly these boxes and agrees.
    pub(crate) async fn agree(&self, scopes: &[&str]) -> Self {
        self.submit("accept", |fields| {
            fields.retain(|(name, _)| name != "scope");
            fields.extend(scopes.iter().map(|scope| ("scope".to_owned(), (*scope).to_owned())));
            fields.push(("accept".to_owned(), "yes".to_owned()));
        })
        .await
    }

    /// Agrees to the page as it stands.
    pub(crate) async fn agree_to_all(&self) -> Self {
        self.submit("accept", |fields| fields.push(("accept".to_owned(), "yes".to_owned()))).await
    }

    pub(crate) async fn deny(&self) -> Self {
        self.submit("cancel", |fields| fields.push(("cancel".to_owned(), "no".to_owned()))).await
    }

    /// Says yes to the question of the logout page.
    pub(crate) async fn confirm(&self) -> Self {
        self.submit("confirmLogout", |fields| fields.push(("confirmLogout".to_owned(), String::new()))).await
    }

    /// Sends the form that has this field, after a change of what it sends.
    pub(crate) async fn submit(&self, field: &str, change: impl FnOnce(&mut Vec<(String, String)>)) -> Self {
        let form = self.form(field);
        let mut fields = form.untouched();
        change(&mut fields);
        self.browser.post(&form.action, &fields).await
    }

    pub(crate) fn form(&self, field: &str) -> Form {
        self.page().form(field).clone()
    }

    /// Whether the sign-in form is shown.
    pub(crate) fn asks_to_sign_in(&self) -> bool {
        self.is_page() && self.page().find_form("password").is_some()
    }

    /// Whether the consent form is shown.
    pub(crate) fn asks_for_consent(&self) -> bool {
        self.is_page() && self.page().find_form("accept").is_some()
    }

    pub(crate) fn is_page(&self) -> bool {
        self.answer.header("content-type").starts_with("text/html")
    }

    /// Where the browser is sent.
    pub(crate) fn location(&self) -> String {
        assert_eq!(self.status(), 302, "{}", self.answer.text);
        self.answer.header("location").to_owned()
    }

    /// What the client gets, by whichever road.
    pub(crate) fn callback(&self) -> Callback {
        if self.status() == 200 {
            let page = self.page();
            let form = page.forms.first().expect("a form that posts itself");
            return Callback { to: form.action.clone(), fields: form.untouched().into_iter().collect() };
        }
        let location = self.location();
        let url = Url::parse(&location).expect("an address");
        let to = location.split(['?', '#']).next().unwrap_or_default().to_owned();
        let text = url.fragment().or(url.query()).unwrap_or_default();
        let fields = url::form_urlencoded::parse(text.as_bytes()).into_owned().collect();
        Callback { to, fields }
    }
}

impl Callback {
    pub(crate) fn find(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str)
    }

    pub(crate) fn field(&self, name: &str) -> &str {
        self.find(name).unwrap_or_else(|| panic!("no {name} in {self:?}"))
    }

    pub(crate) fn code(&self) -> &str {
        self.field("code")
    }

    /// The error and its description.
    pub(crate) fn error(&self) -> (&str, &str) {
        (self.find("error").unwrap_or_default(), self.find("error_description").unwrap_or_default())
    }
}
