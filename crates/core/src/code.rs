//! Authorization codes (OAuth 2.1 §4.1.2, §4.1.3): sealed, not stored; redeeming one is one commit.

use sekisho_jose::hash::{constant_time_eq, sha256_base64url};
use sekisho_protocol::{Cause, Scopes, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::client::Permitted;
use crate::grant::Grant;
use crate::ids::GrantId;
use crate::work::{Guard, Record, SingleUse, Work};

/// The purpose under which codes are sealed.
pub const PURPOSE: &str = "code";

/// What a code says, once opened. Whether it may be redeemed is another question: [`check`].
#[derive(Clone, Serialize, Deserialize)]
pub struct OpenedCode {
    /// The grant that redeeming it will make; so a replay knows what to revoke.
    #[serde(rename = "g")]
    pub grant: GrantId,
    #[serde(rename = "c")]
    pub client: Uuid,
    #[serde(rename = "u")]
    pub user: Uuid,
    #[serde(rename = "s")]
    pub session: Uuid,
    #[serde(rename = "a")]
    pub auth_time: Timestamp,
    #[serde(rename = "r")]
    pub redirect_uri: String,
    #[serde(rename = "k", default, skip_serializing_if = "Option::is_none")]
    pub code_challenge: Option<String>,
    #[serde(rename = "n", default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    #[serde(rename = "o")]
    pub scopes: Scopes,
    #[serde(rename = "x", default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<String>,
    #[serde(rename = "e")]
    pub expires: Timestamp,
}

/// What the client sent with the code.
pub struct CodeRequest<'a> {
    pub redirect_uri: Option<&'a str>,
    pub code_verifier: Option<&'a str>,
}

/// Proof that an opened code passed every check but the race. Made by [`check`] only.
pub struct Redeemable(OpenedCode);

/// A wrong verifier leaves the code unspent: otherwise whoever saw the code could burn it before the
/// client it was made for came to fetch its tokens.
///
/// # Errors
/// [`Cause::CodeExpired`], [`Cause::CodeOfAnotherClient`] (attacks 1-3), [`Cause::CodeRedirectUri`] or one
/// of the verifier's causes (attacks 24, 25).
pub fn check(
    code: OpenedCode,
    client: &Permitted<'_>,
    request: &CodeRequest<'_>,
    now: Timestamp,
) -> Result<Redeemable, Cause> {
    if now >= code.expires {
        return Err(Cause::CodeExpired);
    }
    if code.client != client.client().id {
        return Err(Cause::CodeOfAnotherClient);
    }
    match request.redirect_uri {
        Some(uri) if uri == code.redirect_uri => {}
        // A client of OAuth 2.1 alone does not repeat it; PKCE protects the code then (§10.2).
        None if code.code_challenge.is_some() => {}
        _ => return Err(Cause::CodeRedirectUri),
    }
    check_verifier(code.code_challenge.as_deref(), request.code_verifier)?;
    Ok(Redeemable(code))
}

/// RFC 7636 §4.6; a verifier without a challenge, or the reverse, is a downgrade (OAuth 2.1 §4.1.3).
fn check_verifier(challenge: Option<&str>, verifier: Option<&str>) -> Result<(), Cause> {
    match (challenge, verifier) {
        (None, None) => Ok(()),
        (None, Some(_)) => Err(Cause::VerifierUnexpected),
        (Some(_), None) => Err(Cause::VerifierMissing),
        (Some(_), Some(verifier)) if !is_verifier(verifier) => Err(Cause::VerifierMalformed),
        (Some(challenge), Some(verifier)) => {
            let computed = sha256_base64url(verifier.as_bytes());
            let equal = constant_time_eq(computed.as_bytes(), challenge.as_bytes());
            if equal { Ok(()) } else { Err(Cause::VerifierWrong) }
        }
    }
}

/// RFC 7636 §4.1: 43 to 128 unreserved characters.
fn is_verifier(verifier: &str) -> bool {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    (43..=128).contains(&verifier.len()) && verifier.bytes().all(unreserved)
}

