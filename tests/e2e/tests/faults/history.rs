//! Judges a history of answers that a server gave before and after it was killed. Knows nothing of how the
//! server works, only what it owes: a code is redeemed once, a generation has one successor, and what was
//! acknowledged is still so.

use std::collections::{BTreeMap, BTreeSet};
use std::ptr;

/// Microseconds in which a generation that lost its answer may ask again (DESIGN §5.13).
const GRACE: u64 = 10_000_000;
/// How often it may.
const GRACE_USES: usize = 3;

/// One request and what became of it. Times are microseconds since the history began.
#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    /// What came of one code.
    pub(crate) family: usize,
    /// The session that the code belongs to.
    pub(crate) session: usize,
    pub(crate) act: Act,
    pub(crate) began: u64,
    pub(crate) ended: u64,
    pub(crate) outcome: Outcome,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// Presents the family's code.
    Redeem,
    /// Presents this refresh token.
    Rotate(String),
    /// Revokes the family.
    Revoke,
    /// Ends the session.
    LogOut,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// This refresh token was given.
    Granted(String),
    /// Acknowledged, nothing given.
    Done,
    /// `invalid_grant`.
    Refused,
    /// 503: done or not.
    Unavailable,
    /// Nothing came back: done or not.
    Silence,
    /// An answer that should not be.
    Strange(String),
}

/// What is wrong with the history, a sentence each.
pub(crate) fn check(history: &[Attempt]) -> Vec<String> {
    let families: BTreeSet<usize> = history.iter().map(|attempt| attempt.family).collect();
    let mut wrong: Vec<String> = families.iter().flat_map(|id| Family::of(history, *id).check()).collect();
    wrong.extend(history.iter().filter_map(|attempt| match &attempt.outcome {
        Outcome::Strange(answer) => Some(format!("{:?} was answered with {answer}", attempt.act)),
        _ => None,
    }));
    wrong
}

/// The attempts that concern one code and what came of it.
struct Family<'a> {
    id: usize,
    attempts: Vec<&'a Attempt>,
}

impl<'a> Family<'a> {
    fn of(history: &'a [Attempt], id: usize) -> Self {
        let session = history.iter().find(|attempt| attempt.family == id).map(|attempt| attempt.session);
        let concerns = |attempt: &&Attempt| {
            attempt.family == id || (attempt.act == Act::LogOut && Some(attempt.session) == session)
        };
        Self { id, attempts: history.iter().filter(concerns).collect() }
    }

    fn check(&self) -> Vec<String> {
        let found = [self.code_twice(), self.forks(), self.revived(), self.lost()];
        found.into_iter().flatten().map(|text| format!("family {}: {text}", self.id)).collect()
    }

    fn code_twice(&self) -> Vec<String> {
        let times = self.redemptions().filter(|attempt| attempt.token().is_some()).count();
        if times > 1 { vec![format!("the code was redeemed {times} times")] } else { Vec::new() }
    }

    /// A generation has one successor, and a token comes from one place only.
    fn forks(&self) -> Vec<String> {
        let mut successors: BTreeMap<Option<&str>, BTreeSet<&str>> = BTreeMap::new();
        let mut origins: BTreeMap<&str, BTreeSet<Option<&str>>> = BTreeMap::new();
        for attempt in &self.attempts {
            let Some(token) = attempt.token() else { continue };
            successors.entry(attempt.presented()).or_default().insert(token);
            origins.entry(token).or_default().insert(attempt.presented());
        }
        let forked = successors.values().filter(|several| several.len() > 1);
        let joined = origins.values().filter(|several| several.len() > 1);
        forked
            .map(|several| format!("a generation has {} successors", several.len()))
            .chain(joined.map(|several| format!("a token follows {} others", several.len())))
            .collect()
    }

    /// An acknowledged end stays: a revocation, a logout, and every refusal, since a replay ends the family.
    fn revived(&self) -> Vec<String> {
        let ends = self.attempts.iter().filter(|attempt| attempt.is_end()).map(|attempt| attempt.ended);
        let Some(first) = ends.min() else { return Vec::new() };
        let alive = self.attempts.iter().filter(|attempt| attempt.began > first && attempt.token().is_some());
        alive.map(|attempt| format!("{:?} was granted after the end", attempt.act)).collect()
    }

