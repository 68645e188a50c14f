//! What a guard refuses to be built from.

use sekisho_guard::{Algorithm, BuildError, Guard, GuardBuilder};

use super::fixture::RESOURCE;

fn builder() -> GuardBuilder {
    Guard::builder(RESOURCE).issuer("https://idp.example")
}

#[test]
fn what_could_not_protect_is_refused() {
    for resource in ["mcp", "/mcp", "ftp://h/mcp", "https://h/mcp#x", "https://h/mcp?x", "https://u@h/mcp"] {
        let refused = Guard::builder(resource).issuer("https://idp.example").build().err();
        assert_eq!(refused, Some(BuildError::Resource), "{resource}");
    }
    assert_eq!(Guard::builder(RESOURCE).build().err(), Some(BuildError::IssuerMissing));
    assert!(matches!(Guard::builder(RESOURCE).issuer("idp").build(), Err(BuildError::Issuer(_))));
    for scope in ["", "two words", "quote\"", "back\\slash", "offline_access"] {
        let expected = Some(BuildError::Scope(scope.to_owned()));
        assert_eq!(builder().require_scopes([scope]).build().err(), expected, "{scope}");
        assert_eq!(builder().scope_for_tool("t", [scope]).build().err(), expected, "{scope}");
        assert_eq!(builder().scope_implies("a", [scope]).build().err(), expected, "{scope}");
    }
    for origin in ["*", "app.example", "https://app.example/", "https://*.example", "null", "https://"] {
        let expected = Some(BuildError::Origin(origin.to_owned()));
        assert_eq!(builder().allow_origin(origin).build().err(), expected, "{origin}");
    }
    let symmetric = builder().algorithms([Algorithm::Es256, Algorithm::Hs256]).build().err();
    assert_eq!(symmetric, Some(BuildError::Algorithm(Algorithm::Hs256)));
}

#[tokio::test]
async fn a_guard_needs_no_issuer_to_be_up_when_it_is_built() {
    assert!(builder().build().is_ok());
}
