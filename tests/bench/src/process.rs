//! A server as a process of its own, on a core of its own, and what it costs.

use std::fs::{self, File};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use serde::Serialize;

/// Ticks a second in `/proc`, whatever the kernel's own clock does (`USER_HZ`).
const TICKS: u64 = 100;
/// A server that is not there by then does not come.
const PATIENCE: Duration = Duration::from_mins(1);

/// A running server; killed when dropped.
pub(crate) struct Process {
    child: Child,
}

/// Memory of a process, in KiB.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Memory {
    /// Pages it has in memory, shared ones counted whole.
    pub(crate) rss: u64,
    /// The same, shared ones counted by share.
    pub(crate) pss: u64,
}

impl Process {
    /// Starts `program` on `core`; what it says goes to a file, as it would under a service manager.
    pub(crate) fn start(program: &Path, arguments: &[&str], core: usize, log: &Path) -> Result<Self> {
        let log = File::options().create(true).append(true).open(log)?;
        let child = Command::new("taskset")
            .args(["-c", &core.to_string()])
            .arg(program)
            .args(arguments)
            .env("NODE_ENV", "production")
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("taskset or {} does not start", program.display()))?;
        Ok(Self { child })
    }

    /// Processor time so far, in all threads, user and system.
    pub(crate) fn cpu(&self) -> Result<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let (_, fields) = stat.rsplit_once(')').context("no name in stat")?;
        // proc_pid_stat(5): utime and stime are fields 14 and 15, and two stand before the bracket.
        let ticks =
            fields.split_whitespace().skip(11).take(2).map(str::parse::<u64>).sum::<Result<u64, _>>()?;
        Ok(Duration::from_millis(ticks * 1000 / TICKS))
    }

    pub(crate) fn memory(&self) -> Result<Memory> {
        let rollup = fs::read_to_string(format!("/proc/{}/smaps_rollup", self.child.id()))?;
        let of = |name: &str| {
            let line = rollup.lines().find_map(|line| line.strip_prefix(name));
            let number = line.and_then(|rest| rest.trim().trim_end_matches(" kB").parse().ok());
            number.with_context(|| format!("no {name} in smaps_rollup"))
        };
        Ok(Memory { rss: of("Rss:")?, pss: of("Pss:")? })
    }

    /// Asks the server to end, and waits until it has.
    pub(crate) fn stop(mut self) -> Result<()> {
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status()?;
        ensure!(asked.success(), "the server ended before it was told to");
        let asked = Instant::now();
        while self.child.try_wait()?.is_none() {
            ensure!(asked.elapsed() < PATIENCE, "the server does not end");
            sleep(Duration::from_millis(2));
        }
        Ok(())
    }

    /// Asks again and again until `answers` says yes.
    pub(crate) fn wait_for(&mut self, log: &Path, mut answers: impl FnMut() -> bool) -> Result<()> {
        let started = Instant::now();
        while !answers() {
            if started.elapsed() > PATIENCE || self.child.try_wait()?.is_some() {
                bail!("the server does not answer: {}", fs::read_to_string(log).unwrap_or_default());
            }
            sleep(Duration::from_micros(200));
        }
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It has ended already after `stop`.
        let _killed = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// A port that nobody holds right now.
pub(crate) fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

/// Moves this process to `core`; threads that start later go with it.
pub(crate) fn pin_to(core: usize) -> Result<()> {
    let own = std::process::id().to_string();
    let moved = Command::new("taskset").args(["-cp", &core.to_string(), &own]).stdout(Stdio::null()).status();
    ensure!(moved.context("taskset does not start")?.success(), "core {core} cannot be had");
    Ok(())
}

/// Processor time of this thread so far.
pub(crate) fn own_cpu() -> Result<Duration> {
    let schedstat = fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanos = schedstat.split_whitespace().next().context("schedstat is empty")?.parse()?;
    Ok(Duration::from_nanos(nanos))
}
