//! The authorization endpoint (OAuth 2.1 §3.1, §4.1): before the redirect URI is proven errors are pages,
//! after it they go to the client, with `iss` (RFC 9207).

use std::sync::Arc;

use sekisho_core::authorize::{self, AuthorizationRequest, Parameters};
use sekisho_core::event::EventType;
use sekisho_core::policy::event::{Authorization, Occasion, PreAuthorization, Proofs};
use sekisho_core::redirect::{self, RedirectTarget, ResponseMode};
use sekisho_core::{Client, Realm, client};
use sekisho_policy as policy;
use sekisho_protocol::{Cause, Surface, wire};

use crate::answer::{Answer, Body, ErrorPage};
use crate::audit::Audit;
use crate::browser::Browser;
use crate::server::OrCause;
use crate::{Server, Transport, interaction};

/// A request whose client and redirect URI are known and whose parameters are valid.
pub struct Valid {
    pub client: Arc<Client>,
    pub request: AuthorizationRequest,
    pub parameters: Parameters,
}

impl Valid {
    /// Keeps with an event all that the policies were asked.
    pub fn keep(&self, audit: &mut Audit, realm: &Realm) {
        keep(audit, realm, &self.client, &self.request.target, &self.parameters);
    }
}

/// Why a request is not valid, and where that may be said.
pub enum Refused {
    /// On a page: nothing about where to send it is proven.
    Page { cause: Cause, client: Option<Arc<Client>>, asked: Option<String>, parameters: Parameters },
    /// To the client.
    Redirect {
        cause: Cause,
        client: Arc<Client>,
        target: RedirectTarget,
        mode: ResponseMode,
        state: Option<String>,
        parameters: Parameters,
    },
}

/// Answers an authorization request: GET with its query, POST with its body.
pub async fn authorize(
    server: &Server,
    realm: &Arc<Realm>,
    text: &[u8],
    browser: &Browser,
    transport: &Transport<'_>,
) -> Answer {
    let asked_at = server.now();
    match validate(server, realm, Parameters::parse(text)).await {
        Ok(valid) => interaction::drive(server, realm, valid, browser, asked_at).await,
        Err(refused) => refuse(server, realm, refused, transport),
    }
}

/// Reads and checks a request, in the order of DESIGN §4.
///
/// # Errors
/// Where the first rule does not hold, and where that may be said.
pub async fn validate(server: &Server, realm: &Realm, parameters: Parameters) -> Result<Valid, Refused> {
    let (client, target) = target(server, realm, &parameters).await?;
    // As in Keycloak a policy's refusal comes before the server's own: it names the rule that was set.
    let checked = async {
        authorize::understand(&parameters)?;
        let asked = authorization(&client, &target, &parameters);
        policy::check(&server.outside, realm, server.now(), asked).await?;
        authorize::validate(realm, &client, target.clone(), &parameters)
    };
    match checked.await {
        Ok(request) => Ok(Valid { client, request, parameters }),
        Err(cause) => {
            let (mode, state) = parameters.error_answer();
            Err(Refused::Redirect { cause, client, target, mode, state, parameters })
        }
    }
}

fn authorization<'a>(
    client: &'a Client,
    target: &'a RedirectTarget,
    parameters: &'a Parameters,
) -> Occasion<'a> {
    Occasion::AuthorizationRequest(Authorization {
        client,
        params: parameters.params(),
        sent: parameters.params(),
        redirect_uri: Some(target.uri()),
        object: None,
        pushed: false,
        proofs: Proofs::default(),
    })
}

fn pre_authorization<'a>(
    client_id: &'a str,
    client: Option<&'a Client>,
    parameters: &'a Parameters,
) -> Occasion<'a> {
    let sent = parameters.params();
    Occasion::PreAuthorizationRequest(PreAuthorization { client_id, client, sent, pushed: None })
}

fn keep(audit: &mut Audit, realm: &Realm, client: &Client, target: &RedirectTarget, parameters: &Parameters) {
    audit.asked(realm, pre_authorization(&client.client_id, Some(client), parameters));
    audit.asked(realm, authorization(client, target, parameters));
}

/// Finds the client and proves the redirect URI.
async fn target(
    server: &Server,
    realm: &Realm,
    parameters: &Parameters,
) -> Result<(Arc<Client>, RedirectTarget), Refused> {
    let parameters_again = || parameters.clone();
    let page = |cause| Refused::Page { cause, client: None, asked: None, parameters: parameters_again() };
    let client_id = parameters.client_id().map_err(page)?;
    let found = server.store.client(realm, client_id).await.or_cause().map_err(page)?;
    let asked = pre_authorization(client_id, found.as_deref(), parameters);
    if let Err(cause) = policy::check(&server.outside, realm, server.now(), asked).await {
        return Err(Refused::Page { cause, client: found, asked: None, parameters: parameters.clone() });
    }
    let client = found.ok_or_else(|| page(Cause::ClientUnknown))?;
    let asked = parameters.redirect_uri().map(str::to_owned);
    let proven = client::check_for_browser(&client)
        .and_then(|()| redirect::find_target(&client, asked.as_deref(), &realm.issuer));
    match proven {
        Ok(target) => Ok((client, target)),
        Err(cause) => {
            Err(Refused::Page { cause, client: Some(client), asked, parameters: parameters.clone() })
        }
    }
}

/// Records a refusal and says it where it may be said.
pub fn refuse(server: &Server, realm: &Realm, refused: Refused, transport: &Transport<'_>) -> Answer {
    let mut audit = Audit::start(server, realm, EventType::Login, transport);
    let reference = audit.reference();
    match refused {
        Refused::Page { cause, client, asked, parameters } => {
            if let Ok(client_id) = parameters.client_id() {
                audit.asked(realm, pre_authorization(client_id, client.as_deref(), &parameters));
            }
            if let Some(client) = &client {
                audit.client(&client.client_id);
            }
            audit.refused(server, realm, &cause);
            let registered = client.as_ref().map(|client| client.redirect_uris.clone()).unwrap_or_default();
            let client_name = client.map(|client| client.label().to_owned());
            Answer::plain(Body::Error(Box::new(ErrorPage {
                cause,
                client_name,
                asked,
                registered,
                reference,
            })))
        }
        Refused::Redirect { cause, client, target, mode, state, parameters } => {
            keep(&mut audit, realm, &client, &target, &parameters);
            audit.client(&client.client_id);
            audit.refused(server, realm, &cause);
            error_to_client(realm, &cause, &target, mode, state)
        }
    }
}

/// An error for the client, with `state` and `iss`.
pub fn error_to_client(
    realm: &Realm,
    cause: &Cause,
    target: &RedirectTarget,
    mode: ResponseMode,
    state: Option<String>,
) -> Answer {
    let row = wire::row(Surface::Authorization, cause);
    let mut fields = vec![("error".to_owned(), row.code.into_owned())];
    if let Some(description) = row.description {
        fields.push(("error_description".to_owned(), description.into_owned()));
    }
    fields.extend(state.map(|state| ("state".to_owned(), state)));
    fields.push(("iss".to_owned(), realm.issuer.clone()));
    Answer::to_client(target, mode, fields)
}
