//! Passwords are hashed on operating-system threads of their own: a hash takes ten milliseconds or more
//! and would otherwise stall every request of a runtime thread. The queue is bounded, so that a flood of
//! logins ends in refusals and not in a server that answers everybody too late.

use std::{
    io,
    num::NonZeroUsize,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread,
};

use tokio::sync::oneshot;

use crate::{
    hashing::{Blocks, HashError},
    password::{Parameters, Password, StoredPassword, needs_upgrade},
};

mod queue;

use queue::Queue;

/// The threads that hash. They end when it is dropped.
pub struct HashingPool {
    queue: Arc<Queue<Job>>,
}

/// What a password turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Verdict {
    /// The right one.
    Match {
        /// The stored hash is not made as the realm wants it: [`HashingPool::hash`] a new one and store it.
        upgrade: bool,
    },
    /// The wrong one, or there is none to be right.
    Mismatch,
}

/// Why there is no answer. Never read it as a mismatch: nothing was compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PoolError {
    /// The queue is full: answer 503 and let the client come back.
    #[error("too many passwords are waiting to be hashed")]
    Busy,
    /// The pool went away, or the job was lost to a panic.
    #[error("the password was not hashed")]
    Lost,
    /// The hash function failed.
    #[error(transparent)]
    Hash(#[from] HashError),
}

impl HashingPool {
    /// Starts `threads` threads in front of which `queue` jobs may wait.
    pub fn new(threads: NonZeroUsize, queue: NonZeroUsize) -> io::Result<Self> {
        let pool = Self::unstaffed(queue);
        for number in 0..threads.get() {
            let queue = Arc::clone(&pool.queue);
            thread::Builder::new().name(format!("hash-{number}")).spawn(move || work(&queue))?;
        }
        Ok(pool)
    }

    /// All cores but one, which is left to those who do not log in.
    pub fn default_threads() -> NonZeroUsize {
        let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        NonZeroUsize::new(cores.saturating_sub(1)).unwrap_or(NonZeroUsize::MIN)
    }

    /// Is this the password? `stored` is `None` for an unknown user or one without a password.
    ///
    /// What it costs must not tell who exists. An unknown user costs one hash at the realm's parameters,
    /// and so does a wrong password where the stored hash has these parameters. Where it has others (an
    /// import nobody has logged in to since), a wrong password costs the old hash *and* one at the
    /// realm's parameters. Two hashes of different kinds cannot be made to cost the same, so such a user
    /// is slower than an unknown one until the first login; never faster, which an old cheap hash alone
    /// would be, and the right password costs the same two, the second in the upgrade.
    pub async fn verify(
        &self,
        password: Password,
        stored: Option<StoredPassword>,
        parameters: Parameters,
    ) -> Result<Verdict, PoolError> {
        self.run(move |blocks| judge(&password, stored.as_ref(), &parameters, blocks)).await
    }

    /// A new hash. `salt` must be fresh and unpredictable.
    pub async fn hash(
        &self,
        password: Password,
        parameters: Parameters,
        salt: [u8; 16],
    ) -> Result<StoredPassword, PoolError> {
        self.run(move |blocks| StoredPassword::make(&password, parameters, salt, blocks)).await
    }

    fn unstaffed(queue: NonZeroUsize) -> Self {
        Self { queue: Arc::new(Queue::new(queue)) }
    }

    /// Whoever no longer waits when the turn comes (the client hung up) gets no hash: in a flood most do
    /// not.
    async fn run<T: Send + 'static>(
        &self,
        compute: impl FnOnce(&mut Blocks) -> Result<T, HashError> + Send + 'static,
    ) -> Result<T, PoolError> {
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(move |blocks| {
            if !reply.is_closed() {
                let _ = reply.send(compute(blocks));
            }
        });
        self.queue.push(job).map_err(|_| PoolError::Busy)?;
        Ok(answer.await.map_err(|_| PoolError::Lost)??)
    }
}

impl Drop for HashingPool {
    fn drop(&mut self) {
        self.queue.close();
    }
}

type Job = Box<dyn FnOnce(&mut Blocks) + Send>;

/// A panic loses its job, not the thread: the pool must not shrink unseen.
fn work(queue: &Queue<Job>) {
    let mut blocks = Blocks::new();
    while let Some(job) = queue.pop() {
        let _ = catch_unwind(AssertUnwindSafe(|| job(&mut blocks)));
    }
}

fn judge(
    password: &Password,
    stored: Option<&StoredPassword>,
    parameters: &Parameters,
    blocks: &mut Blocks,
) -> Result<Verdict, HashError> {
    let Some(stored) = stored else {
        return refuse_slowly(password, *parameters, blocks);
    };
    let upgrade = needs_upgrade(stored, parameters);
    if stored.matches(password, blocks)? {
        Ok(Verdict::Match { upgrade })
    } else if upgrade {
        refuse_slowly(password, *parameters, blocks)
    } else {
        Ok(Verdict::Mismatch)
    }
}

/// See [`HashingPool::verify`]: the hash is made for the time it takes.
fn refuse_slowly(
    password: &Password,
    parameters: Parameters,
    blocks: &mut Blocks,
) -> Result<Verdict, HashError> {
    std::hint::black_box(StoredPassword::make(password, parameters, [0; 16], blocks)?);
    Ok(Verdict::Mismatch)
}

#[cfg(test)]
mod tests;
