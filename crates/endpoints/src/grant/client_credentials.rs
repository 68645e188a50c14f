//! `grant_type=client_credentials` (OAuth 2.1 §4.2): writes nothing.

use std::sync::Arc;

use sekisho_core::policy::event::Occasion;
use sekisho_core::{GrantId, User, authorize, scope};
use sekisho_protocol::{Cause, GrantType};

use super::{BoxFuture, Exchange, Loaded, Lost, Provider, Request, Unrotated, check_user};
use crate::server::OrCause;

pub(super) const PROVIDER: Provider = Provider {
    grant_type: GrantType::ClientCredentials,
    load: |request| Box::pin(load(request)),
    response: |answered| Occasion::ServiceAccountTokenResponse(answered),
};

struct ServiceAccount<'a> {
    request: &'a Request<'a>,
    user: Arc<User>,
}

async fn load<'a>(request: &'a Request<'a>) -> Result<Box<dyn Loaded + 'a>, Cause> {
    let client = request.client.client();
    let user = check_user(request.server.store.service_account(client).await.or_cause()?)?;
    Ok(Box::new(ServiceAccount { request, user }))
}

impl Loaded for ServiceAccount<'_> {
    fn occasion(&self) -> Occasion<'_> {
        Occasion::ServiceAccountTokenRequest(self.request.asked())
    }

    fn exchange<'a>(self: Box<Self>) -> BoxFuture<'a, Result<Exchange, Cause>>
    where
        Self: 'a,
    {
        Box::pin(std::future::ready(exchange(self.request, self.user)))
    }
}

fn exchange(request: &Request<'_>, user: Arc<User>) -> Result<Exchange, Cause> {
    let client = request.client.client();
    let scopes = scope::check(request.realm, client, request.params.find("scope"))?;
    let resources = authorize::check_resources(request.realm, request.params.all("resource"))?;
    Ok(Exchange {
        grant_type: GrantType::ClientCredentials,
        grant: GrantId::new(request.server.now(), request.server.draw()),
        user,
        scopes,
        resources,
        session: None,
        nonce: None,
        family: None,
        work: None,
        unrotated: Unrotated::Same,
        lost: |_| Lost::Refuse(Cause::Internal),
    })
}
