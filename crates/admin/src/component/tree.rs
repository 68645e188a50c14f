//! Where components stand in a realm's document: by the type of their provider, some below others.

use std::collections::BTreeMap;

use sekisho_core::secrets::HIDDEN;
use sekisho_protocol::keycloak::{
    ComponentExportRepresentation, ComponentRepresentation, RealmRepresentation,
};

use super::key;
use crate::AdminError;

type Components = BTreeMap<String, Vec<ComponentExportRepresentation>>;

/// A component and the type of its provider.
pub(super) struct Located<'a> {
    pub(super) component: &'a ComponentExportRepresentation,
    pub(super) provider_type: &'a str,
}

/// Every component as Admin REST shows it.
pub(super) fn all(realm: &RealmRepresentation) -> Vec<ComponentRepresentation> {
    let mut found = Vec::new();
    let parent = realm.id.clone().unwrap_or_default();
    collect(realm.components.as_ref(), &parent, &mut found);
    found
}

fn collect(components: Option<&Components>, parent: &str, found: &mut Vec<ComponentRepresentation>) {
    for (provider_type, list) in components.into_iter().flatten() {
        for component in list {
            let mut config = component.config.clone().unwrap_or_default();
            if let Some(private) = key::hidden_entry(provider_type, component) {
                config.insert(private.to_owned(), vec![HIDDEN.to_owned()]);
            }
            found.push(ComponentRepresentation {
                id: component.id.clone(),
                name: component.name.clone(),
                provider_id: component.provider_id.clone(),
                provider_type: Some(provider_type.clone()),
                parent_id: Some(parent.to_owned()),
                sub_type: component.sub_type.clone(),
                config: Some(config),
            });
            let parent = component.id.as_deref().unwrap_or_default();
            collect(component.sub_components.as_ref(), parent, found);
        }
    }
}

/// The component with this id.
pub(super) fn find<'a>(realm: &'a RealmRepresentation, id: &str) -> Option<Located<'a>> {
    find_in(realm.components.as_ref()?, id)
}

fn find_in<'a>(components: &'a Components, id: &str) -> Option<Located<'a>> {
    components.iter().find_map(|(provider_type, list)| {
        list.iter().find_map(|component| {
            if component.id.as_deref() == Some(id) {
                return Some(Located { component, provider_type });
            }
            find_in(component.sub_components.as_ref()?, id)
        })
    })
}

/// The list that the component with this id is in, and its place there.
fn list_of<'a>(
    components: &'a mut Components,
    id: &str,
) -> Option<(&'a mut Vec<ComponentExportRepresentation>, usize)> {
    for list in components.values_mut() {
        if let Some(place) = list.iter().position(|component| component.id.as_deref() == Some(id)) {
            return Some((list, place));
        }
        for component in list {
            if let Some(below) = component.sub_components.as_mut().and_then(|below| list_of(below, id)) {
                return Some(below);
            }
        }
    }
    None
}

/// Adds a component to the realm, or below another one of it. What belongs to another realm is no parent here
/// (attack 79).
pub(super) fn put(
    realm: &mut RealmRepresentation,
    parent: Option<&str>,
    provider_type: &str,
    component: ComponentExportRepresentation,
) -> Result<(), AdminError> {
    let of_realm = parent.is_none_or(|parent| realm.id.as_deref() == Some(parent));
    let components = realm.components.get_or_insert_default();
    let siblings = match parent.filter(|_| !of_realm) {
        None => Some(components),
        Some(parent) => list_of(components, parent)
            .and_then(|(list, place)| list.get_mut(place))
            .map(|above| above.sub_components.get_or_insert_default()),
    };
    let absent = || AdminError::Invalid("parentId: neither this realm nor one of its components".to_owned());
    siblings.ok_or_else(absent)?.entry(provider_type.to_owned()).or_default().push(component);
    Ok(())
}

/// Puts a component in the place of the one with its id.
pub(super) fn replace(realm: &mut RealmRepresentation, id: &str, component: ComponentExportRepresentation) {
    let found = realm.components.as_mut().and_then(|components| list_of(components, id));
    if let Some(place) = found.and_then(|(list, place)| list.get_mut(place)) {
        *place = component;
    }
}

/// Takes a component out.
pub(super) fn remove(realm: &mut RealmRepresentation, id: &str) -> Option<ComponentExportRepresentation> {
    let (list, place) = list_of(realm.components.as_mut()?, id)?;
    Some(list.remove(place))
}
