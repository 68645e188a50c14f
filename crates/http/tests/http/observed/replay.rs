//! Runs one case: sets up its clients, goes through its steps, keeps what came back.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::{Method, Request};
use sekisho_jose::hash::sha256_base64url;
use sekisho_protocol::keycloak;
use sekisho_testkit::builders::{NOW, NewRealm};
use serde_json::{Map, Value, json};
use url::Url;

use super::scrub::Scrub;
use super::signer;
use crate::http::support::answer::Answer;
use crate::http::support::browser::Browser;
use crate::http::support::client::basic;
use crate::http::support::world::{World, encoded, with_headers};

/// One case under way.
pub(super) struct Replay {
    pub(super) world: World,
    realm: String,
    pub(super) known: BTreeMap<String, String>,
    browsers: BTreeMap<String, Browser>,
}

/// What a step may have that can be done here; a case that wants more says so.
const WORDS: &[&str] = &[
    "do",
    "form",
    "json",
    "headers",
    "query",
    "basic",
    "bearer",
    "login",
    "visit",
    "user",
    "password",
    "browser",
    "deny",
    "stop-at",
    "no-confirm",
    "save",
    "set",
    "quiet",
    "keys",
    "pick",
    "record",
    "body",
    "decode",
    "sleep",
    "drop",
    "anonymous",
    "cookies",
];

/// What came back, comparable; an error names what this server, or this replay, does not have.
pub(super) async fn run(suite: &Value, case: &Value) -> Result<Vec<Value>, String> {
    let mut replay = Replay::begin(suite, case).await?;
    for step in steps(case, "before") {
        replay.step(step, true).await?;
    }
    let mut saw = Vec::new();
    for step in steps(case, "steps") {
        let quiet = step["quiet"] == json!(true);
        saw.extend(replay.step(step, quiet).await?);
    }
    Ok(saw)
}

fn steps<'a>(case: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    case[name].as_array().into_iter().flatten()
}

impl Replay {
    async fn begin(suite: &Value, case: &Value) -> Result<Self, String> {
        let name = suite["realm"]["realm"].as_str().expect("a realm has a name").to_owned();
        let mut realm = new_realm(&name, &suite["realm"]);
        let issuer = format!("{}/realms/{name}", crate::http::support::world::BASE);
        let mut known = BTreeMap::from([("issuer".to_owned(), issuer)]);
        for client in case["clients"].as_array().into_iter().flatten() {
            let client = resolve(client, &known)?;
            let id = realm.add_client(&client);
            known.insert(format!("{}.id", client["clientId"].as_str().unwrap_or_default()), id.to_string());
        }
        let world = World::with(realm).await;
        if name == "obt" {
            known.insert("alice".to_owned(), world.user("alice").to_string());
        }
        Ok(Self { world, realm: name, known, browsers: BTreeMap::new() })
    }

    async fn step(&mut self, step: &Value, quiet: bool) -> Result<Option<Value>, String> {
        for word in step.as_object().expect("a step").keys() {
            if !WORDS.contains(&word.as_str()) {
                return Err(format!("a step with {word}"));
            }
        }
        self.world.wait(step["sleep"].as_i64().unwrap_or(1)).await;
        if step.get("sleep").is_some() {
            return Ok(None);
        }
        if let Some(values) = step.get("set").and_then(Value::as_object) {
            for (name, value) in values {
                let value = self.text(value)?;
                self.known.insert(name.clone(), value);
            }
            return Ok(None);
        }
        let (answer, trail) = if step.get("login").is_some() || step.get("visit").is_some() {
            self.browse(step).await?
        } else if step["do"].as_str().unwrap_or_default().contains("$admin") {
            return self.administrate(step).await.map(|()| None);
        } else {
            (self.request(step).await?, Vec::new())
        };
        self.save(step, &answer)?;
        if quiet {
            return Ok(None);
        }
        // The recordings spell the issuer out.
        let mut known = self.known.clone();
        known.remove("issuer");
        Ok(Some(Scrub::new(&known).answer(step, &answer, &trail)))
    }

