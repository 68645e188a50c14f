//! Discovery (RFC 8414, OpenID Connect Discovery 1.0) and the JWK set.

use serde_json::{Value, json};

use super::support::answer::header;
use super::support::town::{app, realm, town};
use super::support::world::World;

const FORMS: [&str; 4] = [
    "/realms/r/.well-known/openid-configuration",
    "/realms/r/.well-known/oauth-authorization-server",
    "/.well-known/openid-configuration/realms/r",
    "/.well-known/oauth-authorization-server/realms/r",
];

#[tokio::test]
async fn every_form_of_the_address_serves_the_same_bytes() {
    let world = town().await;
    let first = world.get(FORMS[0]).await;
    assert_eq!(first.status(), 200);
    assert_eq!(first.json()["issuer"], json!(world.issuer()));
    for path in FORMS {
        let answer = world.get(path).await;
        assert_eq!(answer.text, first.text, "{path}");
        assert_eq!(answer.header("etag"), first.header("etag"), "{path}");
        assert_eq!(answer.header("content-type"), "application/json", "{path}");
    }
}

#[tokio::test]
async fn what_is_unchanged_is_not_sent_again() {
    let world = town().await;
    for path in [FORMS[0], "/realms/r/protocol/openid-connect/certs"] {
        let first = world.get(path).await;
        let tag = first.header("etag").to_owned();
        for (sent, status) in [
            (tag.clone(), 304),
            (format!("\"other\", {tag}"), 304),
            (format!("W/{tag}"), 304),
            ("*".to_owned(), 304),
            ("\"other\"".to_owned(), 200),
        ] {
            let answer = world.get_with(path, &[("if-none-match", &sent)]).await;
            assert_eq!(answer.status(), status, "{path} {sent}");
            assert_eq!(answer.text.is_empty(), status == 304, "{path} {sent}");
            assert_eq!(answer.header("etag"), tag, "{path} {sent}");
        }
        assert_eq!(first.header("cache-control"), "public, max-age=600");
    }
}

#[tokio::test]
async fn any_page_may_read_public_documents_and_none_with_credentials() {
    let world = town().await;
    for path in [FORMS[0], FORMS[3], "/realms/r/protocol/openid-connect/certs", "/realms/r"] {
        let answer = world.get_with(path, &[("origin", "https://any.example")]).await;
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{path}");
        assert_eq!(answer.header("access-control-allow-credentials"), "", "{path}");
    }
}

/// RFC 8414 §2: an endpoint that is named must be there.
#[tokio::test]
async fn every_endpoint_that_is_named_is_there() {
    let world = town().await;
    let document = world.get(FORMS[0]).await.json();
    let members = document.as_object().expect("an object");
    let mut seen = 0;
    for (name, value) in members.iter().filter(|(name, _)| name.ends_with("_endpoint") || *name == "jwks_uri")
    {
        let url = value.as_str().expect("an address");
        let path = url.strip_prefix("https://as.example").expect("under the public address");
        // Nobody lists what was registered: a GET there is 404 [registration.read.list].
        let answer = match name.as_str() {
            "registration_endpoint" => world.post(path, &[]).await,
            _ => world.get(path).await,
        };
        assert_ne!(answer.status(), 404, "{name}");
        seen += 1;
    }
    assert_eq!(seen, 8);
}

/// What is not served is not promised, though Keycloak has it [discovery.openid-configuration].
#[tokio::test]
async fn only_what_works_is_advertised() {
    let world = town().await;
    let document = world.get(FORMS[0]).await.json();
    for (member, value) in [
        ("response_types_supported", json!(["code"])),
        ("response_modes_supported", json!(["query", "fragment", "form_post"])),
        ("code_challenge_methods_supported", json!(["S256"])),
        (
            "token_endpoint_auth_methods_supported",
            json!([
                "none",
                "private_key_jwt",
                "client_secret_basic",
                "client_secret_post",
                "client_secret_jwt"
            ]),
        ),
        ("request_parameter_supported", json!(false)),
        ("request_uri_parameter_supported", json!(false)),
        ("claims_parameter_supported", json!(false)),
        ("authorization_response_iss_parameter_supported", json!(true)),
        ("device_authorization_endpoint", Value::Null),
    ] {
        assert_eq!(document[member], value, "{member}");
    }
    assert_eq!(
        document["grant_types_supported"],
        json!(["authorization_code", "refresh_token", "client_credentials", "password"])
    );
}

