//! Where the name of a client scope stands beside its row, when it changes or goes.

use sekisho_core::work::{ClientRecord, Guard, Record, Work, Write};
use sekisho_protocol::keycloak::{
    self, ClientRepresentation, ClientScopeRepresentation, RealmRepresentation, ScopeMappingRepresentation,
};
use sekisho_store::ClientFilter;

use super::Scopes;
use crate::AdminError;
use crate::permit::Admin;
use crate::realm::settings;

/// The work with the new name wherever the old one stands; without the scope where there is none. A client that is
/// changed meanwhile makes the work lose.
pub(super) async fn rename(
    admin: &Admin<'_>,
    mut work: Work,
    scopes: &Scopes,
    before: &ClientScopeRepresentation,
    after: Option<&str>,
) -> Result<Work, AdminError> {
    let before = before.name.as_deref().unwrap_or_default();
    let realm = in_realm(scopes.realm.clone(), before, after);
    if realm != scopes.realm {
        let record = settings::record(admin, &scopes.stored.record, &realm)?;
        work = work.write(Write::Replace(Box::new(Record::Realm(record))));
    }
    let clients = admin.context.store.clients_page(admin.realm.id, &ClientFilter::default()).await?;
    for stored in clients {
        let (client, version) = (stored.record.id, stored.version);
        if let Some(record) = in_client(stored.record, before, after)? {
            work = work
                .guard(Guard::ChangeClient { client, version })
                .write(Write::Replace(Box::new(Record::Client(record))));
        }
    }
    Ok(work)
}

/// The client's row with the new name; `None` where the old one does not stand.
fn in_client(
    record: ClientRecord,
    before: &str,
    after: Option<&str>,
) -> Result<Option<ClientRecord>, AdminError> {
    let unwritable = || AdminError::Unwritable("client");
    let mut client: ClientRepresentation =
        keycloak::parse(record.config.as_bytes()).map_err(|_| unwritable())?;
    let lists = [&mut client.default_client_scopes, &mut client.optional_client_scopes];
    if !lists.map(|list| in_list(list, before, after)).contains(&true) {
        return Ok(None);
    }
    let config = serde_json::to_string(&client).map_err(|_| unwritable())?;
    Ok(Some(ClientRecord { config, ..record }))
}

fn in_realm(mut realm: RealmRepresentation, before: &str, after: Option<&str>) -> RealmRepresentation {
    in_list(&mut realm.default_default_client_scopes, before, after);
    in_list(&mut realm.default_optional_client_scopes, before, after);
    if let Some(mappings) = &mut realm.scope_mappings {
        in_mappings(mappings, before, after);
    }
    for mappings in realm.client_scope_mappings.iter_mut().flat_map(|owners| owners.values_mut()) {
        in_mappings(mappings, before, after);
    }
    realm
}

fn in_mappings(mappings: &mut Vec<ScopeMappingRepresentation>, before: &str, after: Option<&str>) {
    mappings.retain_mut(|mapping| {
        if mapping.client_scope.as_deref() != Some(before) {
            return true;
        }
        mapping.client_scope = after.map(str::to_owned);
        after.is_some()
    });
}

/// Whether the old name stood there.
fn in_list(list: &mut Option<Vec<String>>, before: &str, after: Option<&str>) -> bool {
    let Some(place) = list.iter().flatten().position(|name| name == before) else { return false };
    let names = list.get_or_insert_default();
    names.remove(place);
    if let Some(after) = after {
        names.insert(place, after.to_owned());
    }
    true
}
