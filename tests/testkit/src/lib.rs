//! What tests of several rooms share: contracts, clocks, builders, actors. Dev-dependencies only.

pub mod builders;
pub mod clock;
pub mod engine_contract;
pub mod entropy;
pub mod log;
pub mod store_contract;

pub use clock::ManualClock;
pub use entropy::SeededEntropy;
