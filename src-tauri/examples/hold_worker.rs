//! A parent with nothing else to do: starts the worker that its command line names and calls it without end, until it
//! is killed. Prints the worker's number once it is ready. For the tests that kill it, and for trying things by hand:
//! `cargo run --example hold_worker -- python3 -m pyworker`. With `--inspect DEVICE_ID` in front an inspection is under
//! way all the time. The worker is told who its parent is, as the application tells it.

use std::process::{Command, ExitCode};
use std::time::Duration;

use serde_json::Value;
use workshop::methods::DeviceRequest;
use workshop::python_backend::LaunchOptions;
use workshop::supervisor::{Backend, HEALTH_DEADLINE};

fn main() -> ExitCode {
    let mut words: Vec<String> = std::env::args().skip(1).collect();
    let device = if words.len() > 1 && words[0] == "--inspect" { words.drain(..2).nth(1) } else { None };
    let Some((program, arguments)) = words.split_first().map(|(first, rest)| (first.clone(), rest.to_vec())) else {
        eprintln!("usage: hold_worker [--inspect DEVICE_ID] PROGRAM [ARGUMENT]...");
        return ExitCode::from(2);
    };
    let command = move || {
        let mut command = Command::new(&program);
        command.args(&arguments).args(LaunchOptions::default().arguments());
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
    // Held until the end: a pending call that is dropped is cancelled.
    let _inspection = device.and_then(|device| backend.client().ok()?.inspect_basic(&DeviceRequest::new(device)).ok());
    if let Some(id) = backend.worker_id() {
        println!("{id}");
    }
    while let Ok(client) = backend.client() {
        let _: Result<Value, _> = client.call::<_, ()>("health", None, Duration::from_secs(5));
    }
    ExitCode::FAILURE
}
