//! What several tests need: a Python to run, and workers to run with it.
#![allow(dead_code)] // each test file is a program of its own and uses a part of this

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use workshop::health_gate::State;
use workshop::supervisor::Backend;

/// Generous: two cores shared with other tests. What must be fast is asserted by itself.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// The interpreter with the worker's dependencies. Any Python 3.11 will do for the faulty worker.
pub fn python() -> PathBuf {
    std::env::var_os("PYWORKER_PYTHON").map_or_else(|| "python3".into(), PathBuf::from)
}

pub fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("src-tauri lies in the repository")
}

pub fn faulty(fault: &str) -> Command {
    let mut command = Command::new(python());
    command.arg("-I").arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/workers/faulty.py")).arg(fault);
    command
}

/// A supervised faulty worker.
pub fn start_faulty(fault: &'static str, health_deadline: Duration) -> Arc<Backend> {
    Backend::start(move || Ok(faulty(fault)), health_deadline, |_| {}).expect("a thread")
}

/// A supervised faulty worker that is ready.
pub fn ready_faulty(fault: &'static str) -> Arc<Backend> {
    let backend = start_faulty(fault, PATIENCE);
    let state = backend.settled(PATIENCE);
    assert!(matches!(state, State::Ready { .. }), "{state:?}");
    backend
}

/// Whether a process of this number is there and not just waiting to be reaped.
pub fn is_running(id: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{id}/stat"))
        .is_ok_and(|stat| !stat.rsplit(')').next().unwrap_or("").trim_start().starts_with('Z'))
}

/// Wait until `reached`; whether it was within `limit`.
pub fn eventually(limit: Duration, mut reached: impl FnMut() -> bool) -> bool {
    let until = Instant::now() + limit;
    while Instant::now() < until {
        if reached() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    reached()
}

/// The worker of this checkout, with `arguments`.
pub fn checkout_worker(arguments: &[String]) -> Command {
    let mut command = Command::new(python());
    command.args(["-X", "utf8", "-B", "-m", "pyworker"]).args(arguments).current_dir(repository());
    command
}

/// A supervised worker of this checkout that is ready.
pub fn ready_worker(arguments: Vec<String>) -> Arc<Backend> {
    let backend = Backend::start(move || Ok(checkout_worker(&arguments)), PATIENCE, |_| {}).expect("a thread");
    let state = backend.settled(PATIENCE);
    assert!(matches!(state, State::Ready { .. }), "{state:?}");
    backend
}

/// A bench of virtual phones, until it is dropped.
pub struct VirtualPhones {
    bench: std::process::Child,
    /// Kept open: the bench says more than is wanted here.
    _words: Box<dyn std::io::BufRead + Send>,
    /// How the worker is pointed at them.
    pub options: Vec<String>,
}

impl VirtualPhones {
    pub fn start(arguments: &[&str]) -> Self {
        let mut bench = Command::new(python())
            .args(["-m", "pyworker.virtual"])
            .args(arguments)
            .current_dir(repository())
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .expect("a Python with the worker's dependencies as PYWORKER_PYTHON");
        let mut words = std::io::BufReader::new(bench.stdout.take().expect("it was piped"));
        let options = std::io::BufRead::lines(&mut words)
            .map_while(Result::ok)
            .find_map(|line| line.trim().strip_prefix("python -m pyworker ").map(str::to_owned))
            .expect("the bench says how to point the worker at it");
        let words = Box::new(words);
        VirtualPhones { bench, _words: words, options: options.split_whitespace().map(str::to_owned).collect() }
    }
}

impl Drop for VirtualPhones {
    fn drop(&mut self) {
        // The end of its input ends it; killed all the same, so that a hanging one does not hang the test.
        drop(self.bench.stdin.take());
        if !eventually(Duration::from_secs(2), || matches!(self.bench.try_wait(), Ok(Some(_)))) {
            let _ = self.bench.kill();
        }
        let _ = self.bench.wait();
    }
}
