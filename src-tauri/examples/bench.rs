//! What the Rust side costs over the bare pipe, as ratios of medians taken in turns in one run:
//! spawn to ready, and one `health` round trip.
//!
//! usage: cargo run --release --example bench -- PROGRAM [ARGUMENT]...    (the worker's command line)

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use workshop::health_gate::State;
use workshop::supervisor::{Backend, HEALTH_DEADLINE};

const STARTS: usize = 15;
const ROUND_TRIPS: usize = 2000;
const HEALTH: &[u8] = b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"health\"}\n";

fn main() -> ExitCode {
    let words: Vec<_> = std::env::args_os().skip(1).collect();
    let Some((program, arguments)) = words.split_first() else {
        eprintln!("usage: bench PROGRAM [ARGUMENT]...");
        return ExitCode::from(2);
    };
    let (program, arguments) = (program.clone(), arguments.to_vec());
    let command = move || {
        let mut command = Command::new(&program);
        command.args(&arguments);
        command
    };
    let (mut bare_start, mut ready) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        let started = Instant::now();
        let mut pipe = Pipe::open(command());
        pipe.ask();
        bare_start.push(started.elapsed());
        drop(pipe);

        let started = Instant::now();
        let backend = start(&command);
        ready.push(started.elapsed());
        backend.shutdown();
    }
    let mut pipe = Pipe::open(command());
    let backend = start(&command);
    let client = backend.client().expect("it is ready");
    pipe.ask();
    let (mut bare_trip, mut trip) = (Vec::new(), Vec::new());
    for _ in 0..ROUND_TRIPS {
        let started = Instant::now();
        pipe.ask();
        bare_trip.push(started.elapsed());
        let started = Instant::now();
        client.health().and_then(workshop::py_client::Pending::wait).expect("a healthy worker");
        trip.push(started.elapsed());
    }
    backend.shutdown();
    line("spawn to ready", &mut bare_start, &mut ready);
    line("health round trip", &mut bare_trip, &mut trip);
    ExitCode::SUCCESS
}

fn start(command: &(impl Fn() -> Command + Clone + Send + 'static)) -> std::sync::Arc<Backend> {
    let command = command.clone();
    let backend = Backend::start(move || Ok(command()), HEALTH_DEADLINE, |_| {}).expect("a thread");
    let state = backend.settled(HEALTH_DEADLINE);
    assert!(matches!(state, State::Ready { .. }), "{state:?}");
    backend
}

fn line(what: &str, bare: &mut [Duration], client: &mut [Duration]) {
    bare.sort();
    client.sort();
    let (bare, client) = (bare[bare.len() / 2], client[client.len() / 2]);
    println!(
        "{what}: bare pipe {bare:.1?}, client {client:.1?}, ratio {:.2}",
        client.as_secs_f64() / bare.as_secs_f64()
    );
}

/// The least that can talk to a worker.
struct Pipe {
    worker: Child,
    answers: BufReader<std::process::ChildStdout>,
    line: String,
}

impl Pipe {
    fn open(mut command: Command) -> Self {
        let mut worker = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the worker's program");
        let answers = BufReader::new(worker.stdout.take().expect("it was piped"));
        Pipe { worker, answers, line: String::new() }
    }

    fn ask(&mut self) {
        self.line.clear();
        self.worker.stdin.as_mut().expect("it was piped").write_all(HEALTH).expect("a worker that reads");
        self.answers.read_line(&mut self.line).expect("a worker that answers");
        assert!(self.line.contains("\"ok\""), "{}", self.line);
    }
}

impl Drop for Pipe {
    fn drop(&mut self) {
        drop(self.worker.stdin.take());
        let _ = self.worker.wait();
    }
}
