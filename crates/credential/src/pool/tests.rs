//! The pool: verdicts, bounds, and callers that hang up.

use std::task::{Context, Poll, Waker};

use super::*;

const ONE: NonZeroUsize = NonZeroUsize::MIN;

fn cheap() -> Parameters {
    Parameters::argon2id(64, 1, 1).unwrap()
}

fn dearer() -> Parameters {
    Parameters::argon2id(128, 1, 1).unwrap()
}

fn password(typed: &str) -> Password {
    Password::parse(typed.to_owned()).unwrap()
}

fn stored(typed: &str) -> StoredPassword {
    StoredPassword::make(&password(typed), cheap(), [7; 16], &mut Blocks::new()).unwrap()
}

fn poll<T>(future: std::pin::Pin<&mut impl Future<Output = T>>) -> Poll<T> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[tokio::test]
async fn right_password_matches_and_wrong_one_does_not() {
    let pool = HashingPool::new(NonZeroUsize::new(2).unwrap(), NonZeroUsize::new(8).unwrap()).unwrap();
    let made = pool.hash(password("right"), cheap(), [9; 16]).await.unwrap();
    let cases = [
        ("right", Some(made.clone()), cheap(), Verdict::Match { upgrade: false }),
        ("right", Some(made.clone()), dearer(), Verdict::Match { upgrade: true }),
        ("wrong", Some(made.clone()), cheap(), Verdict::Mismatch),
        ("wrong", Some(made), dearer(), Verdict::Mismatch),
        ("right", None, cheap(), Verdict::Mismatch),
        ("", None, cheap(), Verdict::Mismatch),
    ];
    for (typed, stored, parameters, expected) in cases {
        let verdict = pool.verify(password(typed), stored, parameters).await.unwrap();
        assert_eq!(verdict, expected, "{typed} {parameters:?}");
    }
}

#[test]
fn salt_makes_the_hash() {
    let made = |salt| StoredPassword::make(&password("p"), cheap(), salt, &mut Blocks::new()).unwrap();
    assert_eq!(made([1; 16]).secret_data(), made([1; 16]).secret_data());
    assert_ne!(made([1; 16]).secret_data(), made([2; 16]).secret_data());
}

#[test]
fn full_queue_refuses() {
    let pool = HashingPool::unstaffed(ONE);
    let mut first = Box::pin(pool.verify(password("first"), None, cheap()));
    let mut second = Box::pin(pool.verify(password("second"), None, cheap()));
    assert!(poll(first.as_mut()).is_pending());
    assert_eq!(poll(second.as_mut()), Poll::Ready(Err(PoolError::Busy)));
    pool.queue.pop().unwrap()(&mut Blocks::new());
    assert_eq!(poll(first.as_mut()), Poll::Ready(Ok(Verdict::Mismatch)));
    let mut third = Box::pin(pool.verify(password("third"), None, cheap()));
    assert!(poll(third.as_mut()).is_pending());
}

#[test]
fn unknown_user_costs_a_hash_at_the_parameters_of_the_realm() {
    let mut blocks = Blocks::new();
    assert_eq!(judge(&password("any"), None, &dearer(), &mut blocks), Ok(Verdict::Mismatch));
    assert_eq!(blocks.len(), 128);
}

#[test]
fn wrong_password_against_an_old_hash_costs_a_hash_of_the_realm_too() {
    let old = stored("right");
    let cases = [("wrong", dearer(), 128), ("right", dearer(), 64), ("wrong", cheap(), 64)];
    for (typed, parameters, filled) in cases {
        let mut blocks = Blocks::new();
        let _ = judge(&password(typed), Some(&old), &parameters, &mut blocks).unwrap();
        assert_eq!(blocks.len(), filled, "{typed} {parameters:?}");
    }
}

#[test]
fn caller_that_went_away_costs_no_hash() {
    let pool = HashingPool::unstaffed(ONE);
    let mut gone = Box::pin(pool.verify(password("gone"), None, cheap()));
    assert!(poll(gone.as_mut()).is_pending());
    drop(gone);
    let mut blocks = Blocks::new();
    pool.queue.pop().unwrap()(&mut blocks);
    assert_eq!(blocks.len(), 0);
}

#[tokio::test]
async fn failure_is_no_verdict() {
    let pool = HashingPool::new(ONE, ONE).unwrap();
    let failed = pool.run(|_| Err::<Verdict, _>(HashError::OutOfMemory)).await;
    assert_eq!(failed, Err(PoolError::Hash(HashError::OutOfMemory)));
}

#[tokio::test]
async fn panic_loses_its_job_and_not_the_thread() {
    let pool = HashingPool::new(ONE, ONE).unwrap();
    let lost = pool.run::<Verdict>(|_| panic!("on purpose")).await;
    assert_eq!(lost, Err(PoolError::Lost));
    assert_eq!(pool.verify(password("p"), None, cheap()).await, Ok(Verdict::Mismatch));
}

#[test]
fn closed_queue_ends_its_threads() {
    let queue = Arc::new(Queue::new(ONE));
    let thread = thread::spawn({
        let queue = Arc::clone(&queue);
        move || work(&queue)
    });
    queue.close();
    thread.join().unwrap();
}
