//! An engine that keeps nothing and answers as it is told.

use std::sync::{Arc, Mutex};

use sekisho_core::policy::SecurityProfile;
use sekisho_store::engine::{BoxFuture, Engine, EngineError, Hint, Migration, Row, Settled, Statement, Unit};
use sekisho_store::{MasterKeys, Options, PublicUrls, Store};
use sekisho_testkit::ManualClock;
use uuid::Uuid;

type Answer = dyn Fn(&Unit) -> Result<Settled, EngineError> + Send + Sync;

/// Remembers how many writes each unit had that it was given.
pub(crate) struct Scripted {
    answer: Box<Answer>,
    units: Mutex<Vec<usize>>,
}

impl Scripted {
    pub(crate) fn new(
        answer: impl Fn(&Unit) -> Result<Settled, EngineError> + Send + Sync + 'static,
    ) -> Arc<Self> {
        Arc::new(Self { answer: Box::new(answer), units: Mutex::default() })
    }

    pub(crate) fn units(&self) -> Vec<usize> {
        self.units.lock().unwrap().clone()
    }
}

impl Engine for Scripted {
    fn name(&self) -> &'static str {
        "scripted"
    }

    fn commit(&self, unit: Unit) -> BoxFuture<Result<Settled, EngineError>> {
        self.units.lock().unwrap().push(unit.writes.len());
        let answer = (self.answer)(&unit);
        Box::pin(async { answer })
    }

    fn read(&self, _: Statement) -> BoxFuture<Result<Vec<Row>, EngineError>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn migrate(&self, _: &'static [Migration], _: Uuid) -> BoxFuture<Result<(), EngineError>> {
        Box::pin(async { Ok(()) })
    }

    fn prepare(&self, _: &'static str) -> BoxFuture<Result<(), EngineError>> {
        Box::pin(async { Ok(()) })
    }

    fn changes(&self) -> BoxFuture<Hint> {
        Box::pin(std::future::pending())
    }
}

pub(crate) async fn open(engine: &Arc<Scripted>) -> Store {
    let options = Options {
        master: MasterKeys::new(&[[3; 32]]).unwrap(),
        urls: PublicUrls::new("https://as.example"),
        security: SecurityProfile::None,
        clock: Arc::new(ManualClock::default()),
        node: Uuid::nil(),
    };
    Store::open(engine.clone(), options).await.unwrap()
}
