//! Files that a client can be set up with: the `keycloak.json` of Keycloak's own adapters, which other tools read too.

use std::io;

use sekisho_admin::{AdminError, What, client};
use sekisho_core::client::ClientKind;
use sekisho_core::realm::SslRequired;
use sekisho_protocol::keycloak::{ClientRepresentation, Sensitive};
use serde::Serialize;
use serde_json::ser::{Formatter, PrettyFormatter, Serializer};

use crate::call::RealmCall;
use crate::clients::VIEW;
use crate::refusal::Problem;
use crate::reply::Reply;
use crate::route::{Route, route};

pub(crate) const ROUTES: &[Route] =
    &[route!(Get "/clients/{client}/installation/providers/{provider}", VIEW, find; answers = String)];

/// In the order in which Keycloak writes them.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Adapter<'a> {
    realm: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    bearer_only: Option<bool>,
    auth_server_url: String,
    ssl_required: &'static str,
    resource: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    public_client: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    credentials: Option<Credentials<'a>>,
    confidential_port: i32,
}

#[derive(Serialize)]
struct Credentials<'a> {
    secret: &'a str,
}

async fn find(call: &RealmCall<'_>) -> Result<Reply, Problem> {
    let client = client::find(&call.admin, call.part("client")).await?;
    if call.part("provider") != "keycloak-oidc-keycloak-json" {
        return Err(AdminError::NotFound(What::Installation).into());
    }
    written(&adapter(call, &client)).map(Reply::Text).ok_or(Problem::Unwritable)
}

fn adapter<'a>(call: &'a RealmCall<'_>, client: &'a ClientRepresentation) -> Adapter<'a> {
    let realm = &call.admin.realm;
    let kind = ClientKind::of(client);
    let secret = client.secret.as_ref().filter(|_| kind == ClientKind::Confidential);
    Adapter {
        realm: &realm.name,
        bearer_only: (kind == ClientKind::BearerOnly).then_some(true),
        auth_server_url: format!("{}/", call.app.server.store.urls().hostname().trim_end_matches('/')),
        ssl_required: match realm.login.ssl_required {
            SslRequired::All => "all",
            SslRequired::External => "external",
            SslRequired::None => "none",
        },
        resource: client.client_id.as_deref().unwrap_or_default(),
        public_client: (kind == ClientKind::Public).then_some(true),
        credentials: secret.map(Sensitive::reveal).map(|secret| Credentials { secret }),
        confidential_port: 0,
    }
}

fn written(adapter: &Adapter<'_>) -> Option<String> {
    let mut text = Vec::new();
    adapter.serialize(&mut Serializer::with_formatter(&mut text, Spaced(PrettyFormatter::new()))).ok()?;
    String::from_utf8(text).ok()
}

/// JSON with a space before each colon, as Keycloak writes what people read.
struct Spaced(PrettyFormatter<'static>);

impl Formatter for Spaced {
    fn begin_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }

    fn end_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(writer, first)
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b" : ")
    }

    fn end_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }
}
