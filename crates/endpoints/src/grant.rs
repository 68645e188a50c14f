//! Grants: each one file, and one line here. A grant only fills in what is particular to it and cannot
//! forget a shared step.

mod authorization_code;
mod client_credentials;
mod password;
mod refresh_token;

use std::future::Future;
use std::ops::Deref;
use std::pin::Pin;
use std::sync::Arc;

use sekisho_core::client::Permitted;
use sekisho_core::grant::Grant;
use sekisho_core::policy::event::{Occasion, Proofs, TokenRequest, TokenResponse};
use sekisho_core::scope::GrantedScopes;
use sekisho_core::token::{self, SessionFacts};
use sekisho_core::{GrantId, Realm, User, Work};
use sekisho_protocol::{Cause, GrantType, Params, PolicyRefusal};

use crate::server::OrCause;
use crate::{Server, Transport};

/// Every grant there is.
pub const GRANTS: &[Provider] = &[
    authorization_code::PROVIDER,
    refresh_token::PROVIDER,
    client_credentials::PROVIDER,
    password::PROVIDER,
];

/// A future that borrows the request.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Opens the code, finds the family: everything that a grant reads.
pub type Load = for<'a> fn(&'a Request<'a>) -> BoxFuture<'a, Result<Box<dyn Loaded + 'a>, Cause>>;

/// A grant by its type.
pub struct Provider {
    pub grant_type: GrantType,
    pub load: Load,
    /// What the policies are asked before tokens are signed.
    pub response: for<'a> fn(TokenResponse<'a>) -> Occasion<'a>,
}

impl Provider {
    /// A refusal by a policy as this grant tells it: Keycloak calls it `invalid_grant` where a code is
    /// redeemed, whatever the executor's own code.
    pub fn refused(&self, cause: Cause) -> Cause {
        match cause {
            Cause::PolicyRefused(refusal) if self.grant_type == GrantType::AuthorizationCode => {
                Cause::PolicyRefused(Box::new(PolicyRefusal {
                    code: "invalid_grant",
                    status: 400,
                    ..*refusal
                }))
            }
            other => other,
        }
    }
}

/// A token request whose client is authenticated and may use the grant.
pub struct Request<'a> {
    pub server: &'a Server,
    pub realm: &'a Realm,
    pub client: Permitted<'a>,
    pub params: &'a Params,
    pub transport: &'a Transport<'a>,
}

impl Request<'_> {
    /// What the policies may know of it whatever the grant.
    pub fn asked(&self) -> TokenRequest<'_> {
        let proofs = Proofs { assertion: self.client.assertion(), ..Proofs::default() };
        TokenRequest { proofs, ..TokenRequest::new(self.client.client(), self.params) }
    }
}

/// A grant with what it read.
pub trait Loaded: Send + Sync {
    /// What the policies are asked before anything is decided.
    fn occasion(&self) -> Occasion<'_>;

    /// Decides what is particular to this grant.
    fn exchange<'a>(self: Box<Self>) -> BoxFuture<'a, Result<Exchange, Cause>>
    where
        Self: 'a;
}

/// What a grant decided; the shared steps make tokens of it.
pub struct Exchange {
    pub grant_type: GrantType,
    pub grant: GrantId,
    pub user: Arc<User>,
    pub scopes: GrantedScopes,
    pub resources: Vec<String>,
    pub session: Option<SessionFacts>,
    pub nonce: Option<String>,
    /// The family as it will be once the work won.
    pub family: Option<Grant>,
    pub work: Option<Work>,
    pub unrotated: Unrotated,
    /// What it means to lose the guard with this index.
    pub lost: fn(usize) -> Lost,
}

/// What settles an exchange whose answer leaves out the refresh token, as a policy may want it.
pub enum Unrotated {
    /// The same work: it does not rotate.
    Same,
    /// This work: the client goes on with the token that it has, which must not be spent.
    Instead(Option<Work>),
}

/// What a lost race means.
pub enum Lost {
    Refuse(Cause),
    /// Refuse, and end all that came of the grant.
    Revoke(Cause),
    /// Read and decide again.
    Again,
}

/// The grant of this type.
///
/// # Errors
/// [`Cause::GrantTypeUnsupported`].
pub fn find(grant_type: &str) -> Result<&'static Provider, Cause> {
    GRANTS.iter().find(|provider| provider.grant_type.name() == grant_type).ok_or(Cause::GrantTypeUnsupported)
}

/// Revokes a grant on every node.
///
/// # Errors
/// That the store failed.
pub async fn revoke(server: &Server, realm: &Realm, grant: GrantId) -> Result<(), Cause> {
    let work = sekisho_core::grant::revoke(realm.id, grant, server.fresh_id(), server.now());
    server.store.commit(work).await.or_cause().map(|_| ())
}

/// What of the scopes this client still has and this user may have. A grant never says more than its client
/// could ask for today (attack 81).
///
/// # Errors
/// [`Cause::OfflineNotAllowed`]: a token that outlives the session is not silently made one that does not.
pub(crate) fn permitted(
    request: &Request<'_>,
    user: &User,
    scopes: &GrantedScopes,
) -> Result<GrantedScopes, Cause> {
    let client = request.client.client();
    let listed =
        |name: &str| client.default_scopes.iter().chain(&client.optional_scopes).any(|own| own == name);
    let held = GrantedScopes { names: scopes.names.filter(listed), openid: scopes.openid };
    let permitted = token::permitted_scopes(request.realm, user, &held);
    if scopes.offline() && !permitted.offline() {
        return Err(Cause::OfflineNotAllowed);
    }
    Ok(permitted)
}

/// Whether a user may still get tokens.
///
/// # Errors
/// [`Cause::UserDisabled`] for one that is switched off or gone.
pub(crate) fn check_user<U: Deref<Target = User>>(user: Option<U>) -> Result<U, Cause> {
    user.filter(|user| user.enabled).ok_or(Cause::UserDisabled)
}
