//! How a worker is held, watched and ended: one module a platform behind one interface.
//!
//! The first way to end the worker is the end of its stdin, and that works everywhere, also when the parent was killed
//! and ran no code of its own. What is here comes after it: ask (SIGTERM), then force (SIGKILL to the group, or the
//! job object).
//!
//! Not used: PR_SET_PDEATHSIG. That signal is tied to the *thread* that spawned the worker, so a worker started from a
//! short-lived pool thread is killed while the parent lives (measured).

#[cfg(unix)]
mod unix;
#[cfg(unix)]
pub use unix::{exit_of, prepare, wait_until_exit, Leash};

#[cfg(windows)]
mod windows;
#[cfg(windows)]
pub use windows::{exit_of, prepare, wait_until_exit, Leash};

/// How a process ended: `code` as the system has it, or the `signal` that killed it (Unix only).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Exit {
    pub code: Option<i32>,
    pub signal: Option<i32>,
}

impl std::fmt::Display for Exit {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.code, self.signal) {
            (Some(code), _) => write!(out, "exit code {code}"),
            (None, Some(signal)) => write!(out, "signal {signal}"),
            (None, None) => write!(out, "no exit code"),
        }
    }
}
