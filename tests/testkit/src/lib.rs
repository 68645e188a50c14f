//! What tests of several rooms share: contracts, clocks, builders, actors. Dev-dependencies only.

pub mod engine_contract;