    async fn request(&self, step: &Value) -> Result<Answer, String> {
        let (method, path) = step["do"].as_str().and_then(|it| it.split_once(' ')).expect("a request");
        let mut path = self.address(path)?;
        if let Some(query) = step.get("query") {
            path = format!("{path}?{}", encoded(&self.pairs(query)?));
        }
        let mut headers: Vec<(String, String)> = Vec::new();
        if let Some(more) = step.get("headers") {
            headers.extend(self.pairs(more)?);
        }
        if let Some(bearer) = step.get("bearer") {
            headers.push(("Authorization".to_owned(), format!("Bearer {}", self.text(bearer)?)));
        } else if let Some([id, secret]) = step["basic"].as_array().map(Vec::as_slice) {
            headers.push(("Authorization".to_owned(), basic(&self.text(id)?, &self.text(secret)?)));
        }
        let (kind, body) = self.body(step)?;
        if let Some(kind) = kind.filter(|_| !has(&headers, "content-type")) {
            headers.push(("Content-Type".to_owned(), kind.to_owned()));
        }
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (&**name, &**value)).collect();
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        let request = Request::builder().method(method).uri(path);
        Ok(self.world.send(with_headers(request, &headers, Body::from(body))).await)
    }

    fn body(&self, step: &Value) -> Result<(Option<&'static str>, String), String> {
        if let Some(form) = step.get("form") {
            return Ok((Some("application/x-www-form-urlencoded"), encoded(&self.pairs(form)?)));
        }
        match step.get("json") {
            Some(document) => Ok((Some("application/json"), resolve(document, &self.known)?.to_string())),
            None => Ok((None, String::new())),
        }
    }

    async fn browse(&mut self, step: &Value) -> Result<(Answer, Vec<String>), String> {
        let start = if let Some(path) = step.get("visit") {
            self.address(&self.text(path)?)?
        } else {
            let query = self.pairs(&step["login"])?;
            format!("{}?{}", self.world.endpoint("/auth"), encoded(&query))
        };
        let name = step["browser"].as_str().unwrap_or("b1").to_owned();
        let browser = self.browsers.entry(name).or_insert_with(|| self.world.browser()).clone();
        Ok(super::walk::walk(&browser, step, &start).await)
    }

    /// What an administrator does between two steps, as far as the store can be told directly.
    async fn administrate(&mut self, step: &Value) -> Result<(), String> {
        let what = step["do"].as_str().unwrap_or_default();
        let changes = resolve(&step["json"], &self.known)?;
        match what {
            "PUT $admin" => self.world.change_realm(|realm| merge(realm, &changes)).await,
            "PUT $admin/clients/{{c.id}}" => {
                self.world.change_client("c", |client| merge(client, &changes)).await;
            }
            "GET $admin/users?username=alice&exact=true" | "GET $admin/users?username=bob&exact=true" => {
                let name = if what.contains("alice") { "alice" } else { "bob" };
                self.known.insert("u.name".to_owned(), name.to_owned());
                self.known.insert("u".to_owned(), self.world.user(name).to_string());
            }
            "PUT $admin/users/{{u}}" => {
                let name = self.known.get("u.name").cloned().unwrap_or_default();
                self.world.change_user(&name, |user| merge(user, &changes)).await;
            }
            _ => return Err(format!("administration: {what}")),
        }
        Ok(())
    }

    fn address(&self, path: &str) -> Result<String, String> {
        let path = fill_in(path, &self.known)?.replace("{realm}", &self.realm);
        let ends = path.find(['/', '?']).filter(|_| path.starts_with('$')).unwrap_or(path.len());
        let (alias, rest) = path.split_at(ends);
        let connect = |path: &str| self.world.endpoint(path);
        let base = match alias {
            "$auth" => connect("/auth"),
            "$token" => connect("/token"),
            "$introspect" => connect("/token/introspect"),
            "$userinfo" => connect("/userinfo"),
            "$revoke" => connect("/revoke"),
            "$logout" => connect("/logout"),
            "$certs" => connect("/certs"),
            "$device" => connect("/auth/device"),
            "$par" => connect("/ext/par/request"),
            "$ciba" => connect("/ext/ciba/auth"),
            "$dcr" => self.world.url("/clients-registrations/openid-connect"),
            "$realm" => self.world.url(""),
            _ => return Ok(path),
        };
        Ok(format!("{base}{rest}"))
    }

    fn save(&mut self, step: &Value, answer: &Answer) -> Result<(), String> {
        for (name, from) in step["save"].as_object().into_iter().flatten() {
            let from = from.as_str().expect("a path");
            let (place, rest) = from.split_once('.').unwrap_or((from, ""));
            let found = match place {
                "json" => serde_json::from_str(&answer.text).ok().and_then(|body| at(&body, rest)),
                "query" => in_query(answer, rest),
                _ => None,
            };
            let found = found.ok_or_else(|| {
                format!("nothing to save as {name}: {} {:?} {}", answer.status, answer.headers, answer.text)
            })?;
            self.known.insert(name.clone(), found);
        }
        Ok(())
    }

    fn text(&self, value: &Value) -> Result<String, String> {
        let resolved = resolve(value, &self.known)?;
        Ok(resolved.as_str().map_or_else(|| resolved.to_string(), str::to_owned))
    }

    /// Pairs of an object, or of a list that may name a thing twice.
    fn pairs(&self, value: &Value) -> Result<Vec<(String, String)>, String> {
        match value {
            Value::Array(pairs) => {
                pairs.iter().map(|pair| Ok((self.text(&pair[0])?, self.text(&pair[1])?))).collect()
            }
            Value::Object(map) => map
                .iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(name, value)| Ok((name.clone(), self.text(value)?)))
                .collect(),
            _ => Ok(Vec::new()),
        }
    }
}

