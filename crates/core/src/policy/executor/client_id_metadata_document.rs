//! `client-id-metadata-document`: a client that nobody registered is known by the document that its `client_id`
//! leads to (draft-ietf-oauth-client-id-metadata-document).
//!
//! Stricter than Keycloak 26.7.4: a redirect URI of the document is compared exactly (but for the port of a
//! loopback address), never as a pattern. Members that nobody knows are ignored (RFC 7591 §2).

mod document;
mod identifier;

use serde::Deserialize;

use super::{Executor, Reaction, configure};
use crate::policy::configuration::{Property, PropertyKind, Provider, Switch, Text, Texts};
use crate::policy::effect::Effect;
use crate::policy::event::{Event, EventName, EventSet, Occasion};
use crate::policy::lookup::{Finding, Lookup};

pub(super) const PROVIDER: Provider<dyn Executor> = Provider {
    id: "client-id-metadata-document",
    help: Text {
        en: "The client_id is the address of a document that describes the client; it is fetched and checked.",
        ja: "クライアント情報の文書を指すURLをclient_idとして受け付け、取得して検証します。",
    },
    properties: &[HTTP, DOMAINS, SAME_DOMAIN, REQUIRED, CONFIDENTIAL],
    events: EventSet::of(&[EventName::PreAuthorizationRequest]),
    configure: configure::<ClientIdMetadataDocument>,
};

const HTTP: Property = Property::switch(
    "cimd-allow-http-scheme",
    "Allow http scheme",
    false,
    Text {
        en: "Also documents that come by plain HTTP, which anybody on the way can change: for development only.",
        ja: "HTTPで取得する文書も許可します。経路上で改ざんできるため、開発環境専用です。",
    },
);

const DOMAINS: Property = Property::new(
    "cimd-allow-permitted-domains",
    "Permitted domains",
    PropertyKind::MultivaluedString,
    Text {
        en: "Hosts that the client_id and every address in the document may have; *.example.com also covers example.com.",
        ja: "client_idと文書内のURLに許可するホストです。*.example.comはexample.com自身も含みます。",
    },
);

const SAME_DOMAIN: Property = Property::switch(
    "cimd-restrict-same-domain",
    "Restrict same domain",
    false,
    Text {
        en: "The client_id, the redirect URI and every address in the document are under one permitted domain.",
        ja: "client_id、リダイレクトURI、文書内のURLを、同じひとつの許可ドメインに限定します。",
    },
);

const REQUIRED: Property = Property::new(
    "cimd-required-properties",
    "Required properties",
    PropertyKind::MultivaluedString,
    Text { en: "Members that the document must have.", ja: "文書に必須のプロパティです。" },
);

const CONFIDENTIAL: Property = Property::switch(
    "only-allow-confidential-client",
    "Only confidential clients",
    false,
    Text {
        en: "The document names keys by which the client proves itself.",
        ja: "鍵で自身を証明するクライアントだけを許可します。",
    },
);

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
struct ClientIdMetadataDocument {
    cimd_allow_http_scheme: Switch,
    cimd_allow_permitted_domains: Texts,
    cimd_restrict_same_domain: Switch,
    cimd_required_properties: Texts,
    only_allow_confidential_client: Switch,
}

impl Executor for ClientIdMetadataDocument {
    fn react(&self, event: &Event<'_>) -> Reaction {
        let Occasion::PreAuthorizationRequest(request) = &event.occasion else { return Reaction::Pass };
        let params = request.pushed.unwrap_or(request.sent);
        let Some(redirect_uri) = params.find_filled("redirect_uri") else {
            let text = "Invalid Authorization Request: it does not include redirect_uri parameter";
            return Reaction::refuse("invalid_request", text);
        };
        let host = match self.check_identifier(request.client_id) {
            Ok(host) => host,
            Err(text) => return Reaction::refuse("invalid_request", text),
        };
        let lookup = Lookup::ClientMetadata { url: request.client_id.to_owned() };
        let document = match event.findings.find(&lookup) {
            None => return Reaction::Need(lookup),
            Some(Finding::Document(document)) => document,
            Some(_) => return Reaction::refuse("invalid_request", "Client Metadata fetch failed"),
        };
        let claimed = document::Claimed { client_id: request.client_id, host: &host, redirect_uri };
        match self.check_document(document, &claimed) {
            Ok(()) => Reaction::Change(Effect::ClientMetadata(Box::new(document.clone()))),
            Err(text) => Reaction::refuse("invalid_request", text),
        }
    }
}

impl ClientIdMetadataDocument {
    /// The permitted domains that cover a host.
    fn domains_of(&self, host: &str) -> impl Iterator<Item = &str> {
        let covers = move |domain: &&String| match domain.strip_prefix("*.") {
            None => domain.eq_ignore_ascii_case(host),
            Some(parent) => {
                let host = host.to_ascii_lowercase();
                let rest = host.strip_suffix(&parent.to_ascii_lowercase());
                rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            }
        };
        self.cimd_allow_permitted_domains.0.iter().filter(covers).map(String::as_str)
    }

    fn permits(&self, host: &str) -> bool {
        self.domains_of(host).next().is_some()
    }
}
