//! Consent: per user, client, resource and scope (DESIGN §5.15).

use sekisho_protocol::{Scopes, Timestamp};
use uuid::Uuid;

use crate::authorize::AuthorizationRequest;
use crate::scope::{ClientScope, GrantedScopes};
use crate::work::{ConsentRecord, Guard, Work, Write};
use crate::{Client, Realm};

/// A choice on the consent page.
#[derive(Clone, Debug)]
pub struct Choice<'a> {
    pub scope: &'a ClientScope,
    /// A default scope comes with the client; an optional one has a box.
    pub optional: bool,
}

/// What the user would have to agree to, in the order of the page.
pub fn choices<'a>(realm: &'a Realm, client: &Client, request: &'a AuthorizationRequest) -> Vec<Choice<'a>> {
    let mut choices: Vec<Choice<'a>> = request
        .scopes
        .client_scopes(realm)
        .filter(|scope| scope.on_consent_screen)
        .map(|scope| Choice { scope, optional: !client.default_scopes.contains(&scope.name) })
        .collect();
    choices.sort_by(|left, right| {
        (left.scope.gui_order, &left.scope.name).cmp(&(right.scope.gui_order, &right.scope.name))
    });
    choices
}

/// Whether the page must be shown: something is asked for that was not agreed to for each resource, or
/// the request wants to ask again.
pub fn is_due(
    realm: &Realm,
    client: &Client,
    request: &AuthorizationRequest,
    agreed: &[ConsentRecord],
) -> bool {
    if !client.consent_required {
        return false;
    }
    let asked: Scopes =
        choices(realm, client, request).iter().map(|choice| choice.scope.name.as_str()).collect();
    let covered = |resource: &str| {
        agreed.iter().any(|consent| consent.resource == resource && asked.is_subset(&consent.scopes))
    };
    request.prompt.consent || !resources_of(request).iter().all(|resource| covered(resource))
}

/// The scopes that a grant gets of those agreed to: every default one, and the optional ones ticked.
/// A box that the page did not show cannot be ticked (attack 20).
pub fn narrow(
    realm: &Realm,
    client: &Client,
    request: &AuthorizationRequest,
    ticked: &[&str],
) -> GrantedScopes {
    let choices = choices(realm, client, request);
    let refused = |name: &str| {
        choices.iter().any(|choice| choice.optional && choice.scope.name == name && !ticked.contains(&name))
    };
    GrantedScopes { names: request.scopes.names.filter(|name| !refused(name)), openid: request.scopes.openid }
}

/// What the user agreed to just now, a record for each resource. It takes the place of what was agreed
/// to before for the same resource.
pub fn records(
    realm: &Realm,
    client: &Client,
    user: Uuid,
    request: &AuthorizationRequest,
    granted: &GrantedScopes,
    now: Timestamp,
) -> Vec<ConsentRecord> {
    let shown = choices(realm, client, request);
    let scopes: Scopes = shown
        .iter()
        .map(|choice| choice.scope.name.as_str())
        .filter(|name| granted.names.contains(name))
        .collect();
    let record = |resource: &str| ConsentRecord {
        realm: realm.id,
        user,
        client: client.id,
        resource: resource.to_owned(),
        scopes: scopes.clone(),
        at: now,
    };
    resources_of(request).into_iter().map(record).collect()
}

/// The work that remembers it: the user is still there, then the records.
pub fn remember(records: Vec<ConsentRecord>, user: Uuid, work: Uuid) -> Work {
    let start = Work::new(work).guard(Guard::TouchUser { user });
    records.into_iter().fold(start, |work, record| work.write(Write::SaveConsent(record)))
}

/// The resources asked for; without one, the empty name stands for "no resource".
fn resources_of(request: &AuthorizationRequest) -> Vec<&str> {
    if request.resources.is_empty() {
        vec![""]
    } else {
        request.resources.iter().map(String::as_str).collect()
    }
}
