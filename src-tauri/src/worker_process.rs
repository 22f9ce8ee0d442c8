//! One worker process from spawn to reaping. Knows nothing of what is said over its pipes.
//!
//! Three threads belong to it: one drains stderr, one waits for the exit, and the client adds its own for stdin and
//! stdout. Whoever reads one of the two output pipes never writes to stdin: a parent that stops reading while it
//! writes, talking to a worker that does the same, is the classic deadlock of two pipes.

use std::io;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::kill::{self, Exit, Leash};
use crate::stderr_tail::StderrTail;

/// How long the worker may take to leave after its stdin ended. It promises 2 s; the rest is for a slow machine.
const STDIN_GRACE: Duration = Duration::from_millis(2300);
/// How long after being asked by the system before it is forced. A worker that ignored EOF rarely heeds this.
const TERMINATE_GRACE: Duration = Duration::from_millis(300);
/// A killed process is gone at once, unless the kernel itself holds it.
const KILL_GRACE: Duration = Duration::from_millis(300);
/// How long the last bytes of stderr may take after the exit. They are in the pipe already; only a process that the
/// worker left behind could hold the pipe open longer.
const STDERR_GRACE: Duration = Duration::from_millis(200);

/// What is left of a worker.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Death {
    pub exit: Exit,
    pub stderr_tail: String,
}

/// Shared by everybody who may have to end or mourn the worker.
pub struct WorkerProcess {
    id: u32,
    tail: StderrTail,
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    child: Child,
    /// Absent where the platform refused it (a nested job on an old Windows); then only the child itself is killed.
    leash: Option<Leash>,
    exit: Option<Exit>,
    stderr_ended: bool,
}

/// The ends of the pipes that the client takes.
pub struct Pipes {
    pub stdin: ChildStdin,
    pub stdout: ChildStdout,
}

impl WorkerProcess {
    /// Start `command` with piped streams.
    ///
    /// Errors: the system's, when there is no such program or it may not be run.
    pub fn spawn(mut command: Command) -> io::Result<(Arc<Self>, Pipes)> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        kill::prepare(&mut command);
        let mut child = command.spawn()?;
        let leash = Leash::attach(&child).ok();
        let (Some(stdin), Some(stdout), Some(stderr)) = (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(io::Error::new(io::ErrorKind::BrokenPipe, "the worker was started without its pipes"));
        };
        let worker = Arc::new(WorkerProcess {
            id: child.id(),
            tail: StderrTail::default(),
            state: Mutex::new(State { child, leash, exit: None, stderr_ended: false }),
            changed: Condvar::new(),
        });
        let drained = Arc::clone(&worker);
        named("worker-stderr", move || {
            drained.tail.drain(stderr);
            drained.change(|state| state.stderr_ended = true);
        })?;
        let watched = Arc::clone(&worker);
        named("worker-exit", move || watched.reap())?;
        Ok((worker, Pipes { stdin, stdout }))
    }

    pub fn id(&self) -> u32 {
        self.id
    }

    pub fn stderr_tail(&self) -> String {
        self.tail.text()
    }

    /// End it: wait for it to leave by itself, its stdin having been closed by the caller, then ask, then force.
    /// Bounded by the sum of the three graces, which is under 3 s. Idempotent.
    pub fn end(&self) -> Death {
        if !self.wait(STDIN_GRACE) {
            self.with_leash(Leash::terminate);
            if !self.wait(TERMINATE_GRACE) {
                self.kill();
                self.wait(KILL_GRACE);
            }
        }
        self.death()
    }

    /// Force it, now. For a worker that can no longer be talked to.
    pub fn kill(&self) {
        let mut state = self.lock();
        if state.exit.is_none() {
            if let Some(leash) = &state.leash {
                leash.kill();
            }
            // Already gone is the only failure, and what is wanted.
            let _ = state.child.kill();
        }
    }

    /// Whether it has exited, waiting at most `limit` for it.
    pub fn wait(&self, limit: Duration) -> bool {
        self.wait_for(limit, |state| state.exit.is_some())
    }

    /// Block until it has exited, however long that takes. For the thread that watches it.
    pub fn wait_forever(&self) {
        let state = self.lock();
        drop(self.changed.wait_while(state, |state| state.exit.is_none()).unwrap_or_else(PoisonError::into_inner));
    }

    /// How it ended and what it said last. `exit` is empty while it still runs.
    pub fn death(&self) -> Death {
        self.wait_for(STDERR_GRACE, |state| state.stderr_ended);
        Death { exit: self.lock().exit.unwrap_or_default(), stderr_tail: self.tail.text() }
    }

    fn reap(&self) {
        kill::wait_until_exit(self.id);
        self.change(|state| {
            // It has exited, so this returns at once. Under the lock: nobody signals a number that is given back.
            let exit = state.child.wait().map(kill::exit_of).unwrap_or_default();
            state.exit = Some(exit);
        });
    }

    fn with_leash(&self, act: impl FnOnce(&Leash)) {
        let state = self.lock();
        if let (None, Some(leash)) = (state.exit, &state.leash) {
            act(leash);
        }
    }

    fn change(&self, act: impl FnOnce(&mut State)) {
        act(&mut self.lock());
        self.changed.notify_all();
    }

    fn wait_for(&self, limit: Duration, reached: impl Fn(&State) -> bool) -> bool {
        let until = Instant::now() + limit;
        let mut state = self.lock();
        while !reached(&state) {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }

    /// A panic elsewhere must not keep the worker from being ended, so a poisoned lock is taken all the same.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) fn named(name: &str, run: impl FnOnce() + Send + 'static) -> io::Result<()> {
    thread::Builder::new().name(name.to_owned()).spawn(run).map(drop)
}
