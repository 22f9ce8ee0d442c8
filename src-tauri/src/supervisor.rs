//! Keeps one worker running: carries out what the health gate decides, one thread, one generation after the other.

use std::io;
use std::process::Command;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::health_gate::{Action, Event, Failure, HealthGate, Reason, State};
use crate::methods::Health;
use crate::py_client::{ClientError, PyWorkerClient};
use crate::python_backend::BackendError;
use crate::worker_process::{named, Pipes, WorkerProcess};

/// A laptop whose virus scanner reads three thousand files at the first start needs many seconds; a worker that needs
/// more than this will not come.
pub const HEALTH_DEADLINE: Duration = Duration::from_secs(30);

/// For the supervisor to be done after Stop: ending the worker takes less than 3 s (see `worker_process`), and the
/// listener must return.
const STOP_DEADLINE: Duration = Duration::from_secs(5);

/// Between the end of the worker's stdout and its exit. A worker that closed its output but lives is of no use.
const EXIT_AFTER_EOF: Duration = Duration::from_millis(500);

/// Between the exit and the end of stdout: answers already in the pipe are still delivered. Only a process that the
/// worker left behind could hold the pipe open longer.
const EOF_AFTER_EXIT: Duration = Duration::from_millis(500);

/// The worker versions that this parent was made for; within a major version methods only gain members.
const WORKER_VERSION: &str = "py-worker-1.";

/// A supervised worker. Dropping it does not end the worker; [`shutdown`](Self::shutdown) does.
pub struct Backend {
    events: Sender<Event>,
    shared: Arc<Shared>,
}

struct Shared {
    view: Mutex<View>,
    changed: Condvar,
}

/// What others may see, kept in step with the gate.
struct View {
    state: State,
    since: Instant,
    worker: Option<(Arc<WorkerProcess>, PyWorkerClient)>,
    stopping: bool,
    done: bool,
}

impl Backend {
    /// `command` is asked for a fresh command at each start, which must lead to a `health` answer within
    /// `health_deadline` (usually [`HEALTH_DEADLINE`]). `on_change` runs on the supervisor's thread.
    pub fn start(
        command: impl Fn() -> Result<Command, BackendError> + Send + 'static,
        health_deadline: Duration,
        on_change: impl Fn(&State) + Send + 'static,
    ) -> io::Result<Arc<Self>> {
        let gate = HealthGate::new();
        let (events, inbox) = mpsc::channel();
        let shared = Arc::new(Shared {
            view: Mutex::new(View {
                state: gate.state().clone(),
                since: Instant::now(),
                worker: None,
                stopping: false,
                done: false,
            }),
            changed: Condvar::new(),
        });
        let backend = Arc::new(Backend { events: events.clone(), shared: Arc::clone(&shared) });
        let mut supervision = Supervision { gate, command, health_deadline, on_change, events, inbox, shared };
        named("worker-supervisor", move || supervision.run())?;
        Ok(backend)
    }

    /// The state of the gate, and for how long it has been so.
    pub fn state(&self) -> (State, Duration) {
        let view = self.shared.lock();
        (view.state.clone(), view.since.elapsed())
    }

    /// The client of the worker that is ready.
    pub fn client(&self) -> Result<PyWorkerClient, ClientError> {
        let view = self.shared.lock();
        match (&view.state, &view.worker) {
            (State::Ready { .. }, Some((_, client))) => Ok(client.clone()),
            _ => Err(ClientError::NotReady),
        }
    }

    /// The process number of the worker, for logs and tests.
    pub fn worker_id(&self) -> Option<u32> {
        self.shared.lock().worker.as_ref().map(|(process, _)| process.id())
    }

    /// What the worker, or the last one there was, said on stderr at the end.
    pub fn stderr_tail(&self) -> String {
        self.shared.lock().worker.as_ref().map(|(process, _)| process.stderr_tail()).unwrap_or_default()
    }

    /// Wait until the gate is neither starting nor restarting; the state it is in then, or after `limit`.
    pub fn settled(&self, limit: Duration) -> State {
        let moving = |state: &State| matches!(state, State::Starting { .. } | State::Restarting { .. });
        self.shared.wait(limit, |view| !moving(&view.state)).state.clone()
    }

    /// Wait until the gate's state is as wanted; the state it is in then, or after `limit`.
    pub fn wait_until(&self, limit: Duration, wanted: impl Fn(&State) -> bool) -> State {
        self.shared.wait(limit, |view| wanted(&view.state)).state.clone()
    }

    /// A person asked for another try.
    pub fn retry(&self) {
        // The supervisor is gone only after shutdown, and then there is nothing to retry.
        let _ = self.events.send(Event::Retry);
    }

    /// End the worker and start none any more. Returns when it is gone; bounded by the graces of `worker_process`.
    pub fn shutdown(&self) {
        self.shared.lock().stopping = true;
        let _ = self.events.send(Event::Stop);
        // A start under way is cut short: the supervisor waits for its health answer, which now never comes.
        let worker = self.shared.lock().worker.clone();
        if let Some((process, client)) = worker {
            client.close();
            process.end();
        }
        drop(self.shared.wait(STOP_DEADLINE, |view| view.done));
    }
}

struct Supervision<C, L> {
    gate: HealthGate,
    command: C,
    health_deadline: Duration,
    on_change: L,
    events: Sender<Event>,
    inbox: Receiver<Event>,
    shared: Arc<Shared>,
}

