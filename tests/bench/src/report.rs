//! The report: as JSON for programs, as a Markdown table for people.

use std::fmt::Write as _;

use serde::Serialize;

use crate::goal::Goal;
use crate::guard::GuardFigures;
use crate::load::{Figures, Run};
use crate::machine::Machine;
use crate::start::StartFigures;

/// Everything that was measured.
#[derive(Serialize)]
pub(crate) struct Report {
    pub(crate) machine: Machine,
    /// The load average after the last row.
    pub(crate) load_after: String,
    pub(crate) seconds: f64,
    pub(crate) rows: Vec<Line>,
    pub(crate) guard: Option<GuardFigures>,
    pub(crate) start: Compared<StartFigures>,
    /// Milliseconds to the first answer on an empty folder: database, keys and import.
    pub(crate) first_start: f64,
}

#[derive(Serialize)]
pub(crate) struct Line {
    pub(crate) name: &'static str,
    pub(crate) goal: Goal,
    pub(crate) figures: Compared<Figures>,
}

/// Our figures, and the peer's where it was measured.
#[derive(Serialize)]
pub(crate) struct Compared<T> {
    pub(crate) ours: T,
    pub(crate) peer: Option<T>,
}

impl Report {
    /// Tables for `docs/performance.md`.
    pub(crate) fn markdown(&self) -> String {
        let mut text = String::new();
        self.write(&mut text).map_or_else(|_| String::new(), |()| text)
    }

    fn write(&self, text: &mut String) -> std::fmt::Result {
        let Machine { processor, cores, kernel, load, fdatasync } = &self.machine;
        writeln!(
            text,
            "{cores} × {processor}; Linux {kernel}; fdatasync {fdatasync:.0} µs; load {load} before, {} after; {} s a run\n",
            self.load_after, self.seconds
        )?;
        writeln!(
            text,
            "| what | goal CPU µs | CPU µs | goal /s | /s, 16 connections | /s, one | p50 / p99 µs at half rate | RSS MB | oidc-provider CPU µs | its /s | CPU ratio |"
        )?;
        writeln!(text, "| --- | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |")?;
        for line in &self.rows {
            line.write(text)?;
        }
        text.push('\n');
        writeln!(text, "| what | goal | Sekisho | oidc-provider |")?;
        writeln!(text, "| --- | --: | --: | --: |")?;
        if let Some(guard) = &self.guard {
            writeln!(text, "| guard, token verified before | < 5 µs | {:.1} µs | |", guard.verified_before)?;
            writeln!(
                text,
                "| guard, token seen for the first time | < 100 µs | {:.0} µs | |",
                guard.first_time
            )?;
        }
        let start = &self.start;
        let peer = |of: fn(&StartFigures) -> String| start.peer.as_ref().map(of).unwrap_or_default();
        let median: fn(&StartFigures) -> String = |start| format!("{:.0} ms", start.median);
        let idle: fn(&StartFigures) -> String = |start| format!("{} MB", megabytes(start.idle.rss));
        let share: fn(&StartFigures) -> String = |start| format!("{} MB", megabytes(start.idle.pss));
        writeln!(
            text,
            "| start to first answer, median of {} | < 50 ms | {} | {} |",
            start.ours.starts,
            median(&start.ours),
            peer(median)
        )?;
        writeln!(text, "| first start: database, keys, import | | {:.0} ms | |", self.first_start)?;
        writeln!(text, "| idle memory, RSS | < 40 MB | {} | {} |", idle(&start.ours), peer(idle))?;
        writeln!(text, "| idle memory, PSS | | {} | {} |", share(&start.ours), peer(share))
    }
}

impl Line {
    fn write(&self, text: &mut String) -> std::fmt::Result {
        let Self { name, goal, figures: Compared { ours, peer } } = self;
        let Run { cpu, per_second, .. } = ours.closed;
        let latency = ours.open.latency;
        let theirs = peer.as_ref().map(|peer| peer.closed);
        let number = |value: Option<f64>| value.map(round).unwrap_or_default();
        writeln!(
            text,
            "| {name} | {} | {} | {} | {} | {} | {} / {} | {} | {} | {} | {} |",
            number(goal.cpu),
            round(cpu),
            number(goal.per_second),
            round(per_second),
            round(ours.alone.per_second),
            round(latency.p50),
            round(latency.p99),
            megabytes(ours.memory.rss),
            number(theirs.map(|run| run.cpu)),
            number(theirs.map(|run| run.per_second)),
            theirs.map(|run| format!("{:.1}", run.cpu / cpu)).unwrap_or_default(),
        )
    }
}

/// Whole numbers, in groups of three digits.
fn round(value: f64) -> String {
    let plain = format!("{value:.0}");
    let mut grouped = String::new();
    for (place, digit) in plain.char_indices() {
        if place > 0 && (plain.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

fn megabytes(kib: u64) -> String {
    format!("{}.{}", kib / 1024, kib % 1024 * 10 / 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        for (value, text) in [(0.4, "0"), (999.6, "1,000"), (26_712.0, "26,712"), (1_000_000.0, "1,000,000")]
        {
            assert_eq!(round(value), text);
        }
    }
}
