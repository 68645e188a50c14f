//! `client_credentials` (OAuth 2.1 §4.2) and `password` (RFC 6749 §4.3), and what no grant gives.

use serde_json::json;

use super::support::client::Client;
use super::support::town::{MCP, app, realm, script, service, town, web};
use super::support::world::World;

const CREDENTIALS: [(&str, &str); 1] = [("grant_type", "client_credentials")];
const PASSWORD: [(&str, &str); 3] =
    [("grant_type", "password"), ("username", "alice"), ("password", "alice")];

#[tokio::test]
async fn a_service_account_gets_a_token_and_no_refresh_token() {
    let world = town().await;
    let tokens = service(&world).token(&CREDENTIALS).await.tokens();
    assert!(tokens.body.get("refresh_token").is_none());
    assert!(tokens.body.get("id_token").is_none());
    assert_eq!(tokens.body["refresh_expires_in"], json!(0));
    let claims = tokens.claims();
    assert_eq!(claims["preferred_username"], json!("service-account-service"));
    assert_eq!(claims["azp"], json!("service"));
    assert!(claims.get("sid").is_none());
}

/// RFC 8707 §2.2 for a client that acts for itself.
#[tokio::test]
async fn a_service_account_may_ask_for_a_resource_that_is_known() {
    let world = town().await;
    for (resource, audience) in [(MCP, Some(MCP)), ("https://nowhere.example", None)] {
        let form = [CREDENTIALS[0], ("resource", resource)];
        let answer = service(&world).token(&form).await;
        match audience {
            Some(audience) => assert_eq!(answer.tokens().claims()["aud"], json!(audience)),
            None => assert_eq!(answer.error().1, "invalid_target"),
        }
    }
}

/// [token.client-credentials.no-service-account], [token.client-credentials.public]
#[tokio::test]
async fn a_client_without_a_service_account_acts_for_nobody() {
    let world = town().await;
    for (client, description) in [
        (web(&world), "Client not enabled to retrieve service account"),
        (app(&world), "Public client not allowed to retrieve service account"),
    ] {
        let (status, code, text) = client.token(&CREDENTIALS).await.error();
        assert_eq!((status, &*code, &*text), (401, "unauthorized_client", description));
    }
}

/// [token.password.off], [token.password.consent], [token.password.no-username]
#[tokio::test]
async fn the_password_grant_is_only_where_a_client_switches_it_on() {
    let mut realm = realm();
    realm.add_client(&json!({
        "clientId": "careful", "publicClient": true, "directAccessGrantsEnabled": true, "consentRequired": true,
    }));
    let world = World::with(realm).await;
    let careful = Client { id: "careful".to_owned(), ..script(&world) };
    assert_eq!(script(&world).token(&PASSWORD).await.status(), 200);
    for (client, form, expected) in [
        (
            app(&world),
            PASSWORD.to_vec(),
            (400, "unauthorized_client", "Client not allowed for direct access grants"),
        ),
        (careful, PASSWORD.to_vec(), (400, "invalid_client", "Client requires user consent")),
        (
            script(&world),
            vec![("grant_type", "password")],
            (401, "invalid_request", "Missing parameter: username"),
        ),
        (script(&world), vec![PASSWORD[0], PASSWORD[1]], (400, "invalid_grant", "Invalid user credentials")),
        (
            script(&world),
            vec![PASSWORD[0], PASSWORD[1], ("password", "x")],
            (400, "invalid_grant", "Invalid user credentials"),
        ),
    ] {
        let (status, code, description) = client.token(&form).await.error();
        assert_eq!((status, &*code, &*description), expected);
    }
}

/// [token.password.disabled-user], [token.password.temporary]
#[tokio::test]
async fn an_account_that_is_not_usable_gets_no_token_for_its_password() {
    let world = town().await;
    world.change_user("alice", |user| user.required_actions = Some(vec!["UPDATE_PASSWORD".to_owned()])).await;
    assert_eq!(script(&world).token(&PASSWORD).await.error().2, "Account is not fully set up");
    world.change_user("alice", |user| user.enabled = Some(false)).await;
    assert_eq!(script(&world).token(&PASSWORD).await.error().2, "Account disabled");
    let wrong = [PASSWORD[0], PASSWORD[1], ("password", "x")];
    assert_eq!(script(&world).token(&wrong).await.error().2, "Invalid user credentials");
}