fn has(headers: &[(String, String)], name: &str) -> bool {
    headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name))
}

fn at(body: &Value, path: &str) -> Option<String> {
    let found = path.split('.').try_fold(body, |here, part| match here {
        Value::Array(list) => list.get(part.parse::<usize>().ok()?),
        _ => here.get(part),
    })?;
    Some(found.as_str().map_or_else(|| found.to_string(), str::to_owned))
}

fn in_query(answer: &Answer, name: &str) -> Option<String> {
    let url = Url::parse(answer.header("location")).ok()?;
    url.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
}

/// The realm of a suite: roles, groups and users first, then settings.
fn new_realm(name: &str, document: &Value) -> NewRealm {
    let mut realm = NewRealm::named(name);
    let listed = |value: &Value| value.as_array().cloned().unwrap_or_default();
    for role in listed(&document["roles"]["realm"]) {
        realm.add_role(role["name"].as_str().expect("a role has a name"));
    }
    for group in listed(&document["groups"]) {
        realm.add_group(&group);
    }
    for user in listed(&document["users"]) {
        realm.add_user(&user);
    }
    let mut settings = document.as_object().cloned().unwrap_or_default();
    settings.retain(|member, value| !value.is_array() && member != "roles");
    merge(&mut realm.config, &Value::Object(settings));
    realm
}

/// Sets the members that are given.
fn merge<T: serde::Serialize + serde::de::DeserializeOwned>(document: &mut T, changes: &Value) {
    let mut value = serde_json::to_value(&*document).expect("a document");
    let members = value.as_object_mut().expect("an object");
    members.extend(changes.as_object().cloned().unwrap_or_default());
    *document = keycloak::parse(value.to_string().as_bytes()).expect("a document of the same kind");
}

/// `{{name}}` stands for what was saved.
fn fill_in(text: &str, known: &BTreeMap<String, String>) -> Result<String, String> {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, behind) = after.split_once("}}").expect("a name ends");
        filled.push_str(before);
        match name {
            "base" => filled.push_str(crate::http::support::world::BASE),
            "stub" => filled.push_str("http://localhost:18181"),
            _ => filled.push_str(known.get(name).ok_or_else(|| format!("nothing is known of {name}"))?),
        }
        rest = behind;
    }
    filled.push_str(rest);
    Ok(filled)
}

fn resolve(value: &Value, known: &BTreeMap<String, String>) -> Result<Value, String> {
    Ok(match value {
        Value::String(text) => json!(fill_in(text, known)?),
        Value::Array(list) => list.iter().map(|it| resolve(it, known)).collect::<Result<_, _>>()?,
        Value::Object(map) => match special(map, known)? {
            Some(made) => made,
            None => Value::Object(
                map.iter()
                    .map(|(name, it)| Ok((name.clone(), resolve(it, known)?)))
                    .collect::<Result<Map<_, _>, String>>()?,
            ),
        },
        other => other.clone(),
    })
}

/// Values that are made at run time.
fn special(map: &Map<String, Value>, known: &BTreeMap<String, String>) -> Result<Option<Value>, String> {
    let mut members = map.iter();
    let (Some((name, inner)), None) = (members.next(), members.next()) else { return Ok(None) };
    if !name.starts_with('$') {
        return Ok(None);
    }
    let text =
        |value: &Value| resolve(value, known).map(|value| value.as_str().unwrap_or_default().to_owned());
    Ok(Some(match name.as_str() {
        "$challenge" => json!(sha256_base64url(text(inner)?.as_bytes())),
        "$tamper" => {
            let token = text(inner)?;
            let (head, tail) = token.rsplit_once('.').expect("a token");
            let first = if tail.starts_with('A') { "B" } else { "A" };
            json!(format!("{head}.{first}{}", &tail[1..]))
        }
        "$jwks-text" => json!(signer::key_set(inner)),
        "$assertion" => json!(signer::assertion(&resolve(inner, known)?, known)),
        "$now" => json!(NOW.seconds() + 30 + inner.as_i64().unwrap_or_default()),
        "$long" => {
            let length = inner[1].as_u64().and_then(|it| usize::try_from(it).ok()).unwrap_or_default();
            json!(inner[0].as_str().unwrap_or_default().repeat(length))
        }
        other => return Err(format!("a value made by {other}")),
    }))
}
