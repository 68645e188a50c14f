//! Takes out of an answer what is new each time, as the recordings do.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use url::Url;
use uuid::Uuid;

use super::walk::kind;
use crate::http::support::answer::{Answer, claims, header};
use crate::http::support::world::BASE;

/// Headers that are compared, where a case records headers.
const HEADERS: &[&str] =
    &["www-authenticate", "access-control-allow-origin", "access-control-allow-credentials"];
const SECRETS: &[&str] = &[
    "secret",
    "client_secret",
    "kid",
    "n",
    "x",
    "y",
    "x5t",
    "x5t#S256",
    "x5c",
    "public_key",
    "at_hash",
    "session_state",
    "sid",
    "code",
    "jti",
    "request_uri",
    "device_code",
    "user_code",
    "auth_req_id",
];
const SETS: &[&str] = &["roles", "aud", "allowed-origins", "groups", "realm", "account", "scopes_supported"];

pub(super) struct Scrub<'a> {
    known: &'a BTreeMap<String, String>,
}

/// What of a recording is compared: no words of pages, no headers but those above.
pub(super) fn comparable(saw: &Value) -> Value {
    let strip = |answer: &Value| {
        let mut answer = answer.as_object().cloned().unwrap_or_default();
        answer.remove("message");
        if let Some(fields) = answer.get_mut("form").and_then(|form| form["fields"].as_object_mut()) {
            // Their button has a name.
            fields.remove("continue");
        }
        if let Some(Value::Object(headers)) = answer.get_mut("headers") {
            headers.retain(|name, _| HEADERS.contains(&name.as_str()));
            if headers.is_empty() {
                answer.remove("headers");
            }
        }
        Value::Object(answer)
    };
    saw.as_array().into_iter().flatten().map(strip).collect()
}

impl<'a> Scrub<'a> {
    pub(super) const fn new(known: &'a BTreeMap<String, String>) -> Self {
        Self { known }
    }

    pub(super) fn answer(&self, step: &Value, answer: &Answer, trail: &[String]) -> Value {
        let mut out = Map::new();
        if !trail.is_empty() {
            out.insert("trail".to_owned(), json!(trail));
        }
        out.insert("status".to_owned(), json!(answer.status()));
        let location = answer.header("location");
        if !location.is_empty() {
            self.location(location, &mut out);
        }
        let level = step["record"].as_str().unwrap_or("plain");
        if level == "status" {
            return Value::Object(out);
        }
        let names = if level == "plain" { &HEADERS[..1] } else { HEADERS };
        let present = names.iter().filter(|name| answer.headers.contains_key(**name));
        let headers: Map<String, Value> =
            present.map(|name| ((*name).to_owned(), json!(self.text(answer.header(name), "")))).collect();
        if !headers.is_empty() {
            out.insert("headers".to_owned(), Value::Object(headers));
        }
        if level == "headers" && step.get("body").is_none() {
            return Value::Object(out);
        }
        self.body(step, answer, &mut out);
        Value::Object(out)
    }

    fn body(&self, step: &Value, answer: &Answer, out: &mut Map<String, Value>) {
        let content = answer.headers.get("content-type").and_then(|it| it.to_str().ok()).unwrap_or_default();
        if content.starts_with("text/html") {
            let page = answer.page();
            let kind = kind(&page, answer.status());
            out.insert("page".to_owned(), json!(kind));
            if kind == "form_post" {
                let form = page.forms.first().expect("a form");
                let fields: Map<String, Value> = form
                    .untouched()
                    .into_iter()
                    .map(|(name, value)| (name.clone(), json!(self.text(&value, &name))))
                    .collect();
                out.insert("form".to_owned(), json!({"to": self.text(&form.action, ""), "fields": fields}));
            }
        } else if content.contains("json") && !answer.text.is_empty() {
            let whole = answer.json();
            out.insert("json".to_owned(), self.value(&project(step, &whole), "", None));
            for name in step["decode"].as_array().into_iter().flatten().filter_map(Value::as_str) {
                if let Some(token) = whole[name].as_str() {
                    let tokens = out.entry("tokens").or_insert_with(|| json!({}));
                    tokens[name] = self.decode(token);
                }
            }
        } else if !answer.text.is_empty() {
            out.insert("text".to_owned(), json!(self.text(&answer.text, "")));
        }
    }

    fn decode(&self, token: &str) -> Value {
        let claims = claims(token);
        let mut scrubbed = self.value(&claims, "", None);
        if let Some(jti) = claims["jti"].as_str() {
            let (kind, rest) = jti.rsplit_once(':').map_or(("", jti), |(kind, rest)| (kind, rest));
            let rest = if Uuid::parse_str(rest).is_ok() { "<uuid>" } else { "<jti>" };
            let kind = if kind.is_empty() { String::new() } else { format!("{kind}:") };
            scrubbed["jti"] = json!(format!("{kind}{rest}"));
        }
        json!({"header": self.value(&header(token), "", None), "claims": scrubbed})
    }