/// [token.client-credentials.scope-unknown], [token.password.scope-unknown]
#[tokio::test]
async fn no_grant_gives_a_scope_that_the_client_does_not_have() {
    let world = town().await;
    for (client, form) in [(service(&world), CREDENTIALS.to_vec()), (script(&world), PASSWORD.to_vec())] {
        for scope in ["nothing", "hello", "openid nothing", " "] {
            let form = [form.clone(), vec![("scope", scope)]].concat();
            let (status, code, description) = client.token(&form).await.error();
            assert_eq!((status, &*code), (400, "invalid_scope"), "{} {scope}", client.id);
            assert_eq!(description, format!("Invalid scopes: {scope}"));
        }
    }
}

/// Attacks 60, 61: each grant asks whether client, user and realm are still on.
#[tokio::test]
async fn whatever_is_switched_off_gets_nothing_by_any_grant() {
    for what in ["client", "user", "realm"] {
        let world = town().await;
        let browser = world.browser();
        let tokens = app(&world).sign_in(&browser).await;
        let callback = app(&world).asks().by(&browser).await.callback();
        match what {
            "client" => {
                for client in ["app", "service", "script"] {
                    world.change_client(client, |client| client.enabled = Some(false)).await;
                }
            }
            "user" => {
                for user in ["alice", "service-account-service"] {
                    world.change_user(user, |user| user.enabled = Some(false)).await;
                }
            }
            _ => world.change_realm(|realm| realm.enabled = Some(false)).await,
        }
        world.wait(1).await;
        let answers = [
            app(&world).redeem(&callback).await,
            app(&world).refresh(tokens.refresh()).await,
            service(&world).token(&CREDENTIALS).await,
            script(&world).token(&PASSWORD).await,
        ];
        for (n, answer) in answers.iter().enumerate() {
            assert!(answer.status() >= 400, "{what}: {n}: {}", answer.text);
        }
        if what == "realm" {
            // [realm.disabled]
            for answer in answers {
                assert_eq!(answer.error(), (403, "access_denied".to_owned(), "Realm not enabled".to_owned()));
            }
        }
    }
}

/// A token that must be bound to a key is not given unbound (attack 22) [token.dpop.required-missing].
#[tokio::test]
async fn a_client_that_wants_bound_tokens_gets_no_others() {
    for (attribute, description) in [
        ("dpop.bound.access.tokens", "DPoP proof is missing"),
        (
            "tls.client.certificate.bound.access.tokens",
            "Client Certification missing for MTLS HoK Token Binding",
        ),
    ] {
        let world = town().await;
        let set = |client: &mut sekisho_protocol::keycloak::ClientRepresentation| {
            client.attributes.get_or_insert_default().insert(attribute.to_owned(), "true".to_owned());
        };
        world.change_client("service", set).await;
        let answer = service(&world).token(&CREDENTIALS).await.error();
        assert_eq!(answer, (400, "invalid_request".to_owned(), description.to_owned()));
    }
}

/// [tokens.password.mapper.response]: beside the tokens, and never in their place.
#[tokio::test]
async fn what_mappers_add_to_the_answer_writes_over_nothing() {
    let mut realm = realm();
    let mapper = |name: &str, claim: &str| {
        json!({
            "name": name, "protocol": "openid-connect", "protocolMapper": "oidc-hardcoded-claim-mapper",
            "config": {"claim.name": claim, "claim.value": "x", "jsonType.label": "String", "access.tokenResponse.claim": "true"},
        })
    };
    realm.add_client(&json!({
        "clientId": "mapped", "publicClient": true, "directAccessGrantsEnabled": true,
        "protocolMappers": [mapper("a", "extra"), mapper("b", "access_token"), mapper("c", "scope")],
    }));
    let world = World::with(realm).await;
    let client = Client { id: "mapped".to_owned(), ..script(&world) };
    let answer = client.token(&PASSWORD).await;
    let tokens = answer.tokens();
    assert_eq!(tokens.body["extra"], json!("x"));
    assert_ne!(tokens.access(), "x");
    assert_eq!(answer.text.matches("\"access_token\"").count(), 1);
    assert_eq!(answer.text.matches("\"scope\"").count(), 1);
}