/// The work that redeems a code: the guard that settles the race, then the parent, then the grant and its
/// family. Losing the first guard is a replay; losing the second means that the session ended meanwhile.
pub fn redeem(code: &Redeemable, grant: Grant, work: Uuid) -> Work {
    let opened = &code.0;
    Work::new(work)
        .guard(Guard::UseOnce {
            kind: SingleUse::Code,
            realm: grant.realm,
            key: opened.grant.uuid().as_bytes().to_vec(),
            keep_until: opened.expires.plus_seconds(3600),
        })
        .guard(Guard::TouchSession { session: opened.session })
        .insert(Record::Grant(Box::new(grant)))
}

/// What a lost race means.
pub const fn lost(guard: usize) -> Cause {
    if guard == 0 { Cause::CodeReplayed } else { Cause::CodeSessionEnded }
}

impl Redeemable {
    /// The code behind the proof.
    pub const fn code(&self) -> &OpenedCode {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::tests::confidential;
    use crate::client::{self, Presented};
    use sekisho_protocol::GrantType;

    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    fn code(challenge: Option<&str>) -> OpenedCode {
        OpenedCode {
            grant: GrantId::new(Timestamp(1), [1; 8]),
            client: Uuid::from_u128(7),
            user: Uuid::from_u128(8),
            session: Uuid::from_u128(9),
            auth_time: Timestamp(0),
            redirect_uri: "https://app.example/cb".to_owned(),
            code_challenge: challenge.map(str::to_owned),
            nonce: None,
            scopes: Scopes::default(),
            resources: Vec::new(),
            expires: Timestamp::from_seconds(60),
        }
    }

    fn outcome(
        code: OpenedCode,
        redirect_uri: Option<&str>,
        code_verifier: Option<&str>,
        now: i64,
    ) -> Option<Cause> {
        let client = confidential("s");
        let authenticated =
            client::authenticate(&client, &Presented::Secret("s"), Timestamp(0)).expect("right secret");
        let permitted = client::permit(authenticated, GrantType::AuthorizationCode).expect("permitted");
        check(code, &permitted, &CodeRequest { redirect_uri, code_verifier }, Timestamp::from_seconds(now))
            .err()
    }

    /// RFC 7636 appendix B.
    #[test]
    fn verifier_fits_the_challenge_of_the_rfc() {
        let uri = Some("https://app.example/cb");
        assert_eq!(outcome(code(Some(CHALLENGE)), uri, Some(VERIFIER), 0), None);
    }

    #[test]
    fn each_binding_of_a_code_is_checked() {
        let uri = Some("https://app.example/cb");
        let other_client = OpenedCode { client: Uuid::from_u128(99), ..code(None) };
        let short = "a".repeat(42);
        let long = "a".repeat(129);
        for (code, redirect_uri, verifier, now, cause) in [
            (code(None), uri, None, 0, None),
            (code(None), uri, None, 60, Some(Cause::CodeExpired)),
            (other_client, uri, None, 0, Some(Cause::CodeOfAnotherClient)),
            (code(None), None, None, 0, Some(Cause::CodeRedirectUri)),
            (code(None), Some("https://app.example/cb/"), None, 0, Some(Cause::CodeRedirectUri)),
            (
                code(Some(CHALLENGE)),
                Some("https://b.example"),
                Some(VERIFIER),
                0,
                Some(Cause::CodeRedirectUri),
            ),
            (code(Some(CHALLENGE)), None, Some(VERIFIER), 0, None),
            (code(None), uri, Some(VERIFIER), 0, Some(Cause::VerifierUnexpected)),
            (code(Some(CHALLENGE)), uri, None, 0, Some(Cause::VerifierMissing)),
            (code(Some(CHALLENGE)), uri, Some(""), 0, Some(Cause::VerifierMalformed)),
            (code(Some(CHALLENGE)), uri, Some(short.as_str()), 0, Some(Cause::VerifierMalformed)),
            (code(Some(CHALLENGE)), uri, Some(long.as_str()), 0, Some(Cause::VerifierMalformed)),
            (code(Some(CHALLENGE)), uri, Some(CHALLENGE), 0, Some(Cause::VerifierWrong)),
        ] {
            assert_eq!(outcome(code, redirect_uri, verifier, now), cause);
        }
    }
}