    fn location(&self, location: &str, out: &mut Map<String, Value>) {
        let to = location.split(['?', '#']).next().unwrap_or_default();
        out.insert("to".to_owned(), json!(self.text(to, "")));
        let Ok(url) = Url::parse(location) else { return };
        for (name, text) in [("query", url.query()), ("fragment", url.fragment())] {
            if let Some(text) = text.filter(|text| !text.is_empty()) {
                let pairs = url::form_urlencoded::parse(text.as_bytes());
                let pairs: Map<String, Value> =
                    pairs.map(|(key, value)| (key.to_string(), json!(self.text(&value, &key)))).collect();
                out.insert(name.to_owned(), Value::Object(pairs));
            }
        }
    }

    fn value(&self, value: &Value, key: &str, iat: Option<i64>) -> Value {
        match value {
            Value::String(text) => json!(self.text(text, key)),
            Value::Number(number) => number.as_i64().map_or_else(|| value.clone(), |it| span(it, key, iat)),
            Value::Array(list) => {
                let mut list: Vec<Value> = list.iter().map(|it| self.value(it, key, iat)).collect();
                if SETS.contains(&key) && list.iter().all(Value::is_string) {
                    list.sort_by(|left, right| left.as_str().cmp(&right.as_str()));
                }
                Value::Array(list)
            }
            Value::Object(map) => {
                let iat = map.get("iat").and_then(Value::as_i64).or(iat);
                map.iter().map(|(name, it)| (self.text(name, ""), self.value(it, name, iat))).collect()
            }
            other => other.clone(),
        }
    }

    fn text(&self, text: &str, key: &str) -> String {
        if let Some((name, _)) = self.known.iter().find(|(_, value)| text.len() >= 12 && *value == text) {
            return format!("<={name}>");
        }
        if SECRETS.contains(&key) && !text.is_empty() {
            return format!("<{key}>");
        }
        if text.starts_with("eyJ") && text.split('.').count() == 3 {
            return "<jwt>".to_owned();
        }
        let mut text = text.replace(BASE, "{base}");
        for (name, value) in self.known.iter().filter(|(_, value)| value.len() >= 30) {
            text = text.replace(value.as_str(), &format!("<={name}>"));
        }
        let text = without_uuids(&text);
        if key == "scope" && text.contains(' ') {
            let mut words: Vec<&str> = text.split_whitespace().collect();
            words.sort_unstable();
            return words.join(" ");
        }
        text
    }
}

/// Numbers that are points in time are told as such; what a slow second takes away is given back.
fn span(number: i64, key: &str, iat: Option<i64>) -> Value {
    let seconds = 1_600_000_000..2_600_000_000;
    if matches!(key, "expires_in" | "refresh_expires_in") && number % 10 >= 5 {
        return json!(number / 10 * 10 + 10);
    }
    match iat {
        Some(iat) if seconds.contains(&number) && key == "exp" => match number - iat {
            0 => json!("<iat>"),
            span => json!(format!("<iat+{}>", (span + 4) / 5 * 5)),
        },
        _ if seconds.contains(&number) => json!("<epoch>"),
        _ => json!(number),
    }
}

fn without_uuids(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        let candidate = rest.get(..36).filter(|it| it.contains('-') && Uuid::try_parse(it).is_ok());
        if candidate.is_some() {
            out.push_str("<uuid>");
            rest = &rest[36..];
        } else {
            let next = rest.chars().next().expect("not empty");
            out.push(next);
            rest = &rest[next.len_utf8()..];
        }
    }
    out
}

/// The part of a body that the step records.
fn project(step: &Value, body: &Value) -> Value {
    let is_error = body.get("error").is_some();
    if let Some(paths) = step["pick"].as_array().filter(|_| !is_error) {
        let pick = |path: &Value| {
            let path = path.as_str().expect("a path");
            let found = path.split('/').try_fold(body, |here, part| here.get(part));
            (path.to_owned(), found.cloned().unwrap_or_else(|| json!("<absent>")))
        };
        return paths.iter().map(pick).collect::<Map<_, _>>().into();
    }
    if step["keys"] == json!(true)
        && !is_error
        && let Some(map) = body.as_object()
    {
        let mut names: Vec<&String> = map.keys().collect();
        names.sort();
        return json!(names);
    }
    if let (Some(dropped), Some(map)) = (step["drop"].as_array(), body.as_object()) {
        return map
            .iter()
            .filter(|(name, _)| !dropped.contains(&json!(name)))
            .map(|(name, it)| (name.clone(), it.clone()))
            .collect::<Map<_, _>>()
            .into();
    }
    body.clone()
}
