//! The health gate: what the page may know about the worker, and what happens next. Pure: no clock, no threads.
//!
//! ```text
//! starting --healthy--> ready
//!     |                   |
//!   broke               broke
//!     v                   v
//!   failed <--broke-- restarting --healthy--> ready
//!     +----retry, or the delay is over---> restarting
//! ```
//!
//! Each worker has a generation number. News of an older generation is dropped: the exit of a worker that was already
//! replaced reaches us late, and must not fail its successor.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::methods::Health;

/// The delays before automatic restarts. The first is long enough to read that something happened.
const RESTART_DELAYS: [Duration; 3] = [Duration::from_secs(2), Duration::from_secs(5), Duration::from_secs(10)];

/// The restarts of this long ago no longer count: a worker that lived for a minute did not die of its start.
const RESTART_WINDOW: Duration = Duration::from_secs(60);

/// Why there is no worker. Names are stable; the page has a sentence for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// No interpreter where it should be: the installation is damaged.
    PythonNotFound,
    /// The system refused to start it.
    SpawnFailed,
    /// It ended before it answered `health`.
    ExitedEarly,
    /// It did not answer `health` in time.
    HealthTimeout,
    /// It answered, but is not the worker that this parent was made for.
    Incompatible,
    /// It ended, or its output did, after it had been ready.
    Died,
}

