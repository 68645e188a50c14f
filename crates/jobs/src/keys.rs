//! Lets keys sign that were shown long enough (DESIGN §5.10).

use crate::Jobs;

impl Jobs {
    /// Looks at the keys of every realm once.
    pub async fn advance_keys(&self) {
        let names = match self.store.realm_names().await {
            Ok(names) => names,
            Err(error) => return tracing::warn!(error.cause = %error, "realms could not be listed"),
        };
        for name in names {
            match self.store.advance_keys(&name, self.fresh_id()).await {
                Ok(0) => {}
                Ok(_) => tracing::info!(realm.name = %name, "a key that was shown long enough signs now"),
                Err(error) => {
                    tracing::warn!(realm.name = %name, error.cause = %error, "keys could not be advanced");
                }
            }
        }
    }
}