    /// A refusal must have a reason in what was sent before; without one, something acknowledged was lost.
    fn lost(&self) -> Vec<String> {
        let refused = self.attempts.iter().filter(|attempt| attempt.outcome == Outcome::Refused);
        let lost = refused.filter(|attempt| !self.has_reason(attempt));
        lost.map(|attempt| format!("{:?} was refused without a reason", attempt.act)).collect()
    }

    fn has_reason(&self, refused: &Attempt) -> bool {
        let ended = self.earlier(refused).any(|other| matches!(other.act, Act::Revoke | Act::LogOut));
        let spent = self.redemptions().filter(|other| other.began < refused.ended);
        ended
            || match refused.act {
                Act::Redeem => self.earlier(refused).any(|other| other.act == Act::Redeem),
                // The second redemption was a replay, which ends the family.
                _ => spent.count() > 1 || self.was_replayed(refused.ended),
            }
    }

    /// Whether an old generation may have been presented before this time.
    fn was_replayed(&self, before: u64) -> bool {
        let suspects = self.attempts.iter().filter(|attempt| attempt.began < before);
        suspects.into_iter().any(|attempt| attempt.token().is_none() && self.may_be_replay(attempt))
    }

    /// Whether the generation presented may have been old, past all grace.
    fn may_be_replay(&self, attempt: &Attempt) -> bool {
        let Act::Rotate(presented) = &attempt.act else { return false };
        let same: Vec<_> = self.earlier(attempt).filter(|other| other.act == attempt.act).collect();
        let Some(first) = same.iter().map(|other| other.began).min() else { return false };
        let successor_is_used = self.earlier(attempt).any(|other| self.follows(other, presented));
        successor_is_used || same.len() > GRACE_USES || attempt.ended >= first + GRACE
    }

    /// Whether this attempt presents a successor of the token.
    fn follows(&self, attempt: &Attempt, token: &str) -> bool {
        let Some(presented) = attempt.presented() else { return false };
        let mut answers = self.attempts.iter().filter(|other| other.presented() == Some(token));
        answers.any(|other| other.token() == Some(presented))
    }

    /// Other attempts that began before this one ended and may have been done.
    fn earlier<'s>(&'s self, attempt: &'s Attempt) -> impl Iterator<Item = &'a Attempt> + 's {
        self.attempts.iter().copied().filter(move |other| {
            !ptr::eq(*other, attempt) && other.began < attempt.ended && other.outcome != Outcome::Refused
        })
    }

    fn redemptions(&self) -> impl Iterator<Item = &'a Attempt> + '_ {
        self.attempts.iter().copied().filter(|attempt| attempt.act == Act::Redeem)
    }
}

impl Attempt {
    /// The refresh token that was given.
    pub(crate) fn token(&self) -> Option<&str> {
        match &self.outcome {
            Outcome::Granted(token) => Some(token),
            _ => None,
        }
    }

    /// The refresh token that was presented.
    fn presented(&self) -> Option<&str> {
        match &self.act {
            Act::Rotate(token) => Some(token),
            _ => None,
        }
    }

