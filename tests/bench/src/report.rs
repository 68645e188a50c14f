//! The report: as JSON for programs, as a Markdown table for people.

use std::fmt::Write as _;

use serde::Serialize;

use crate::crowd::CrowdFigures;
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
    /// Length of a run, and how often the runs of a row were repeated.
    pub(crate) seconds: f64,
    pub(crate) rounds: usize,
    pub(crate) rows: Vec<Line>,
    pub(crate) guard: Option<GuardFigures>,
    /// Processor time of one evaluation in a realm with fifty policies, in microseconds.
    pub(crate) policies: f64,
    pub(crate) crowd: Option<CrowdFigures>,
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
            "{cores} × {processor}; Linux {kernel}; fdatasync {fdatasync:.0} µs; load {load} before, {} after; {} s a run, best of {}\n",
            self.load_after, self.seconds, self.rounds
        )?;
        writeln!(
            text,
            "| what | goal CPU µs | CPU µs | goal /s | /s, 16 connections | /s, one | p50 / p99 µs at half rate | RSS MB | oidc-provider CPU µs | its /s | CPU ratio |"
        )?;
        writeln!(text, "| --- | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |")?;
        for line in &self.rows {
            line.write(text)?;
        }
        writeln!(text, "\n| what | goal | Sekisho | oidc-provider |\n| --- | --: | --: | --: |")?;
        for [what, goal, ours, peer] in self.alone().into_iter().flatten().chain(self.start.lines()) {
            writeln!(text, "| {what} | {goal} | {ours} | {peer} |")?;
        }
        writeln!(text, "| first start: database, keys, import | | {:.0} ms | |", self.first_start)
    }

    /// What the peer has nothing of.
    fn alone(&self) -> [Vec<[String; 4]>; 3] {
        let line =
            |what: &str, goal: &str, ours: String| [what.to_owned(), goal.to_owned(), ours, String::new()];
        let guard = self.guard.iter().flat_map(|guard| {
            let first_time = format!("{:.0} µs", guard.first_time);
            let verified_before = format!("{:.1} µs", guard.verified_before);
            [
                line("guard, token verified before", "< 5 µs", verified_before),
                line("guard, token seen for the first time", "< 100 µs", first_time),
            ]
        });
        let crowd = self.crowd.iter().flat_map(|crowd| {
            let p99 = |run: &Run| format!("{} µs", round(run.latency.p99));
            let logins = format!("token p99 during {:.0} logins /s", crowd.logins.per_second);
            [
                line("token p99 at 500 /s, nobody signs in", "", p99(&crowd.quiet)),
                line(&logins, "≤ 2 × that", p99(&crowd.crowded)),
            ]
        });
        let policies =
            line("fifty client policies, one request", "< 2 µs", format!("{:.2} µs", self.policies));
        [guard.collect(), vec![policies], crowd.collect()]
    }
}

impl Compared<StartFigures> {
    fn lines(&self) -> [[String; 4]; 3] {
        let line = |what: String, goal: &str, show: fn(&StartFigures) -> String| {
            let peer = self.peer.as_ref().map(show).unwrap_or_default();
            [what, goal.to_owned(), show(&self.ours), peer]
        };
        let start = format!("start to first answer, median of {}", self.ours.starts);
        [
            line(start, "< 50 ms", |start| format!("{:.0} ms", start.median)),
            line("idle memory, RSS".to_owned(), "< 40 MB", |start| {
                format!("{} MB", megabytes(start.idle.rss))
            }),
            line("idle memory, PSS".to_owned(), "", |start| format!("{} MB", megabytes(start.idle.pss))),
        ]
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