impl Reason {
    /// Whether the same start may go better next time without anybody doing anything.
    fn may_pass(self) -> bool {
        !matches!(self, Reason::PythonNotFound | Reason::Incompatible)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failure {
    pub reason: Reason,
    pub detail: String,
    pub stderr_tail: String,
}

/// What the page is told. `phase` is the member it switches on.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "phase", rename_all = "snake_case")]
pub enum State {
    Starting {
        generation: u64,
    },
    Ready {
        generation: u64,
        health: Health,
    },
    Failed {
        generation: u64,
        #[serde(flatten)]
        failure: Failure,
        /// Milliseconds until a restart that needs nobody; absent when only a person's Retry helps.
        retry_in_ms: Option<u64>,
    },
    Restarting {
        generation: u64,
    },
    /// Shutdown began. Nothing is started any more.
    Stopped,
}

/// What happened.
#[derive(Debug)]
pub enum Event {
    Healthy(u64, Health),
    Broke(u64, Failure),
    /// A person asked for another try.
    Retry,
    /// The delay that followed this generation's failure is over.
    DelayOver(u64),
    Stop,
}

/// What to do about it.
#[derive(Debug, PartialEq, Eq)]
pub enum Action {
    Nothing,
    /// Start the worker of this generation.
    Launch(u64),
    /// Come back with [`Event::DelayOver`] of this generation.
    Wait(u64, Duration),
    /// End the worker and start none.
    End,
}

pub struct HealthGate {
    state: State,
    restarts: VecDeque<Instant>,
}

impl HealthGate {
    pub const FIRST_GENERATION: u64 = 1;

    pub fn new() -> Self {
        HealthGate { state: State::Starting { generation: Self::FIRST_GENERATION }, restarts: VecDeque::new() }
    }

    pub fn state(&self) -> &State {
        &self.state
    }

    pub fn on(&mut self, event: Event, now: Instant) -> Action {
        match (&self.state, event) {
            (State::Stopped, _) => Action::Nothing,
            (_, Event::Stop) => {
                self.state = State::Stopped;
                Action::End
            }
            (State::Starting { generation } | State::Restarting { generation }, Event::Healthy(of, health))
                if *generation == of =>
            {
                self.state = State::Ready { generation: of, health };
                Action::Nothing
            }
            (
                State::Starting { generation } | State::Restarting { generation } | State::Ready { generation, .. },
                Event::Broke(of, failure),
            ) if *generation == of => self.fail(of, failure, now),
            (State::Failed { generation, .. }, Event::Retry) => {
                let generation = *generation;
                self.restart(generation, now)
            }
            (State::Failed { generation, retry_in_ms: Some(_), .. }, Event::DelayOver(of)) if *generation == of => {
                self.restart(of, now)
            }
            // Old news, or a Retry while one is under way.
            _ => Action::Nothing,
        }
    }

    fn fail(&mut self, generation: u64, failure: Failure, now: Instant) -> Action {
        while self.restarts.front().is_some_and(|then| now.duration_since(*then) >= RESTART_WINDOW) {
            self.restarts.pop_front();
        }
        let delay = RESTART_DELAYS.get(self.restarts.len()).copied().filter(|_| failure.reason.may_pass());
        let retry_in_ms = delay.map(|delay| u64::try_from(delay.as_millis()).unwrap_or(u64::MAX));
        self.state = State::Failed { generation, failure, retry_in_ms };
        delay.map_or(Action::Nothing, |delay| Action::Wait(generation, delay))
    }

    /// A person's Retry counts too, but is never refused: it is the person who sees whether it helps.
    fn restart(&mut self, failed: u64, now: Instant) -> Action {
        self.restarts.push_back(now);
        let generation = failed + 1;
        self.state = State::Restarting { generation };
        Action::Launch(generation)
    }
}

impl Default for HealthGate {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn healthy() -> Health {
        Health { status: "ok".to_owned(), version: "py-worker-1.0.0".to_owned(), uptime_ms: 3 }
    }

    fn failure(reason: Reason) -> Failure {
        Failure { reason, detail: String::new(), stderr_tail: "Traceback".to_owned() }
    }

    #[test]
    fn a_healthy_worker_opens_the_gate() {
        let mut gate = HealthGate::new();
        assert_eq!(gate.on(Event::Healthy(1, healthy()), Instant::now()), Action::Nothing);
        assert_eq!(gate.state(), &State::Ready { generation: 1, health: healthy() });
    }

    #[test]
    fn three_restarts_a_minute_with_growing_delay_and_then_only_a_person_helps() {
        let (mut gate, mut now) = (HealthGate::new(), Instant::now());
        for (generation, delay) in (1..).zip(RESTART_DELAYS) {
            assert_eq!(gate.on(Event::Broke(generation, failure(Reason::Died)), now), Action::Wait(generation, delay));
            now += delay;
            assert_eq!(gate.on(Event::DelayOver(generation), now), Action::Launch(generation + 1));
            gate.on(Event::Healthy(generation + 1, healthy()), now);
        }
        assert_eq!(gate.on(Event::Broke(4, failure(Reason::Died)), now), Action::Nothing);
        assert!(matches!(gate.state(), State::Failed { generation: 4, retry_in_ms: None, .. }));
        assert_eq!(gate.on(Event::DelayOver(4), now), Action::Nothing);
        assert_eq!(gate.on(Event::Retry, now), Action::Launch(5));
    }

    #[test]
    fn restarts_of_more_than_a_minute_ago_are_forgotten() {
        let (mut gate, mut now) = (HealthGate::new(), Instant::now());
        for generation in 1..20 {
            assert!(matches!(gate.on(Event::Broke(generation, failure(Reason::Died)), now), Action::Wait(_, _)));
            assert_eq!(gate.on(Event::DelayOver(generation), now), Action::Launch(generation + 1));
            gate.on(Event::Healthy(generation + 1, healthy()), now);
            now += RESTART_WINDOW / 2;
        }
    }

    #[test]
    fn what_no_restart_can_cure_is_not_restarted() {
        for reason in [Reason::PythonNotFound, Reason::Incompatible] {
            let mut gate = HealthGate::new();
            assert_eq!(gate.on(Event::Broke(1, failure(reason)), Instant::now()), Action::Nothing);
            assert_eq!(gate.on(Event::Retry, Instant::now()), Action::Launch(2));
        }
    }

    #[test]
    fn news_of_an_older_generation_changes_nothing() {
        let (mut gate, now) = (HealthGate::new(), Instant::now());
        gate.on(Event::Broke(1, failure(Reason::ExitedEarly)), now);
        gate.on(Event::Retry, now);
        for late in
            [Event::Broke(1, failure(Reason::Died)), Event::Healthy(1, healthy()), Event::DelayOver(1), Event::Retry]
        {
            assert_eq!(gate.on(late, now), Action::Nothing);
            assert_eq!(gate.state(), &State::Restarting { generation: 2 });
        }
    }

    #[test]
    fn after_stop_nothing_starts_again() {
        let (mut gate, now) = (HealthGate::new(), Instant::now());
        gate.on(Event::Broke(1, failure(Reason::Died)), now);
        assert_eq!(gate.on(Event::Stop, now), Action::End);
        for late in [Event::DelayOver(1), Event::Retry, Event::Healthy(1, healthy()), Event::Stop] {
            assert_eq!(gate.on(late, now), Action::Nothing);
            assert_eq!(gate.state(), &State::Stopped);
        }
    }

    #[test]
    fn the_page_sees_one_flat_object_with_its_phase() {
        let mut gate = HealthGate::new();
        gate.on(Event::Broke(1, failure(Reason::HealthTimeout)), Instant::now());
        assert_eq!(
            serde_json::to_value(gate.state()).unwrap(),
            serde_json::json!({
                "phase": "failed", "generation": 1, "reason": "health_timeout", "detail": "",
                "stderr_tail": "Traceback", "retry_in_ms": 2000,
            })
        );
    }
}