    fn is_end(&self) -> bool {
        match self.act {
            Act::Revoke | Act::LogOut => self.outcome == Outcome::Done,
            Act::Redeem | Act::Rotate(_) => self.outcome == Outcome::Refused,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads `act began-ended outcome, …`: `rotate:a 2-3 b` presents token `a` and is given `b`. Families
    /// are 1 unless a number stands before the act; all share one session.
    fn history(told: &str) -> Vec<Attempt> {
        told.split(", ").filter_map(attempt).collect()
    }

    fn attempt(told: &str) -> Option<Attempt> {
        let (family, told) = told.split_once('/').unwrap_or(("1", told));
        let [act, time, outcome] = told.split(' ').collect::<Vec<_>>().try_into().ok()?;
        let (began, ended) = time.split_once('-')?;
        Some(Attempt {
            family: family.parse().ok()?,
            session: 1,
            act: match act {
                "redeem" => Act::Redeem,
                "revoke" => Act::Revoke,
                "logout" => Act::LogOut,
                rotate => Act::Rotate(rotate.strip_prefix("rotate:")?.to_owned()),
            },
            began: began.parse().ok()?,
            ended: ended.parse().ok()?,
            outcome: match outcome {
                "done" => Outcome::Done,
                "refused" => Outcome::Refused,
                "unavailable" => Outcome::Unavailable,
                "silence" => Outcome::Silence,
                "500" => Outcome::Strange(outcome.to_owned()),
                token => Outcome::Granted(token.to_owned()),
            },
        })
    }

    #[test]
    fn a_history_is_read_whole() {
        assert_eq!(history("redeem 0-1 a, 2/rotate:a 2-3 refused, logout 4-5 done").len(), 3);
    }

    #[test]
    fn a_sound_history_is_accepted() {
        for told in [
            "redeem 0-1 a, rotate:a 2-3 b, rotate:b 4-5 c",
            "redeem 0-1 a, rotate:a 2-3 b, rotate:a 2-4 b",
            // A race for the code, with and without the winner's answer.
            "redeem 0-1 a, redeem 0-2 refused, rotate:a 3-4 refused",
            "redeem 0-9 silence, redeem 0-2 refused",
            // A rotation that was done in silence: inside the grace, past it, and used too often.
            "redeem 0-1 a, rotate:a 2-9 silence, rotate:a 10-11 b",
            "redeem 0-1 a, rotate:a 2-9 silence, rotate:a 20000000-20000001 refused",
            "redeem 0-1 a, rotate:a 2-3 b, rotate:a 2-3 b, rotate:a 2-3 b, rotate:a 2-3 b, rotate:a 4-5 refused",
            // A replay ends the family.
            "redeem 0-1 a, rotate:a 2-3 b, rotate:b 4-5 c, rotate:a 6-7 refused, rotate:c 8-9 refused",
            "redeem 0-1 a, revoke 2-3 done, rotate:a 4-5 refused",
            "redeem 0-1 a, revoke 2-3 silence, rotate:a 4-5 refused",
            "redeem 0-1 a, revoke 2-3 silence, rotate:a 4-5 b",
            "redeem 0-1 a, revoke 2-5 done, rotate:a 3-6 b",
            "redeem 0-1 a, 2/logout 2-3 done, rotate:a 4-5 refused",
            "redeem 0-1 a, rotate:a 2-3 unavailable, rotate:a 4-5 b",
            // Another family's end.
            "redeem 0-1 a, 2/redeem 0-1 x, 2/revoke 2-3 done, rotate:a 4-5 b",
        ] {
            assert_eq!(check(&history(told)), Vec::<String>::new(), "{told}");
        }
    }

    #[test]
    fn a_broken_promise_is_found() {
        for (told, expected) in [
            ("redeem 0-1 a, redeem 2-3 z", "the code was redeemed 2 times"),
            ("redeem 0-1 a, rotate:a 2-3 b, rotate:a 4-5 c", "a generation has 2 successors"),
            ("redeem 0-1 a, rotate:a 2-3 b, rotate:b 4-5 b", "a token follows 2 others"),
            // What was lost: a code, a grant, a rotation, the grace.
            ("redeem 2-3 refused", "refused without a reason"),
            ("redeem 0-1 a, rotate:a 2-3 refused", "refused without a reason"),
            ("redeem 0-1 a, rotate:a 2-3 b, rotate:b 4-5 refused", "refused without a reason"),
            ("redeem 0-1 a, rotate:a 2-9 silence, rotate:a 10-11 refused", "refused without a reason"),
            // The reason came later, or was another family's.
            ("redeem 0-1 a, rotate:a 2-3 refused, revoke 4-5 done", "refused without a reason"),
            ("redeem 0-1 a, 2/revoke 2-3 done, rotate:a 4-5 refused", "refused without a reason"),
            // An end that was lost: a revocation, a logout, a replay.
            ("redeem 0-1 a, revoke 2-3 done, rotate:a 4-5 b", "was granted after the end"),
            ("redeem 0-1 a, 2/logout 2-3 done, rotate:a 4-5 b", "was granted after the end"),
            ("redeem 0-1 a, redeem 2-3 refused, rotate:a 4-5 b", "was granted after the end"),
            ("redeem 0-1 a, rotate:a 2-3 500", "was answered with 500"),
        ] {
            let wrong = check(&history(told));
            assert!(wrong.iter().any(|text| text.contains(expected)), "{told}: {wrong:?}");
        }
    }
}
