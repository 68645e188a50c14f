//! Requests that were put to a real Keycloak (`tests/observed`), put to this server: the answers are the same,
//! but for those that `observed/differences.json` lists with a reason. An entry that is no difference any
//! more fails, so that the list can only shrink.

mod differences;
mod replay;
mod scrub;
mod signer;
mod walk;

use serde_json::Value;

use differences::Differences;

#[tokio::test]
async fn discovery_and_documents_answer_as_recorded() {
    compare("protocol.json", &["discovery", "realm", "jwks", "root", "iframe", "third-party-cookies"]).await;
    compare("protocol.json", &["account", "client-redirect"]).await;
}

#[tokio::test]
async fn authorization_endpoint_answers_as_recorded() {
    compare("protocol.json", &["authorize", "brute-force"]).await;
}

#[tokio::test]
async fn token_endpoint_answers_as_recorded() {
    compare("protocol.json", &["token"]).await;
}

#[tokio::test]
async fn endpoints_for_tokens_answer_as_recorded() {
    compare("protocol.json", &["userinfo", "introspect", "revoke"]).await;
}

#[tokio::test]
async fn logout_and_cors_answer_as_recorded() {
    compare("protocol.json", &["logout", "cors"]).await;
}

#[tokio::test]
async fn endpoints_that_are_not_there_yet_are_listed() {
    compare("protocol.json", &["par", "device", "ciba"]).await;
}

#[tokio::test]
async fn tokens_say_what_was_recorded() {
    compare("tokens.json", &["tokens"]).await;
}

/// Replays the cases whose id starts with one of these words.
async fn compare(file: &str, first_words: &[&str]) {
    let suite = read(file);
    let mut differences = Differences::load();
    let cases = suite["cases"].as_array().expect("cases");
    let id = |case: &Value| case["id"].as_str().expect("an id").to_owned();
    let meant = |case: &&Value| first_words.contains(&id(case).split('.').next().expect("a word"));
    for case in cases.iter().filter(meant) {
        let difference = match Box::pin(replay::run(&suite, case)).await {
            Ok(saw) => differences::between(&scrub::comparable(&case["saw"]), &Value::Array(saw)),
            Err(missing) => Some(missing),
        };
        differences.judge(&id(case), difference);
    }
    differences.finish(first_words);
}

/// What one case recorded.
pub(super) fn recorded(file: &str, id: &str) -> Value {
    let suite = read(file);
    let mut cases = suite["cases"].as_array().expect("cases").iter();
    cases.find(|case| case["id"] == id).expect("no such case")["saw"].clone()
}

fn read(file: &str) -> Value {
    let path = format!("{}/../../tests/observed/{file}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(path).expect("a recording")).expect("JSON")
}
