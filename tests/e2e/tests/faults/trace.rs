//! Reads what strace wrote: which answers left after which writes had reached the disk.

use std::collections::HashMap;

/// An answer that went out, and what had become by then of what was written since the answer before.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Sent {
    /// Of the status line: `200`.
    pub(crate) status: String,
    pub(crate) log: Log,
}

/// The state of SQLite's write-ahead log.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Log {
    Untouched,
    Synced,
    /// Written, but not synced, or not with success, or not in time.
    Unsynced,
}

/// One system call. Times are lines of the trace.
struct Call<'a> {
    name: &'a str,
    /// What the file descriptor stands for.
    file: &'a str,
    text: &'a str,
    began: usize,
    /// `None` when it never came back.
    ended: Option<usize>,
    succeeded: bool,
}

/// The answers in a trace of `strace -f -yy`, in the order in which they left.
pub(crate) fn answers(trace: &str) -> Vec<Sent> {
    let calls = calls(trace);
    let mut since = 0;
    let mut answers = Vec::new();
    for call in &calls {
        let Some(status) = call.status() else { continue };
        answers.push(Sent { status: status.to_owned(), log: log(&calls, since, call.began) });
        since = call.began;
    }
    answers
}

/// Whether the last write to the log between these lines was synced between them.
fn log(calls: &[Call<'_>], since: usize, until: usize) -> Log {
    let between = || {
        calls.iter().filter(|call| call.file.ends_with("-wal") && call.began > since && call.began < until)
    };
    let Some(write) = between().rfind(|call| call.name == "pwrite64") else { return Log::Untouched };
    let follows = |call: &&Call<'_>| write.ended.is_some_and(|written| call.began > written);
    let in_time = |call: &Call<'_>| call.ended.is_some_and(|ended| ended < until);
    let mut syncs = between().filter(|call| matches!(call.name, "fdatasync" | "fsync")).filter(follows);
    if syncs.any(|sync| sync.succeeded && in_time(sync)) { Log::Synced } else { Log::Unsynced }
}

/// The calls in the order in which they began. One that another thread interrupts stands on two lines.
fn calls(trace: &str) -> Vec<Call<'_>> {
    let mut calls: Vec<Call<'_>> = Vec::new();
    let mut open: HashMap<&str, usize> = HashMap::new();
    for (line, text) in trace.lines().enumerate() {
        let Some((thread, text)) = text.split_once(' ') else { continue };
        let text = text.trim_start();
        if text.starts_with("<... ") {
            let resumed = open.remove(thread).and_then(|place| calls.get_mut(place));
            if let Some(call) = resumed {
                (call.ended, call.succeeded) = (Some(line), succeeded(text));
            }
        } else if let Some((name, rest)) = text.split_once('(') {
            let unfinished = text.ends_with("<unfinished ...>");
            if unfinished {
                open.insert(thread, calls.len());
            }
            let ended = (!unfinished).then_some(line);
            calls.push(Call { name, file: file(rest), text, began: line, ended, succeeded: succeeded(text) });
        }
    }
    calls
}

/// `13</x/sekisho.db-wal>, …`: what stands behind the number.
fn file(arguments: &str) -> &str {
    let inside = arguments.split_once('<').map_or("", |(_, rest)| rest);
    // An address of a connection has an arrow in it.
    let end = inside.find(">,").or_else(|| inside.find(">)")).or_else(|| inside.find("> "));
    end.and_then(|end| inside.get(..end)).unwrap_or_default()
}

fn succeeded(text: &str) -> bool {
    text.rsplit_once(" = ").is_some_and(|(_, result)| !result.starts_with('-') && !result.starts_with('?'))
}

impl Call<'_> {
    /// The status, where the call starts an answer.
    fn status(&self) -> Option<&str> {
        let (_, answer) = self.file.starts_with("TCP").then(|| self.text.split_once("\"HTTP/1.1 "))??;
        answer.split(' ').next()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WRITE: &str = "8 pwrite64(13</d/sekisho.db-wal>, \"\\0\\r\"..., 4096, 24) = 4096";
    const SYNC: &str = "8 fdatasync(13</d/sekisho.db-wal>)  = 0";
    const ANSWER: &str =
        "9 writev(24<TCP:[127.0.0.1:1->127.0.0.1:2]>, [{iov_base=\"HTTP/1.1 200 OK\\r\\n\"...";

    fn told(lines: &[&str]) -> Vec<Log> {
        let answers = answers(&lines.join("\n"));
        assert!(answers.iter().all(|answer| answer.status == "200"), "{answers:?}");
        answers.into_iter().map(|answer| answer.log).collect()
    }

    #[test]
    fn an_answer_is_judged_by_what_went_before() {
        let began = "8 fsync(13</d/sekisho.db-wal> <unfinished ...>";
        let ended = "8 <... fsync resumed>)  = 0";
        let failed = "8 fdatasync(13</d/sekisho.db-wal>)  = -1 EIO (Input/output error)";
        let elsewhere = "8 fdatasync(12</d/sekisho.db>)  = 0";
        let log = "9 write(2</d/log>, \"HTTP/1.1 200 OK\"..., 9) = 9";
        for (lines, expected) in [
            (vec![WRITE, SYNC, ANSWER], vec![Log::Synced]),
            (vec![WRITE, began, ended, ANSWER], vec![Log::Synced]),
            (vec![WRITE, WRITE, SYNC, log, ANSWER, ANSWER], vec![Log::Synced, Log::Untouched]),
            (vec![WRITE, began, ANSWER, ended], vec![Log::Unsynced]),
            (vec![WRITE, ANSWER, SYNC], vec![Log::Unsynced]),
            (vec![SYNC, WRITE, ANSWER], vec![Log::Unsynced]),
            (vec![WRITE, SYNC, WRITE, ANSWER], vec![Log::Unsynced]),
            (vec![WRITE, failed, ANSWER], vec![Log::Unsynced]),
            (vec![WRITE, elsewhere, ANSWER], vec![Log::Unsynced]),
            (vec![WRITE, ANSWER, WRITE, SYNC, ANSWER], vec![Log::Unsynced, Log::Synced]),
            (vec![log, SYNC], vec![]),
        ] {
            // The first line is no time of its own: everything began after the start.
            let lines = [vec!["8 +++ started +++"], lines].concat();
            assert_eq!(told(&lines), expected, "{lines:?}");
        }
    }
}
