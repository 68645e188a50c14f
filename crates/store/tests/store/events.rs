//! Events on their way to the table.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use sekisho_core::event::{EventRecord, EventType};
use sekisho_store::engine::{EngineError, Settled, Unit, Value};
use sekisho_store::{Store, StoreError};
use sekisho_testkit::builders::NOW;
use uuid::Uuid;

use crate::engine::{Scripted, open};

const CAPACITY: u128 = 10_000;

fn event(n: u128, error: Option<&'static str>) -> EventRecord {
    EventRecord {
        id: Uuid::from_u128(n),
        realm: Uuid::nil(),
        at: NOW,
        kind: EventType::Login,
        error,
        cause: None,
        client_id: None,
        user: None,
        session: None,
        ip_address: None,
        details: Vec::new(),
        asked: None,
    }
}

fn push(store: &Store, events: impl Iterator<Item = EventRecord>) {
    events.for_each(|event| store.events.push(event));
}

async fn flush(store: &Store) -> Result<(), StoreError> {
    store.flush_events(Uuid::from_u128(1)).await
}

/// Whether a unit writes the event with this number.
fn writes(unit: &Unit, n: u128) -> bool {
    let id = Value::from(Uuid::from_u128(n));
    unit.writes.iter().any(|write| write.parameters.first() == Some(&id))
}

fn down() -> EngineError {
    EngineError::Unavailable("no answer".to_owned())
}

#[tokio::test]
async fn events_are_written_in_works_that_let_others_in_between() {
    let engine = Scripted::new(|_| Ok(Settled::Won));
    let store = open(&engine).await;
    push(&store, (0..1_201).map(|n| event(n, None)));
    flush(&store).await.unwrap();
    assert_eq!(engine.units(), [500, 500, 201]);
    flush(&store).await.unwrap();
    assert_eq!(engine.units().len(), 3, "nothing is left");
}

#[tokio::test]
async fn events_wait_while_the_database_cannot_write() {
    for outcome in [Err(down()), Err(EngineError::Busy(4)), Ok(Settled::Unknown)] {
        let (is_down, told) = (Arc::new(AtomicBool::new(true)), outcome.clone());
        let down = Arc::clone(&is_down);
        let engine =
            Scripted::new(
                move |_| if down.load(Ordering::Relaxed) { told.clone() } else { Ok(Settled::Won) },
            );
        let store = open(&engine).await;
        push(&store, (0..3).map(|n| event(n, None)));
        assert!(flush(&store).await.is_err_and(|error| error.is_passing()), "{outcome:?}");
        is_down.store(false, Ordering::Relaxed);
        flush(&store).await.unwrap();
        assert_eq!((engine.units(), store.events.dropped()), (vec![3, 3], 0), "{outcome:?}");
    }
}

#[tokio::test]
async fn event_that_is_refused_does_not_keep_the_others_from_the_table() {
    let refused = |unit: &Unit| {
        if writes(unit, 1) { Err(EngineError::Refused("a defect".to_owned())) } else { Ok(Settled::Won) }
    };
    let engine = Scripted::new(refused);
    let store = open(&engine).await;
    push(&store, (0..4).map(|n| event(n, None)));
    assert!(flush(&store).await.is_err());
    assert_eq!((engine.units(), store.events.dropped()), (vec![4, 1, 1, 1, 1], 1));
    flush(&store).await.unwrap();
    assert_eq!(engine.units().len(), 5, "it does not come again");
}

#[tokio::test]
async fn full_buffer_drops_successes_before_refusals() {
    let engine = Scripted::new(|unit| {
        // A success was the first event, and must have gone for a refusal; another one came too late.
        assert!(!writes(unit, 0) && !writes(unit, CAPACITY + 2));
        Ok(Settled::Won)
    });
    let store = open(&engine).await;
    push(&store, std::iter::once(event(0, None)).chain((1..CAPACITY).map(|n| event(n, Some("e")))));
    assert_eq!(store.events.dropped(), 0);
    for (next, dropped) in
        [(event(CAPACITY, Some("e")), 1), (event(CAPACITY + 1, Some("e")), 2), (event(CAPACITY + 2, None), 3)]
    {
        store.events.push(next);
        assert_eq!(store.events.dropped(), dropped);
    }
    flush(&store).await.unwrap();
    assert_eq!(engine.units().iter().sum::<usize>() as u128, CAPACITY);
}

#[tokio::test]
async fn buffer_does_not_grow_while_the_database_is_down() {
    for error in [None, Some("e")] {
        let arriving: Arc<OnceLock<Arc<Store>>> = Arc::default();
        let during = Arc::clone(&arriving);
        let engine = Scripted::new(move |_| {
            push(during.get().unwrap(), (0..600).map(|n| event(n, Some("e"))));
            Err(down())
        });
        let store = Arc::new(open(&engine).await);
        assert!(arriving.set(Arc::clone(&store)).is_ok());
        push(&store, (0..CAPACITY).map(|n| event(n, error)));
        for round in 1..5 {
            assert!(flush(&store).await.is_err());
            // A batch makes room for 500; 100 find none, and the batch comes back to a full buffer.
            assert_eq!(store.events.dropped(), round * 600, "{error:?}");
        }
    }
}
