//! A parent killed with SIGKILL runs no code of its own any more. The worker must be gone all the same.
#![cfg(target_os = "linux")] // looks the worker up in /proc

mod support;

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use support::{eventually, python, repository, VirtualPhones};

const ROUNDS: u32 = 100;
/// The promise: gone within this, whatever the worker is doing. It may finish its work for 2 s when its input ends, but
/// not for a parent that is gone, which it sees by `--parent-pid`.
const GONE_WITHIN: Duration = Duration::from_secs(1);
/// Spread over the start (before the spawn, while Python loads, around the first answer) and the calls after it.
const STEP: Duration = Duration::from_millis(3);

/// Cargo puts examples beside the folder of the tests.
fn example(name: &str) -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    tests.parent().and_then(std::path::Path::parent).unwrap().join("examples").join(name)
}

/// The numbers of the processes that have `mark` on their command line, `except` the parent itself.
fn marked(mark: &str, except: u32) -> Vec<u32> {
    std::fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok())
        .filter(|id| *id != except && *id != std::process::id())
        .filter(|id| {
            std::fs::read(format!("/proc/{id}/cmdline"))
                .is_ok_and(|line| line.windows(mark.len()).any(|part| part == mark.as_bytes()))
        })
        .collect()
}

#[test]
fn when_the_parent_is_killed_the_worker_is_gone_within_a_second_100_of_100() {
    let folder = tempfile::tempdir().unwrap();
    let mark = folder.path().to_str().unwrap();
    let mut seen = 0;
    for round in 0..ROUNDS {
        let mut parent = Command::new(example("hold_worker"))
            .arg(python())
            .args(["-X", "utf8", "-B", "-m", "pyworker", "--data-dir", mark])
            .current_dir(repository())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(STEP * round);
        seen += usize::from(!marked(mark, parent.id()).is_empty());
        parent.kill().unwrap();
        parent.wait().unwrap();
        assert!(
            eventually(GONE_WITHIN, || marked(mark, 0).is_empty()),
            "round {round}: the worker outlived its parent"
        );
    }
    // Otherwise nothing was tested: there must have been workers to outlive.
    assert!(seen > ROUNDS as usize / 2, "a worker was seen in {seen} rounds only");
}

#[test]
fn a_hung_inspection_does_not_keep_the_worker_of_a_killed_parent() {
    let bench = VirtualPhones::start(&["--latency-ms", "5000", "iphone-clean"]);
    let folder = tempfile::tempdir().unwrap();
    let mark = folder.path().to_str().unwrap();
    let mut parent = Command::new(example("hold_worker"))
        .args(["--inspect", "00008110-000A10C20E41001E"])
        .arg(python())
        .args(["-X", "utf8", "-B", "-m", "pyworker", "--data-dir", mark])
        .args(&bench.options)
        .current_dir(repository())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut ready = String::new();
    BufReader::new(parent.stdout.take().unwrap()).read_line(&mut ready).unwrap();
    std::thread::sleep(Duration::from_millis(500)); // the worker is in the middle of its first read by then
    parent.kill().unwrap();
    parent.wait().unwrap();
    assert!(eventually(GONE_WITHIN, || marked(mark, 0).is_empty()), "the worker outlived its parent");
}
