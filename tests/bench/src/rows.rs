//! The rows of the report: what a client does, what it may cost, and whether the peer can do the same.

use anyhow::Result;

use crate::goal::Goal;
use crate::http::{Connection, Request};
use crate::load::{Figures, Plan, measure};
use crate::provider::{Kind, Provider};
use crate::realm::{APP, GATE, RESOURCE, SCOPE, SERVICE, SERVICE_RS256, WEB, WEB_ES256};
use crate::scenario::{CodeFlow, Login, Refresh, Repeat, Rotation};

/// A row.
pub(crate) struct Row {
    pub(crate) work: Work,
    pub(crate) name: &'static str,
    pub(crate) goal: Goal,
    /// Whether the peer does the same work.
    pub(crate) peer: Peer,
}

/// Whether there is something to compare with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Peer {
    Same,
    /// It checks no password here.
    Nothing,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Work {
    ClientCredentials,
    ClientCredentialsRs256,
    Discovery,
    Keys,
    Introspection,
    UserInfo,
    CodeFlow,
    CodeFlowEs256,
    RefreshRotating,
    Refresh,
    Login,
}

/// DESIGN §7, in its order; rows without a goal stand beside the one that they explain.
pub(crate) const ROWS: &[Row] = &[
    row(Work::ClientCredentials, "client_credentials, ES256", Goal::of(50.0, 20_000.0)),
    row(Work::ClientCredentialsRs256, "client_credentials, RS256", Goal::NONE),
    row(Work::Discovery, "discovery", Goal::of(20.0, 40_000.0)),
    row(Work::Keys, "JWK set", Goal::of(20.0, 40_000.0)),
    row(Work::Introspection, "introspection", Goal::of(40.0, 20_000.0)),
    row(Work::UserInfo, "UserInfo", Goal::NONE),
    row(Work::CodeFlow, "code + PKCE, live session, ID token RS256", Goal::of(400.0, 2_000.0)),
    row(Work::CodeFlowEs256, "code + PKCE, live session, ID token ES256", Goal::NONE),
    row(Work::RefreshRotating, "refresh, rotating", Goal::of(150.0, 3_000.0)),
    row(Work::Refresh, "refresh, not rotating", Goal::NONE),
    // 95 % of the 93 hashes a second that a core makes at Keycloak's parameters.
    Row {
        work: Work::Login,
        name: "password login (Argon2id)",
        goal: Goal { cpu: None, per_second: Some(88.0) },
        peer: Peer::Nothing,
    },
];

const fn row(work: Work, name: &'static str, goal: Goal) -> Row {
    Row { work, name, goal, peer: Peer::Same }
}

impl Row {
    /// Measures the row on a provider.
    pub(crate) async fn measure(&self, provider: &Provider, plan: Plan) -> Result<Figures> {
        let get = |target| Request::get(&provider.host, target).bytes();
        let flow = |client| CodeFlow { provider, client, scope: "openid hello" };
        match self.work {
            Work::ClientCredentials | Work::ClientCredentialsRs256 => {
                let rs256 = self.work == Work::ClientCredentialsRs256;
                let client = if rs256 { SERVICE_RS256 } else { SERVICE };
                let request = client.client_credentials(provider, &for_resource());
                measure(&Repeat { request, holds: "\"access_token\"" }, provider, plan).await
            }
            Work::Discovery => {
                let request = get(provider.paths.discovery);
                measure(&Repeat { request, holds: "\"issuer\"" }, provider, plan).await
            }
            Work::Keys => {
                let request = get(provider.paths.keys);
                measure(&Repeat { request, holds: "\"keys\"" }, provider, plan).await
            }
            Work::Introspection => {
                let request = introspection(provider).await?;
                measure(&Repeat { request, holds: "\"active\":true" }, provider, plan).await
            }
            Work::UserInfo => {
                let request = user_info(provider).await?;
                measure(&Repeat { request, holds: "\"preferred_username\":\"alice\"" }, provider, plan).await
            }
            Work::CodeFlow => measure(&flow(WEB), provider, plan).await,
            Work::CodeFlowEs256 => measure(&flow(WEB_ES256), provider, plan).await,
            Work::RefreshRotating => {
                // What an MCP client asks for: no `openid`, so no ID token.
                let flow = CodeFlow { provider, client: APP, scope: SCOPE };
                measure(&Refresh { flow, rotates: Rotation::Yes }, provider, plan).await
            }
            Work::Refresh => {
                let flow = CodeFlow { provider, client: WEB, scope: SCOPE };
                measure(&Refresh { flow, rotates: Rotation::No }, provider, plan).await
            }
            Work::Login => {
                // More would only wait in the queue of the hashing pool.
                let plan = Plan { connections: plan.connections.min(4), ..plan };
                measure(&Login { provider, client: WEB }, provider, plan).await
            }
        }
    }
}

pub(crate) const fn for_resource() -> [(&'static str, &'static str); 2] {
    [("resource", RESOURCE), ("scope", SCOPE)]
}

/// A question about a token of `service`. Ours is the JWT for the resource, asked about by the resource;
/// the peer keeps no JWT, so it is asked about an opaque one by the client that has it.
async fn introspection(provider: &Provider) -> Result<Vec<u8>> {
    let mut connection = Connection::open(provider.address).await?;
    let grant = ("grant_type", "client_credentials");
    let [resource, scope] = for_resource();
    let (asking, fields) = match provider.kind {
        Kind::Sekisho => (GATE, vec![grant, resource, scope]),
        Kind::OidcProvider => (SERVICE, vec![grant]),
    };
    let token = SERVICE.ask(&mut connection, provider, &fields).await?.access_token;
    Ok(asking.post(provider, provider.paths.introspection, &[("token", &token)]))
}

async fn user_info(provider: &Provider) -> Result<Vec<u8>> {
    let mut connection = Connection::open(provider.address).await?;
    let flow = CodeFlow { provider, client: WEB, scope: "openid profile email" };
    let token = flow.tokens(&mut connection, &mut crate::browser::Browser::default()).await?.access_token;
    let request = Request::get(&provider.host, provider.paths.user_info);
    Ok(request.header("authorization", &format!("Bearer {token}")).bytes())
}
