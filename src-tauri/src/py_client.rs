//! The client: many calls in flight over one worker's pipes, each with a deadline, each answered exactly once.
//!
//! Two threads: one writes what callers queue, one reads what the worker says. A caller never touches a pipe, so a
//! worker that stopped reading costs a caller its deadline and nothing else. One table, the ledger, decides who is still
//! owed an answer; answer, deadline, cancel and the worker's death all take the entry out of it, and whoever takes it
//! first is what the caller gets.
//!
//! Nothing here starts, ends or restarts a process; see `worker_process` and `supervisor`. The typed calls are in
//! `methods`.

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::marker::PhantomData;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender, TrySendError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::de::DeserializeOwned;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::wire::{self, Incoming, Lines, Progress, RpcFailure, MAX_ANSWER_BYTES, MAX_REQUEST_BYTES};
use crate::worker_process::{named, Death};

/// Requests queued while the worker does not read. It reads on a thread of its own and answers `busy` beyond 32, so a
/// queue this long means that it is stuck.
const OUTBOX_LINES: usize = 256;

/// Progress that nobody picked up. The worker sends at most 10 a second, and only the newest is worth showing.
const PROGRESS_KEPT: usize = 32;

/// Why a call has no result.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The worker answered with a failure.
    #[error(transparent)]
    Rpc(#[from] RpcFailure),
    /// The worker is gone; every call in flight gets this at once, and so does every later one.
    #[error("the worker is gone ({})", .0.exit)]
    WorkerDied(Arc<Death>),
    /// No answer in time. The worker was told to stop working on it.
    #[error("{method} was not answered within {} ms", .after.as_millis())]
    Deadline { method: &'static str, after: Duration },
    /// The worker has not read anything for {OUTBOX_LINES} requests.
    #[error("the worker does not read its requests")]
    Stuck,
    #[error("the request is longer than the worker accepts")]
    RequestTooLong,
    /// The result is not of the type that the method promises: parent and worker do not belong together.
    #[error("the answer to {method} is not understood: {cause}")]
    Unreadable { method: &'static str, cause: serde_json::Error },
    /// The parameters could not be written as JSON.
    #[error("the parameters cannot be written: {0}")]
    Parameters(serde_json::Error),
    /// No worker is ready; the health gate says why.
    #[error("no worker is ready")]
    NotReady,
}

impl ClientError {
    /// The stable name a page can switch on: the worker's own `kind` where it gave one.
    pub fn kind(&self) -> &str {
        match self {
            ClientError::Rpc(failure) if failure.data.kind.is_empty() => "rpc_error",
            ClientError::Rpc(failure) => &failure.data.kind,
            ClientError::WorkerDied(_) => "worker_died",
            ClientError::Deadline { .. } => "deadline",
            ClientError::Stuck => "worker_stuck",
            ClientError::RequestTooLong => "request_too_long",
            ClientError::Unreadable { .. } => "unreadable_answer",
            ClientError::Parameters(_) => "bad_parameters",
            ClientError::NotReady => "not_ready",
        }
    }
}

/// `{"kind", "message", "hint", "retryable", "stderr_tail"?}`: what a Tauri command rejects with.
impl Serialize for ClientError {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let (hint, retryable) = match self {
            ClientError::Rpc(failure) => (failure.data.hint.as_str(), failure.data.retryable),
            ClientError::WorkerDied(_) | ClientError::NotReady | ClientError::Stuck => ("", true),
            ClientError::Deadline { .. } => ("Check the cable and the phone, then try again.", true),
            _ => ("", false),
        };
        let tail = match self {
            ClientError::WorkerDied(death) => Some(&death.stderr_tail),
            _ => None,
        };
        // Who reads it on a page wants no number; `kind` is the name for programs.
        let message = match self {
            ClientError::Rpc(failure) => failure.message.clone(),
            other => other.to_string(),
        };
        serde_json::json!({
            "kind": self.kind(), "message": message, "hint": hint, "retryable": retryable, "stderr_tail": tail,
        })
        .serialize(to)
    }
}

/// Cheap to clone; all clones talk to the same worker.
#[derive(Clone)]
pub struct PyWorkerClient(Arc<Shared>);

struct Shared {
    ledger: Mutex<Ledger>,
    next_id: AtomicU64,
    strays: AtomicU64,
    outbox: Mutex<Option<SyncSender<Vec<u8>>>>,
}

#[derive(Default)]
struct Ledger {
    open: HashMap<u64, Debt>,
    /// Set once, when the worker is gone. From then on nobody is promised an answer.
    death: Option<Arc<Death>>,
}

/// What one caller is owed.
struct Debt {
    answer: SyncSender<Answer>,
    progress: Option<SyncSender<Progress>>,
}

enum Answer {
    Said(Result<Box<RawValue>, RpcFailure>),
    Died(Arc<Death>),
}

impl PyWorkerClient {
    /// Talk over these two streams. When `stdout` ends, or says something no parent can follow, `mourn` is called once,
    /// on the reader's thread; what it returns is what all callers are told. It may block for a moment to learn how the
    /// worker ended.
    ///
    /// Errors: the system's, when it has no thread to give.
    pub fn over<W, R, M>(stdin: W, stdout: R, mourn: M) -> io::Result<Self>
    where
        W: Write + Send + 'static,
        R: Read + Send + 'static,
        M: FnOnce() -> Death + Send + 'static,
    {
        let (outbox, queued) = mpsc::sync_channel(OUTBOX_LINES);
        let client = PyWorkerClient(Arc::new(Shared {
            ledger: Mutex::default(),
            next_id: AtomicU64::new(1),
            strays: AtomicU64::new(0),
            outbox: Mutex::new(Some(outbox)),
        }));
        named("worker-stdin", move || write_all(stdin, &queued))?;
        let reading = client.clone();
        named("worker-stdout", move || {
            reading.read_all(stdout);
            reading.bury(mourn());
        })?;
        Ok(client)
    }

    /// Send a request. The answer is taken with [`Pending::wait`]; the deadline runs from now.
    pub fn start<T, P: Serialize>(
        &self,
        method: &'static str,
        params: Option<P>,
        deadline: Duration,
    ) -> Result<Pending<T>, ClientError> {
        let id = self.0.next_id.fetch_add(1, Ordering::Relaxed);
        self.send(id, method, params, deadline, None)
    }

    /// Like [`start`](Self::start), and asks the worker to tell how far it is; see [`Pending::progress`].
    /// `params` must be a JSON object; the token is put into it.
    pub fn start_with_progress<T, P: Serialize>(
        &self,
        method: &'static str,
        params: P,
        deadline: Duration,
    ) -> Result<Pending<T>, ClientError> {
        let id = self.0.next_id.fetch_add(1, Ordering::Relaxed);
        let mut params = serde_json::to_value(params).map_err(ClientError::Parameters)?;
        if let Some(members) = params.as_object_mut() {
            members.insert("progress_token".to_owned(), id.to_string().into());
        }
        self.send(id, method, Some(params), deadline, Some(mpsc::sync_channel(PROGRESS_KEPT)))
    }

    /// [`start`](Self::start) and [`Pending::wait`] in one.
    pub fn call<T: DeserializeOwned, P: Serialize>(
        &self,
        method: &'static str,
        params: Option<P>,
        deadline: Duration,
    ) -> Result<T, ClientError> {
        self.start(method, params, deadline)?.wait()
    }

    /// Send nothing more: the worker's stdin ends once what is queued is written. Idempotent.
    pub fn close(&self) {
        self.0.outbox.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// The worker is gone: tell everybody who waits. Later deaths change nothing.
    pub fn bury(&self, death: Death) {
        self.close();
        let death = Arc::new(death);
        let open = {
            let mut ledger = self.ledger();
            if ledger.death.is_some() {
                return;
            }
            ledger.death = Some(Arc::clone(&death));
            std::mem::take(&mut ledger.open)
        };
        for debt in open.into_values() {
            let _ = debt.answer.try_send(Answer::Died(Arc::clone(&death)));
        }
    }

    /// Lines that were no message for us. More than none means that something writes to the worker's stdout.
    pub fn strays(&self) -> u64 {
        self.0.strays.load(Ordering::Relaxed)
    }

    /// Requests that wait for their answer.
    pub fn in_flight(&self) -> usize {
        self.ledger().open.len()
    }

    fn send<T, P: Serialize>(
        &self,
        id: u64,
        method: &'static str,
        params: Option<P>,
        deadline: Duration,
        progress: Option<(SyncSender<Progress>, Receiver<Progress>)>,
    ) -> Result<Pending<T>, ClientError> {
        let line = wire::request(id, method, params).map_err(ClientError::Parameters)?;
        if line.len() > MAX_REQUEST_BYTES {
            return Err(ClientError::RequestTooLong);
        }
        let (owed, answer) = mpsc::sync_channel(1);
        let (told, progress) = progress.unzip();
        {
            let mut ledger = self.ledger();
            if let Some(death) = &ledger.death {
                return Err(ClientError::WorkerDied(Arc::clone(death)));
            }
            // Entered before it is sent: the answer may be faster than this thread.
            ledger.open.insert(id, Debt { answer: owed, progress: told });
        }
        let started = Instant::now();
        let pending = Pending {
            client: self.clone(),
            id,
            method,
            started,
            deadline,
            answer,
            progress,
            settled: false,
            result: PhantomData,
        };
        self.queue(line).map(|()| pending)
    }

    /// Errors: `Stuck` when the queue is full. A closed queue is no error: the worker's death is on its way to the
    /// ledger, and with it the answer.
    fn queue(&self, line: Vec<u8>) -> Result<(), ClientError> {
        match self.0.outbox.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
            Some(outbox) => match outbox.try_send(line) {
                Ok(()) | Err(TrySendError::Disconnected(_)) => Ok(()),
                Err(TrySendError::Full(_)) => Err(ClientError::Stuck),
            },
            None => Ok(()),
        }
    }

    fn read_all<R: Read>(&self, stdout: R) {
        let mut lines = Lines::new(stdout, MAX_ANSWER_BYTES);
        // An error ends the conversation like the end of the stream does: a pipe has no errors one could wait out.
        while let Ok(Some(line)) = lines.next_line() {
            match wire::understand(line) {
                Incoming::Answer { id, outcome } => self.answer(id, outcome),
                Incoming::Progress(progress) => self.tell(progress),
                Incoming::Stray => {
                    self.0.strays.fetch_add(1, Ordering::Relaxed);
                }
            }
        }
    }

    fn answer(&self, id: u64, outcome: Result<Box<RawValue>, RpcFailure>) {
        // No debt: its deadline or its cancel was faster. That is no stray, it is the race the ledger decides.
        if let Some(debt) = self.forget(id) {
            let _ = debt.answer.try_send(Answer::Said(outcome));
        }
    }

    fn tell(&self, progress: Progress) {
        let id = progress.token.as_str().and_then(|token| token.parse::<u64>().ok());
        let ledger = self.ledger();
        if let Some(told) = id.and_then(|id| ledger.open.get(&id)).and_then(|debt| debt.progress.as_ref()) {
            let _ = told.try_send(progress);
        }
    }

    fn forget(&self, id: u64) -> Option<Debt> {
        self.ledger().open.remove(&id)
    }

    /// No caller runs code of its own under this lock, so a poisoned one is still consistent.
    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.0.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends when the queue is closed or the worker reads no more; either way the worker's stdin is closed with it.
fn write_all<W: Write>(mut stdin: W, queued: &Receiver<Vec<u8>>) {
    for line in queued {
        if stdin.write_all(&line).and_then(|()| stdin.flush()).is_err() {
            return;
        }
    }
}

/// A request on its way, to be answered by a `T`. Dropped unanswered, it is cancelled.
pub struct Pending<T> {
    client: PyWorkerClient,
    id: u64,
    method: &'static str,
    started: Instant,
    deadline: Duration,
    answer: Receiver<Answer>,
    progress: Option<Receiver<Progress>>,
    settled: bool,
    result: PhantomData<fn() -> T>,
}

impl<T> Pending<T> {
    /// The number of the request, with which [`Canceller`] and logs name it.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// A way to cancel from another thread while this one waits.
    pub fn canceller(&self) -> Canceller {
        Canceller { client: self.client.clone(), id: self.id }
    }

    /// The progress of the request, once; ends with the request. `None` when it was not asked for or already taken.
    pub fn progress(&mut self) -> Option<Receiver<Progress>> {
        self.progress.take()
    }

    /// Block until there is an answer, the deadline passed, or the worker died.
    pub fn wait(mut self) -> Result<T, ClientError>
    where
        T: DeserializeOwned,
    {
        let left = self.deadline.saturating_sub(self.started.elapsed());
        let answer = match self.answer.recv_timeout(left) {
            Ok(answer) => answer,
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                if self.client.forget(self.id).is_some() {
                    self.settled = true;
                    self.client.ask_to_cancel(self.id);
                    return Err(ClientError::Deadline { method: self.method, after: self.deadline });
                }
                // Somebody took the debt in this very moment and is about to pay it.
                self.answer.recv().unwrap_or_else(|_| Answer::Died(Arc::default()))
            }
        };
        self.settled = true;
        match answer {
            Answer::Said(Ok(result)) => serde_json::from_str(result.get())
                .map_err(|cause| ClientError::Unreadable { method: self.method, cause }),
            Answer::Said(Err(failure)) => Err(ClientError::Rpc(failure)),
            Answer::Died(death) => Err(ClientError::WorkerDied(death)),
        }
    }
}

impl<T> Drop for Pending<T> {
    fn drop(&mut self) {
        if !self.settled && self.client.forget(self.id).is_some() {
            self.client.ask_to_cancel(self.id);
        }
    }
}

/// Asks the worker to give up a request. The caller who waits for it gets the worker's answer: `cancelled`, or the
/// result, when that was faster.
#[derive(Clone)]
pub struct Canceller {
    client: PyWorkerClient,
    id: u64,
}

impl Canceller {
    pub fn cancel(&self) {
        self.client.ask_to_cancel(self.id);
    }
}

impl PyWorkerClient {
    /// Best effort: where even this does not fit into the queue, the worker is stuck and its work with it.
    fn ask_to_cancel(&self, id: u64) {
        if let Ok(line) = wire::cancel(id) {
            let _ = self.queue(line);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::FailureData;

    #[test]
    fn a_page_gets_the_workers_own_words_without_the_code() {
        let data = FailureData { kind: "device_untrusted".to_owned(), hint: "Tap Trust.".to_owned(), retryable: true };
        let failure = RpcFailure { code: 1002, message: "not trusted".to_owned(), data };
        let said = serde_json::to_value(ClientError::from(failure)).unwrap();
        assert_eq!(
            (&said["kind"], &said["message"], &said["hint"], &said["retryable"]),
            (&"device_untrusted".into(), &"not trusted".into(), &"Tap Trust.".into(), &true.into())
        );
    }
}
