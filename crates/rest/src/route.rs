//! Routes as a table: a path, a method, the permission that it needs and what answers it. There is no way to be
//! called but through [`answer`], which asks for the permission first (attacks 79-83).

use std::collections::BTreeMap;

use axum::Router;
use axum::extract::{RawPathParams, Request, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::{MethodFilter, MethodRouter, on, options};
use futures_util::future::BoxFuture;
use sekisho_admin::{Admin, AdminError, Context, Permit, What};
use sekisho_core::access::AdminRoles;
use sekisho_http::{App, administration};

use crate::call::{Call, RealmCall};
use crate::contract::Contract;
use crate::refusal::{self, Problem};
use crate::reply::Reply;

/// A route and what it needs.
pub(crate) struct Route {
    pub(crate) method: Verb,
    /// With `{realm}` and other names in braces.
    pub(crate) path: &'static str,
    pub(crate) needs: Needs,
    pub(crate) handler: Handler,
    pub(crate) contract: Contract,
}

/// The methods of Admin REST.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Get,
    Post,
    Put,
    Delete,
}

/// Who may call a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Needs {
    /// Anybody with a good token; the handler shows each what they may see.
    Token,
    /// Whoever administers anything.
    Administrator,
    /// Whoever may make realms.
    CreateRealm,
    /// One of these roles for the realm of the path.
    OneOf(AdminRoles),
}

/// What answers a route.
#[derive(Clone, Copy)]
pub(crate) enum Handler {
    /// Of the whole server.
    Server(for<'a> fn(&'a Call<'a>) -> BoxFuture<'a, Result<Reply, Problem>>),
    /// Of the realm in the path.
    Realm(for<'a> fn(&'a RealmCall<'a>) -> BoxFuture<'a, Result<Reply, Problem>>),
}

/// `route!(Get "/clients", VIEW, list; query = [FIRST, MAX]; answers = Vec<ClientRepresentation>)`: a route below a
/// realm, one of whose roles is needed; what follows the handler is a [`contract!`](crate::contract::contract).
/// `route!(server Get "/admin/realms", Needs::Token, list; …)`: one of the whole server.
macro_rules! route {
    (server $verb:ident $path:literal, $needs:expr, $handler:path; $($contract:tt)+) => {
        $crate::route::Route {
            method: $crate::route::Verb::$verb,
            path: $path,
            needs: $needs,
            handler: $crate::route::Handler::Server(|call| Box::pin($handler(call))),
            contract: $crate::contract::contract!(; $($contract)+),
        }
    };
    ($verb:ident $path:literal, $needs:expr, $handler:path) => {
        $crate::route::route!(@ $verb $path, $needs, $handler, $crate::contract::Contract::UNSAID)
    };
    ($verb:ident $path:literal, $needs:expr, $handler:path; $($contract:tt)+) => {
        $crate::route::route!(
            @ $verb $path, $needs, $handler, $crate::contract::contract!(; $($contract)+)
        )
    };
    (@ $verb:ident $path:literal, $needs:expr, $handler:path, $contract:expr) => {
        $crate::route::Route {
            method: $crate::route::Verb::$verb,
            path: concat!("/admin/realms/{realm}", $path),
            needs: $crate::route::Needs::OneOf($needs),
            handler: $crate::route::Handler::Realm(|call| Box::pin($handler(call))),
            contract: $contract,
        }
    };
}
pub(crate) use route;

impl Verb {
    const fn filter(self) -> MethodFilter {
        match self {
            Self::Get => MethodFilter::GET,
            Self::Post => MethodFilter::POST,
            Self::Put => MethodFilter::PUT,
            Self::Delete => MethodFilter::DELETE,
        }
    }
}

/// The routes as a router; every path answers a preflight.
pub(crate) fn router(routes: impl Iterator<Item = &'static Route>) -> Router<App> {
    let mut paths: BTreeMap<&'static str, MethodRouter<App>> = BTreeMap::new();
    for route in routes {
        let methods = paths
            .entry(route.path)
            .or_insert_with(|| options(async |headers: HeaderMap| administration::preflight(&headers)));
        let answering = on(
            route.method.filter(),
            move |State(app): State<App>, path: RawPathParams, request: Request| {
                answer(route, app, path, request)
            },
        );
        *methods = std::mem::take(methods).merge(answering);
    }
    // As in Keycloak, a slash at the end changes nothing; its own client library sends one.
    let mut served = Router::new();
    for (path, methods) in paths {
        // What takes the rest of a path takes the slash with it.
        if !path.contains("{*") {
            served = served.route(&format!("{path}/"), methods.clone());
        }
        served = served.route(path, methods);
    }
    served
}

async fn answer(route: &'static Route, app: App, path: RawPathParams, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    // Who is not let in reads nothing from another page, and sends no body.
    let caller = match administration::caller(&app, &parts).await {
        Ok(caller) => caller,
        Err(refused) => return refused,
    };
    let mut response = match administration::body(body).await {
        Ok(body) => {
            let path = path.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            match run(route, &Call::new(route.contract, (&app, &caller), &parts, path, &body)).await {
                Ok(reply) => reply.respond(&app),
                Err(problem) => refusal::respond(&problem),
            }
        }
        Err(refused) => refused,
    };
    administration::readable(&mut response, &parts.headers);
    response
}

async fn run(route: &Route, call: &Call<'_>) -> Result<Reply, Problem> {
    match (route.handler, route.needs) {
        (Handler::Server(handler), Needs::Token) => handler(call).await,
        (Handler::Server(handler), Needs::Administrator) if call.caller.is_administrator() => {
            handler(call).await
        }
        (Handler::Server(handler), Needs::CreateRealm) if call.caller.may_create_realms() => {
            handler(call).await
        }
        (Handler::Server(_), _) => Err(AdminError::Forbidden.into()),
        (Handler::Realm(handler), needs) => {
            let admin = open(call).await?;
            match needs {
                Needs::Token => {}
                Needs::OneOf(roles) => admin.permit.require(roles)?,
                Needs::Administrator | Needs::CreateRealm => return Err(AdminError::Forbidden.into()),
            }
            handler(&RealmCall { call, admin }).await
        }
    }
}

/// The realm of the path, with what the caller may do in it. Whoever may do nothing there learns no more than
/// that.
async fn open<'a>(call: &Call<'a>) -> Result<Admin<'a>, AdminError> {
    let name = call.path("realm").ok_or(AdminError::NotFound(What::Realm))?;
    Admin::open(call.context(), name, Permit::of(call.caller, name)).await
}

/// What a context is made of.
pub(crate) fn context(app: &App) -> Context<'_> {
    let server = &app.server;
    Context {
        store: &server.store,
        clock: server.clock.as_ref(),
        entropy: server.entropy.as_ref(),
        passwords: &server.passwords,
        outside: &server.outside,
    }
}
