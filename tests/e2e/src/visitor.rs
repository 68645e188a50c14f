//! A person with a browser, simulated: keeps cookies, follows redirects within the site, fills in forms.

use anyhow::{Context as _, Result, bail};
use http::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use http::{HeaderMap, Method, Request};
use url::Url;

use crate::form::Form;
use crate::http::{self as plain, Answer};

/// One browser profile.
#[derive(Default)]
pub struct Visitor {
    cookies: Vec<Cookie>,
}

struct Cookie {
    name: String,
    value: String,
    path: String,
}

/// Where a step ended.
pub enum Arrival {
    /// A page of the site.
    Page(Page),
    /// The site sent the browser to another origin; nothing was fetched there.
    Away(Url),
}

/// A page as it came.
pub struct Page {
    pub url: Url,
    pub answer: Answer,
}

impl Page {
    /// The form with this id.
    pub fn form(&self, id: &str) -> Result<Form> {
        self.form_where(|form| form.id == id).with_context(|| format!("no form {id}: {}", self.answer.body))
    }

    /// The form that asks for a yes or a no.
    pub fn consent(&self) -> Result<Form> {
        self.form_where(|form| form.has_button("kc-cancel"))
            .with_context(|| format!("no consent: {}", self.answer.body))
    }

    fn form_where(&self, fits: impl Fn(&Form) -> bool) -> Option<Form> {
        Form::read(&self.answer.body).into_iter().find(fits)
    }
}

impl Arrival {
    pub fn page(self) -> Result<Page> {
        match self {
            Self::Page(page) => Ok(page),
            Self::Away(url) => bail!("expected a page, was sent to {url}"),
        }
    }

    pub fn away(self) -> Result<Url> {
        match self {
            Self::Away(url) => Ok(url),
            Self::Page(page) => {
                bail!("expected a redirect away, got {}: {}", page.answer.status, page.answer.body)
            }
        }
    }
}

impl Visitor {
    /// Opens a link.
    pub async fn open(&mut self, url: &Url) -> Result<Arrival> {
        self.walk(Method::GET, url.clone(), String::new()).await
    }

    /// Presses a button of a form on `page`.
    pub async fn press(&mut self, page: &Page, form: &Form, button: &str) -> Result<Arrival> {
        let fields = form.press(button);
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.walk(Method::POST, page.url.join(&form.action)?, body).await
    }

    /// Follows redirects, as browsers do: with GET, within the site.
    async fn walk(&mut self, method: Method, url: Url, body: String) -> Result<Arrival> {
        let mut here = url.clone();
        let mut answer = self.fetch(method, &here, body).await?;
        for _ in 0..10 {
            if !answer.status.is_redirection() {
                return Ok(Arrival::Page(Page { url: here, answer }));
            }
            let next = here.join(answer.header(LOCATION))?;
            if next.origin() != url.origin() {
                return Ok(Arrival::Away(next));
            }
            answer = self.fetch(Method::GET, &next, String::new()).await?;
            here = next;
        }
        bail!("more than ten redirects, the last to {here}");
    }

    async fn fetch(&mut self, method: Method, url: &Url, body: String) -> Result<Answer> {
        let mut request = Request::builder().method(method.clone()).uri(url.as_str());
        let cookies = self.cookies_for(url);
        if !cookies.is_empty() {
            request = request.header(COOKIE, cookies);
        }
        if method == Method::POST {
            request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
            request = request.header("origin", url.origin().ascii_serialization());
        }
        let answer = plain::send(request.body(body)?).await?;
        self.keep_cookies(&answer.headers);
        Ok(answer)
    }

    fn cookies_for(&self, url: &Url) -> String {
        let covers = |cookie: &&Cookie| url.path().starts_with(&cookie.path);
        let pairs =
            self.cookies.iter().filter(covers).map(|cookie| format!("{}={}", cookie.name, cookie.value));
        pairs.collect::<Vec<_>>().join("; ")
    }

    fn keep_cookies(&mut self, headers: &HeaderMap) {
        for cookie in headers.get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok()) {
            let mut parts = cookie.split(';').map(str::trim);
            let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else { continue };
            let attributes: Vec<(String, &str)> = parts.map(attribute).collect();
            let find = |name: &str| attributes.iter().find(|(key, _)| key == name).map(|(_, value)| *value);
            let path = find("path").unwrap_or("/").to_owned();
            self.cookies.retain(|kept| kept.name != name || kept.path != path);
            if find("max-age") != Some("0") {
                self.cookies.push(Cookie { name: name.to_owned(), value: value.to_owned(), path });
            }
        }
    }
}

fn attribute(part: &str) -> (String, &str) {
    let (name, value) = part.split_once('=').unwrap_or((part, ""));
    (name.to_ascii_lowercase(), value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_kept_by_path_replaced_and_removed() -> Result<()> {
        let mut visitor = Visitor::default();
        let mut set = |text: &'static str| -> Result<String> {
            let mut headers = HeaderMap::new();
            headers.append(SET_COOKIE, text.parse()?);
            visitor.keep_cookies(&headers);
            Ok(visitor.cookies_for(&Url::parse("http://localhost:1/realms/a/x")?))
        };
        assert_eq!(set("A=1; Path=/realms/a/; HttpOnly")?, "A=1");
        assert_eq!(set("B=2=; path=/realms/b/; Secure")?, "A=1", "another realm's");
        assert_eq!(set("A=3; Path=/realms/a/; Max-Age=60")?, "A=3");
        assert_eq!(set("A=; Path=/realms/a/; Max-Age=0")?, "");
        Ok(())
    }
}
