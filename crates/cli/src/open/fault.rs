//! Says why a database cannot be used, and the way out: whoever reads it stands before a server that is down.

use sekisho_store::StoreError;
use sekisho_store::engine::EngineError;

/// How to come by the right master key.
pub(super) const WAY_TO_KEY: &str = "Nothing was changed. Give the key that it was sealed under with \
    --master-key-file or SEKISHO_MASTER_KEY; without that key its realms cannot be opened.";

/// The error in words, with what to do on a line of its own.
pub(super) fn explain(error: &StoreError) -> anyhow::Error {
    match way_out(error) {
        Some(way) => anyhow::anyhow!("{error}\n{way}"),
        None => anyhow::anyhow!("{error}"),
    }
}

/// The same for a server that was not reached at the start.
pub(super) fn unreachable(error: &EngineError) -> anyhow::Error {
    match error {
        EngineError::Unavailable(why) => anyhow::anyhow!(
            "the database cannot be reached: {why}\nSee that it runs, and that address, user and password are right."
        ),
        other => explain(&StoreError::Engine(other.clone())),
    }
}

fn way_out(error: &StoreError) -> Option<&'static str> {
    match error {
        StoreError::Sealed(_) => Some(WAY_TO_KEY),
        StoreError::Engine(EngineError::Damaged(_)) => Some(
            "Nothing was changed. Put back a copy from before the damage, or name another database with --database.",
        ),
        StoreError::Engine(EngineError::Locked(_)) => {
            Some("Nothing was changed. Stop the process that holds it (fuser names it), then start again.")
        }
        StoreError::Engine(EngineError::NewerSchema { .. }) => Some(
            "Nothing was changed. Start the newer sekisho that made it, or put back the copy from before the update.",
        ),
        StoreError::Engine(EngineError::Unavailable(_)) => {
            Some("See that it can be reached, that this user may write there, and that the disk has room.")
        }
        StoreError::Engine(EngineError::Busy(_) | EngineError::Refused(_)) | StoreError::Unreadable(_) => {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_cannot_start_is_told_the_way_out() {
        for (error, word) in [
            (EngineError::Damaged("x.db: malformed".to_owned()), "a copy"),
            (EngineError::Locked("x.db: locked".to_owned()), "Stop the process"),
            (EngineError::NewerSchema { found: 9, known: 1 }, "newer sekisho"),
            (EngineError::Unavailable("x.db: full".to_owned()), "room"),
        ] {
            let said = explain(&StoreError::Engine(error.clone())).to_string();
            assert!(said.starts_with(&error.to_string()) && said.contains(word), "{said}");
        }
        assert!(explain(&StoreError::Sealed("r".to_owned())).to_string().contains("SEKISHO_MASTER_KEY"));
    }
}
