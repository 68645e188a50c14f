//! Keycloak's representations (`realm.json`, Admin REST).
