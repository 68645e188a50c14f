//! A browser as far as a sign-in needs one: keeps cookies, follows redirects within the site, fills in the
//! form that asks for name and password.

use anyhow::{Context as _, Result, bail};

use crate::client::REDIRECT_URI;
use crate::http::{Connection, Request, Response};
use crate::realm::{PASSWORD, USERNAME};

/// Redirects and pages on the way to a code; more are a loop.
const MOST_STEPS: usize = 10;

/// Cookies by name. Paths are not kept: nothing here has one name at two of them.
#[derive(Default)]
pub(crate) struct Browser {
    cookies: Vec<(String, String)>,
}

/// Where an answer sends the browser.
enum Step {
    Follow(String),
    SignIn { action: String, session_code: String },
    Code(String),
}

impl Browser {
    /// Follows an authorization request to its code, signing in where a page asks for it.
    pub(crate) async fn authorize(
        &mut self,
        connection: &mut Connection,
        host: &str,
        target: &str,
    ) -> Result<String> {
        let mut request = self.with_cookies(Request::get(host, target)).bytes();
        for _ in 0..MOST_STEPS {
            let response = connection.exchange(&request).await?;
            self.keep_cookies(&response);
            request = match Step::read(&response)? {
                Step::Code(code) => return Ok(code),
                Step::Follow(target) => self.with_cookies(Request::get(host, &target)).bytes(),
                Step::SignIn { action, session_code } => {
                    let fields =
                        [("session_code", &*session_code), ("username", USERNAME), ("password", PASSWORD)];
                    self.with_cookies(Request::post(host, &action)).form(&fields)
                }
            };
        }
        bail!("no code after {MOST_STEPS} steps")
    }

    fn with_cookies(&self, request: Request) -> Request {
        if self.cookies.is_empty() {
            return request;
        }
        let pairs: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        request.header("cookie", &pairs.join("; "))
    }

    fn keep_cookies(&mut self, response: &Response<'_>) {
        for cookie in response.headers("set-cookie") {
            let pair = cookie.split(';').next().unwrap_or_default();
            let Some((name, value)) = pair.split_once('=') else { continue };
            self.cookies.retain(|(known, _)| known != name);
            if !value.is_empty() {
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
    }
}

impl Step {
    fn read(response: &Response<'_>) -> Result<Self> {
        match response.status {
            302 | 303 => Self::read_redirect(response.header("location").context("a redirect to nowhere")?),
            200 => Self::read_form(response.body),
            status => bail!("status {status}: {}", response.body),
        }
    }

    fn read_redirect(location: &str) -> Result<Self> {
        if let Some(query) = location.strip_prefix(REDIRECT_URI) {
            let mut parameters = query.trim_start_matches('?').split('&');
            let code = parameters.find_map(|pair| pair.strip_prefix("code="));
            return Ok(Self::Code(code.with_context(|| format!("no code: {location}"))?.to_owned()));
        }
        // Both providers are at the root of their origin, so the path is what follows the host.
        let path = match location.split_once("://") {
            Some((_, rest)) => rest.find('/').and_then(|slash| rest.get(slash..)),
            None => Some(location),
        };
        Ok(Self::Follow(path.context("a redirect without a path")?.to_owned()))
    }

    fn read_form(page: &str) -> Result<Self> {
        let form = between(page, "<form id=\"kc-form-login\"", "</form>").context("no sign-in form")?;
        let action = between(form, "action=\"", "\"").context("a form without action")?;
        let code = between(form, "name=\"session_code\" value=\"", "\"").context("no session_code")?;
        Ok(Self::SignIn { action: action.replace("&amp;", "&"), session_code: code.to_owned() })
    }
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    rest.split_once(after).map(|(found, _)| found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_leads_on_or_brings_the_code() {
        for (location, leads) in [
            ("http://localhost:8888/callback?code=abc&state=x", "code abc"),
            ("http://localhost:8888/callback?state=x&code=abc", "code abc"),
            ("http://localhost:18090/auth/1?a=b", "/auth/1?a=b"),
            ("/interaction/1", "/interaction/1"),
        ] {
            let read = match Step::read_redirect(location).expect("a way on") {
                Step::Code(code) => format!("code {code}"),
                Step::Follow(path) => path,
                Step::SignIn { .. } => "a form".to_owned(),
            };
            assert_eq!(read, leads, "{location}");
        }
        assert!(Step::read_redirect("http://localhost:8888/callback?error=access_denied").is_err());
    }
}
