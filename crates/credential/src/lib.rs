//! What people prove themselves with. Passwords: Keycloak's stored forms read and written, hashed on a
//! bounded pool of threads of its own, and the realm's rules for new ones.

mod hashing;
pub mod password;
pub mod policy;
pub mod pool;

pub use hashing::HashError;
pub use password::{Parameters, Password, StoredPassword, needs_upgrade};
pub use policy::{Rules, RulesError, Violation};
pub use pool::{HashingPool, PoolError, Verdict};
