//! A parent with nothing else to do: starts the worker that its command line names and calls it without end, until it
//! is killed. Prints the worker's number once it is ready. For the test that kills it, and for trying things by hand:
//! `cargo run --example hold_worker -- python3 -m pyworker`.

use std::process::{Command, ExitCode};
use std::time::Duration;

use serde_json::Value;
use workshop::supervisor::{Backend, HEALTH_DEADLINE};

fn main() -> ExitCode {
    let mut words = std::env::args_os().skip(1);
    let Some(program) = words.next() else {
        eprintln!("usage: hold_worker PROGRAM [ARGUMENT]...");
        return ExitCode::from(2);
    };
    let arguments: Vec<_> = words.collect();
    let command = move || {
        let mut command = Command::new(&program);
        command.args(&arguments);
        Ok(command)
    };
    let backend = match Backend::start(command, HEALTH_DEADLINE, |state| eprintln!("{state:?}")) {
        Ok(backend) => backend,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    backend.settled(HEALTH_DEADLINE);
    if let Some(id) = backend.worker_id() {
        println!("{id}");
    }
    while let Ok(client) = backend.client() {
        let _: Result<Value, _> = client.call::<_, ()>("health", None, Duration::from_secs(5));
    }
    ExitCode::FAILURE
}
