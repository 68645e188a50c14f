//! What is remembered: schema and migrations, the SQL of every read and write, realm snapshots and
//! caches. Knows SQL; knows no driver: an [`engine::Engine`] runs what is written here.

pub mod engine;
