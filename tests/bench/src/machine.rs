//! The machine, as far as figures depend on it.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use serde::Serialize;

use crate::latency::{Latencies, micros};

/// How often the disk is asked.
const WRITES: usize = 200;

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Machine {
    pub(crate) processor: String,
    pub(crate) cores: usize,
    pub(crate) kernel: String,
    /// Processes that ran or wanted to, over the last minute, before the first row.
    pub(crate) load: String,
    /// The median for `fdatasync` after 4 KiB, in microseconds, where the database is.
    pub(crate) fdatasync: f64,
}

impl Machine {
    pub(crate) fn look(folder: &Path) -> Result<Self> {
        let cpuinfo = fs::read_to_string("/proc/cpuinfo")?;
        let model = cpuinfo.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
        let model = model.map_or("unknown", |(_, model)| model.trim());
        let megahertz = cpuinfo.lines().find_map(|line| line.strip_prefix("cpu MHz")?.split_once(':'));
        let megahertz = megahertz.map_or("?", |(_, number)| number.trim());
        Ok(Self {
            processor: format!("{model}, {megahertz} MHz"),
            cores: cpuinfo.lines().filter(|line| line.starts_with("processor")).count(),
            kernel: fs::read_to_string("/proc/sys/kernel/osrelease")?.trim().to_owned(),
            load: load()?,
            fdatasync: fdatasync(folder)?,
        })
    }
}

/// The first figure of the load average.
pub(crate) fn load() -> Result<String> {
    let average = fs::read_to_string("/proc/loadavg")?;
    Ok(average.split(' ').next().context("no load average")?.to_owned())
}

fn fdatasync(folder: &Path) -> Result<f64> {
    let path = folder.join("fdatasync");
    let mut file = File::create(&path)?;
    let mut durations: Vec<Duration> = Vec::new();
    for _ in 0..WRITES {
        file.write_all(&[1; 4096])?;
        let begun = Instant::now();
        file.sync_data()?;
        durations.push(begun.elapsed());
    }
    fs::remove_file(path)?;
    Ok(micros(Latencies::new(durations).median()))
}
