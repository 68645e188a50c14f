//! Client policies by Admin REST: what is told beside Keycloak's words, and what `explain` takes.

use serde_json::{Value, json};

use super::world::{Answer, World};

const OF_ONE: &str = "/admin/realms/one/client-policies";

async fn put(world: &World, token: &str, what: &str, body: &Value) -> Answer {
    world.call(token, "PUT", &format!("{OF_ONE}/{what}"), &body.to_string()).await
}

fn profile(executors: &Value) -> Value {
    json!({"profiles": [{"name": "関", "executors": executors}]})
}

fn warnings(answer: &Answer) -> Vec<&str> {
    let all = answer.headers.get_all("sekisho-warning");
    all.iter().map(|value| value.to_str().expect("ASCII")).collect()
}

#[tokio::test]
async fn what_is_saved_in_vain_is_told_in_headers() {
    let world = World::new().await;
    let token = world.sign_in("one", "realm-admin").await;
    let executors = json!([
        {"executor": "auth-flow-enforcer", "configuration": {"auth-flow-alias": "x", "auth-flow-loa": 1}},
        {"executor": "pkce-enforcer", "configuration": {"auto-configur": true}},
    ]);
    let answer = put(&world, &token, "profiles", &profile(&executors)).await;
    assert_eq!(answer.status, 204, "{answer:?}");
    assert_eq!(
        warnings(&answer),
        [
            "executor auth-flow-enforcer of profile \"%E9%96%A2\" does nothing yet: this server has no \
             authentication flow of one's own",
            "executor pkce-enforcer of profile \"%E9%96%A2\" does not know \"auto-configur\"; did you mean auto-configure?",
        ]
    );
    let policies = json!({"policies": [{"name": "x", "enabled": true, "profiles": ["関"],
        "conditions": [{"condition": "any-client", "configuration": {}}]}]});
    let answer = put(&world, &token, "policies", &policies).await;
    assert_eq!(answer.status, 204, "{answer:?}");
    assert!(warnings(&answer).iter().any(|warning| warning.contains("auth-flow-enforcer")), "{answer:?}");
}

#[tokio::test]
async fn a_refusal_names_the_place_beside_the_words_of_keycloak() {
    let world = World::new().await;
    let token = world.sign_in("one", "realm-admin").await;
    for (what, body, detail) in [
        (
            "profiles",
            profile(&json!([{"executor": "reject-request"}, {"executor": "pkce-enforcr"}])),
            "clientProfiles.profiles[0].executors[1].executor: there is no executor \"pkce-enforcr\"; \
             did you mean pkce-enforcer?",
        ),
        (
            "profiles",
            profile(&json!([{"executor": "pkce-enforcer", "configuration": {"auto-configure": "maybe"}}])),
            "clientProfiles.profiles[0].executors[0].configuration.auto-configure: invalid value: \
             string \"maybe\", expected true or false",
        ),
        (
            "policies",
            json!({"policies": [{"name": "x", "conditions": [{"condition": "zork"}]}]}),
            "clientPolicies.policies[0].conditions[0].condition: there is no condition \"zork\"",
        ),
        ("policies", json!({"policies": [{"name": {}}]}), "policies[0].name: invalid type"),
    ] {
        let answer = put(&world, &token, what, &body).await;
        assert_eq!(answer.status, 400, "{body}");
        let told = answer.headers["sekisho-detail"].to_str().expect("ASCII");
        assert!(told.starts_with(detail), "{body}: {told}");
    }
}

/// The twin of the command line.
#[tokio::test]
async fn explain_takes_what_the_command_line_takes() {
    let world = World::new().await;
    let token = world.sign_in("one", "realm-admin").await;
    let explain =
        async |body: Value| world.call(&token, "POST", &format!("{OF_ONE}/explain"), &body.to_string()).await;
    for body in [
        json!({"client": "client-one", "event": "authorization", "params": {"response_type": "code"}}),
        json!({"clientId": "client-one", "event": "AUTHORIZATION_REQUEST", "params": [["response_type", "code"]]}),
        json!({"clientId": "client-one", "event": "authorization-request", "scope": "openid"}),
    ] {
        let answer = explain(body.clone()).await;
        assert_eq!(answer.status, 200, "{body}: {}", answer.text);
        assert_eq!(answer.json()["event"], "AUTHORIZATION_REQUEST", "{body}");
    }
    for (body, status, named) in [
        (json!({"client": "client-one", "evnt": "token"}), 400, "evnt"),
        (json!({"client": "client-one", "event": "tokn"}), 400, "did you mean token?"),
        (json!({"client": "nobody", "event": "token"}), 404, "Could not find client"),
    ] {
        let answer = explain(body.clone()).await;
        assert_eq!(answer.status, status, "{body}: {}", answer.text);
        assert!(answer.text.contains(named), "{body}: {}", answer.text);
    }
}