impl<C, L> Supervision<C, L>
where
    C: Fn() -> Result<Command, BackendError>,
    L: Fn(&State),
{
    fn run(&mut self) {
        (self.on_change)(self.gate.state());
        let mut action = Action::Launch(HealthGate::FIRST_GENERATION);
        // A delay outlives events that change nothing: the late exit of the worker that failed is one.
        let mut due = None;
        loop {
            let event = match action {
                Action::End => break,
                Action::Launch(generation) => {
                    due = None;
                    self.launch(generation)
                }
                Action::Wait(generation, delay) => {
                    due = Some((generation, Instant::now() + delay));
                    self.next_event(due)
                }
                Action::Nothing => self.next_event(due),
            };
            let before = self.gate.state().clone();
            action = self.gate.on(event, Instant::now());
            self.publish(&before);
        }
        let worker = self.shared.lock().worker.take();
        if let Some((process, client)) = worker {
            client.close();
            process.end();
        }
        self.shared.change(|view| view.done = true);
    }

    fn next_event(&self, due: Option<(u64, Instant)>) -> Event {
        // The sender lives as long as `self`, so the channel cannot be disconnected.
        match due {
            None => self.inbox.recv().unwrap_or(Event::Stop),
            Some((generation, when)) => self
                .inbox
                .recv_timeout(when.saturating_duration_since(Instant::now()))
                .unwrap_or(Event::DelayOver(generation)),
        }
    }

    fn publish(&self, before: &State) {
        let state = self.gate.state();
        if state == before {
            return;
        }
        self.shared.change(|view| {
            view.state = state.clone();
            view.since = Instant::now();
        });
        (self.on_change)(state);
    }

    /// Start a worker and hear whether it is healthy.
    fn launch(&self, generation: u64) -> Event {
        let command = match (self.command)() {
            Ok(command) => command,
            Err(error) => return broke(generation, Reason::PythonNotFound, error.to_string(), String::new()),
        };
        let (process, client) = match self.spawn(command, generation) {
            Ok(worker) => worker,
            Err(error) => return broke(generation, Reason::SpawnFailed, error.to_string(), String::new()),
        };
        let answer = client.call::<Health, ()>("health", None, self.health_deadline);
        let (reason, detail) = match answer {
            Ok(health) if health.status == "ok" && health.version.starts_with(WORKER_VERSION) => {
                return Event::Healthy(generation, health);
            }
            Ok(health) => {
                (Reason::Incompatible, format!("health answered {} with status {}", health.version, health.status))
            }
            // Ended by us: that is no failure of the worker's.
            Err(ClientError::WorkerDied(_)) if self.shared.lock().stopping => return Event::Stop,
            Err(ClientError::WorkerDied(death)) => {
                return broke(generation, Reason::ExitedEarly, death.exit.to_string(), death.stderr_tail.clone());
            }
            Err(error @ ClientError::Deadline { .. }) => {
                (Reason::HealthTimeout, format!("{error}; {} stray lines on stdout", client.strays()))
            }
            Err(error) => (Reason::Incompatible, error.to_string()),
        };
        let tail = process.stderr_tail();
        process.kill();
        broke(generation, reason, detail, tail)
    }

    fn spawn(&self, command: Command, generation: u64) -> io::Result<(Arc<WorkerProcess>, PyWorkerClient)> {
        let (process, Pipes { stdin, stdout }) = WorkerProcess::spawn(command)?;
        let (eof, saw_eof) = mpsc::channel();
        let mourned = Arc::clone(&process);
        let client = PyWorkerClient::over(stdin, stdout, move || {
            let _ = eof.send(());
            if !mourned.wait(EXIT_AFTER_EOF) {
                mourned.kill();
                mourned.wait(EXIT_AFTER_EOF);
            }
            mourned.death()
        })?;
        {
            let mut view = self.shared.lock();
            view.worker = Some((Arc::clone(&process), client.clone()));
            // Shutdown may have looked for a worker before this one was there.
            if view.stopping {
                client.close();
                process.kill();
            }
        }
        let (watched, mourning, events) = (Arc::clone(&process), client.clone(), self.events.clone());
        named("worker-watch", move || {
            watched.wait_forever();
            let _ = saw_eof.recv_timeout(EOF_AFTER_EXIT);
            let death = watched.death();
            mourning.bury(death.clone());
            let _ = events.send(broke(generation, Reason::Died, death.exit.to_string(), death.stderr_tail));
        })?;
        Ok((process, client))
    }
}

fn broke(generation: u64, reason: Reason, detail: String, stderr_tail: String) -> Event {
    Event::Broke(generation, Failure { reason, detail, stderr_tail })
}

impl Shared {
    /// A panic in `on_change` must not keep the worker from being ended, so a poisoned lock is taken all the same.
    fn lock(&self) -> MutexGuard<'_, View> {
        self.view.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, act: impl FnOnce(&mut View)) {
        act(&mut self.lock());
        self.changed.notify_all();
    }

    fn wait(&self, limit: Duration, reached: impl Fn(&View) -> bool) -> MutexGuard<'_, View> {
        self.changed
            .wait_timeout_while(self.lock(), limit, |view| !reached(view))
            .unwrap_or_else(PoisonError::into_inner)
            .0
    }
}