/// The scopes of a new realm are those of Keycloak [discovery.openid-configuration]: none of SAML's.
#[tokio::test]
async fn scopes_of_other_protocols_are_not_advertised() {
    let world = World::with(sekisho_testkit::builders::NewRealm::named("obp")).await;
    let ours = world.get("/realms/obp/.well-known/openid-configuration").await.json();
    let recorded = super::observed::recorded("protocol.json", "discovery.openid-configuration");
    let sorted = |scopes: &Value| {
        let mut names: Vec<String> = serde_json::from_value(scopes.clone()).expect("names");
        names.sort();
        names
    };
    assert_eq!(sorted(&ours["scopes_supported"]), sorted(&recorded[0]["json"]["scopes_supported"]));
    assert_eq!(ours["claims_supported"], recorded[0]["json"]["claims_supported"]);
}

/// RFC 7517 §4: nothing private, and a key for each token that is signed.
#[tokio::test]
async fn the_key_set_has_public_halves_only_and_knows_every_signature() {
    let world = town().await;
    let tokens = app(&world).sign_in(&world.browser()).await;
    let keys = world.get(&world.endpoint("/certs")).await.json();
    let keys = keys["keys"].as_array().expect("keys");
    for key in keys {
        for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
            assert!(key.get(private).is_none(), "{private}");
        }
    }
    for token in [tokens.access(), tokens.id()] {
        let (kid, algorithm) = (&header(token)["kid"], &header(token)["alg"]);
        assert!(keys.iter().any(|key| key["kid"] == *kid && key["alg"] == *algorithm), "{kid} {algorithm}");
    }
    assert!(
        keys.iter().all(|key| key["kid"] != header(tokens.refresh())["kid"]),
        "refresh tokens are ours alone"
    );
}

#[tokio::test]
async fn a_realm_that_is_not_there_has_no_documents() {
    let world = town().await;
    for path in [
        "/realms/nothing/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server/realms/nothing",
        "/realms/nothing/protocol/openid-connect/certs",
        "/realms/nothing",
    ] {
        let (status, code, _) = world.get(path).await.error();
        assert_eq!((status, code.as_str()), (404, "Realm does not exist"), "{path}");
    }
    assert_eq!(world.get("/realms/r/.well-known/nothing").await.status(), 404);
}

/// [realm.disabled]: whoever checks a token must still find the keys.
#[tokio::test]
async fn a_realm_that_is_switched_off_still_shows_its_documents() {
    let world = town().await;
    world.change_realm(|realm| realm.enabled = Some(false)).await;
    for path in [FORMS[0], FORMS[2], "/realms/r/protocol/openid-connect/certs", "/realms/r", "/realms/r/"] {
        assert_eq!(world.get(path).await.status(), 200, "{path}");
    }
}

#[tokio::test]
async fn the_realms_own_address_is_its_issuer() {
    let mut realm = realm();
    let attributes = realm.config.attributes.get_or_insert_default();
    attributes.insert("frontendUrl".to_owned(), "https://login.example/".to_owned());
    let world = World::with(realm).await;
    for path in FORMS {
        let document = world.get(path).await.json();
        assert_eq!(document["issuer"], json!("https://login.example/realms/r"), "{path}");
        let token_endpoint = document["token_endpoint"].as_str().expect("an address");
        assert!(token_endpoint.starts_with("https://login.example/realms/r/"), "{token_endpoint}");
    }
}
