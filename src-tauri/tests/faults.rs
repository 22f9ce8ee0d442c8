//! Each way a worker can fail its parent, against a worker that fails on purpose.

mod support;

use std::time::{Duration, Instant};

use serde_json::{json, Value};
use support::{eventually, is_running, ready_faulty, start_faulty, PATIENCE};
use workshop::health_gate::{Reason, State};
use workshop::py_client::ClientError;

/// For calls that are expected to be answered.
const SOON: Duration = Duration::from_secs(10);

#[track_caller]
fn failed(state: State) -> (Reason, String, String) {
    match state {
        State::Failed { failure, .. } => (failure.reason, failure.detail, failure.stderr_tail),
        other => panic!("not failed: {other:?}"),
    }
}

#[test]
fn a_worker_that_dies_at_once_fails_fast_with_its_last_words() {
    let started = Instant::now();
    let backend = start_faulty("dies_at_once", PATIENCE);
    let (reason, detail, tail) = failed(backend.settled(PATIENCE));
    assert_eq!((reason, detail.as_str()), (Reason::ExitedEarly, "exit code 7"));
    assert!(tail.ends_with("the last words"), "{tail}");
    assert!(started.elapsed() < PATIENCE / 2, "the deadline was waited for although the worker was dead");
    backend.shutdown();
}

#[test]
fn a_worker_that_failed_is_restarted_without_anybody_asking() {
    let backend = start_faulty("dies_at_once", PATIENCE);
    let second = backend.wait_until(PATIENCE, |state| matches!(state, State::Failed { generation: 2, .. }));
    assert_eq!(failed(second).0, Reason::ExitedEarly);
    backend.shutdown();
    assert_eq!(backend.state().0, State::Stopped);
}

#[test]
fn a_worker_that_never_answers_is_given_up_at_the_deadline_and_killed() {
    for fault in ["never_answers", "only_garbage"] {
        let backend = start_faulty(fault, Duration::from_millis(500));
        assert_eq!(failed(backend.settled(PATIENCE)).0, Reason::HealthTimeout);
        let id = backend.worker_id().unwrap();
        assert!(eventually(PATIENCE, || !is_running(id)), "{fault} is still running");
        backend.shutdown();
    }
}

#[test]
fn a_worker_of_another_kind_is_refused() {
    let backend = start_faulty("stranger", PATIENCE);
    let (reason, detail, _) = failed(backend.settled(PATIENCE));
    assert_eq!(reason, Reason::Incompatible);
    assert!(detail.contains("other-9"), "{detail}");
    backend.shutdown();
}

#[test]
fn a_worker_that_closes_its_output_but_lives_is_killed() {
    let backend = start_faulty("closes_stdout", PATIENCE);
    assert_eq!(failed(backend.settled(PATIENCE)).0, Reason::ExitedEarly);
    backend.shutdown();
}

#[test]
fn garbage_between_answers_is_counted_and_passed_over() {
    let backend = ready_faulty("some_garbage");
    let client = backend.client().unwrap();
    assert_eq!(client.strays(), 3);
    assert_eq!(client.call::<Value, _>("echo", Some(json!({"a": 1})), SOON).unwrap(), json!({"a": 1}));
    backend.shutdown();
}

#[test]
fn a_flood_on_stderr_blocks_nothing() {
    let backend = ready_faulty("stderr_flood");
    let client = backend.client().unwrap();
    for number in 0..100 {
        assert_eq!(client.call::<Value, _>("echo", Some(json!([number])), SOON).unwrap(), json!([number]));
    }
    backend.shutdown();
}

#[test]
fn a_call_past_its_deadline_is_cancelled_and_its_late_answer_harms_nobody() {
    let backend = ready_faulty("none");
    let client = backend.client().unwrap();
    let pending = client.start::<Value, ()>("hang", None, Duration::from_millis(50)).unwrap();
    let id = pending.id();
    assert!(matches!(pending.wait(), Err(ClientError::Deadline { method: "hang", .. })));
    assert_eq!(client.call::<Vec<u64>, ()>("cancelled", None, SOON).unwrap(), [id]);
    assert_eq!(client.in_flight(), 0);
    backend.shutdown();
}

#[test]
fn a_call_that_nobody_waits_for_any_more_is_cancelled() {
    let backend = ready_faulty("none");
    let client = backend.client().unwrap();
    let dropped = client.start::<Value, ()>("hang", None, SOON).unwrap().id();
    assert_eq!(client.call::<Vec<u64>, ()>("cancelled", None, SOON).unwrap(), [dropped]);
    backend.shutdown();
}

#[test]
fn an_answer_given_twice_reaches_the_caller_once() {
    let backend = ready_faulty("none");
    let client = backend.client().unwrap();
    assert_eq!(client.call::<i64, ()>("twice", None, SOON).unwrap(), 1);
    assert_eq!(client.call::<Value, _>("echo", Some(json!("next")), SOON).unwrap(), "next");
    backend.shutdown();
}

#[test]
fn a_result_of_another_type_is_an_error_of_that_call_only() {
    let backend = ready_faulty("none");
    let client = backend.client().unwrap();
    let wrong = client.call::<i64, _>("echo", Some(json!("text")), SOON);
    assert!(matches!(wrong, Err(ClientError::Unreadable { method: "echo", .. })));
    assert_eq!(client.call::<i64, _>("echo", Some(json!(5)), SOON).unwrap(), 5);
    backend.shutdown();
}

#[test]
fn progress_comes_in_order_and_ends_with_the_call() {
    let backend = ready_faulty("none");
    let client = backend.client().unwrap();
    let mut pending = client.start_with_progress::<String, _>("steps", json!({}), SOON).unwrap();
    let progress = pending.progress().unwrap();
    let told = std::thread::spawn(move || progress.iter().map(|step| step.done).collect::<Vec<_>>());
    assert_eq!(pending.wait().unwrap(), "done");
    assert_eq!(told.join().unwrap(), [0, 1, 2]);
    backend.shutdown();
}

#[test]
fn many_calls_in_flight_each_get_their_own_answer() {
    let backend = ready_faulty("none");
    let client = backend.client().unwrap();
    std::thread::scope(|scope| {
        for caller in 0..16 {
            let client = client.clone();
            scope.spawn(move || {
                for number in 0..200 {
                    let mine = json!([caller, number]);
                    assert_eq!(client.call::<Value, _>("echo", Some(&mine), SOON).unwrap(), mine);
                }
            });
        }
    });
    backend.shutdown();
}

#[test]
fn when_the_worker_dies_every_pending_call_is_told_at_once_and_retry_brings_a_new_one() {
    let backend = ready_faulty("none");
    let client = backend.client().unwrap();
    let hanging: Vec<_> =
        (0..32).map(|_| client.start::<Value, ()>("hang", None, Duration::from_secs(600)).unwrap()).collect();
    let died = Instant::now();
    let cause = client.call::<Value, ()>("die", None, SOON);
    assert!(matches!(cause, Err(ClientError::WorkerDied(_))));
    for pending in hanging {
        match pending.wait() {
            Err(ClientError::WorkerDied(death)) => {
                assert_eq!(death.exit.code, Some(9));
                assert!(death.stderr_tail.ends_with("the last words"));
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(died.elapsed() < Duration::from_secs(2), "{:?}", died.elapsed());
    assert!(matches!(client.start::<Value, ()>("echo", None, SOON), Err(ClientError::WorkerDied(_))));

    let state = backend.wait_until(PATIENCE, |state| matches!(state, State::Failed { .. }));
    assert_eq!(failed(state).0, Reason::Died);
    assert!(matches!(backend.client(), Err(ClientError::NotReady)));
    backend.retry();
    let again = backend.wait_until(PATIENCE, |state| matches!(state, State::Ready { generation: 2, .. }));
    assert!(matches!(again, State::Ready { generation: 2, .. }), "{again:?}");
    let client = backend.client().unwrap();
    assert_eq!(client.call::<Value, _>("echo", Some(json!(1)), SOON).unwrap(), 1);
    backend.shutdown();
}

#[test]
fn half_an_answer_is_none() {
    let backend = ready_faulty("none");
    let half = backend.client().unwrap().call::<Value, ()>("half", None, SOON);
    assert!(matches!(half, Err(ClientError::WorkerDied(_))), "{half:?}");
    backend.shutdown();
}

#[test]
fn an_endless_line_ends_the_worker_and_not_the_memory_of_the_parent() {
    let backend = ready_faulty("none");
    let endless = backend.client().unwrap().call::<Value, ()>("flood", None, PATIENCE);
    assert!(matches!(endless, Err(ClientError::WorkerDied(_))), "{endless:?}");
    backend.shutdown();
}

#[test]
fn a_worker_that_stops_reading_costs_its_callers_their_deadline_and_no_more() {
    let backend = ready_faulty("deaf");
    let client = backend.client().unwrap();
    let big = "x".repeat(1 << 20);
    let mut stuck = false;
    for _ in 0..1000 {
        match client.call::<Value, _>("echo", Some(&big), Duration::from_millis(1)) {
            Err(ClientError::Deadline { .. }) => {}
            Err(ClientError::Stuck) => stuck = true,
            other => panic!("{other:?}"),
        }
        if stuck {
            break;
        }
    }
    assert!(stuck, "the queue has no end");
    let asked = Instant::now();
    backend.shutdown();
    assert!(asked.elapsed() < Duration::from_secs(3), "{:?}", asked.elapsed());
}

#[test]
fn shutdown_is_under_three_seconds_even_for_a_worker_that_heeds_nothing_and_twice_is_once() {
    let backend = ready_faulty("stubborn");
    let id = backend.worker_id().unwrap();
    let hanging = backend.client().unwrap().start::<Value, ()>("hang", None, PATIENCE).unwrap();
    let asked = Instant::now();
    backend.shutdown();
    backend.shutdown();
    assert!(asked.elapsed() < Duration::from_secs(3), "{:?}", asked.elapsed());
    assert!(!is_running(id));
    assert!(matches!(hanging.wait(), Err(ClientError::WorkerDied(death)) if death.exit.signal == Some(9)));
    backend.retry();
    assert_eq!(backend.state().0, State::Stopped);
}

#[test]
fn shutdown_during_the_start_cuts_the_start_short() {
    let backend = start_faulty("never_answers", PATIENCE);
    let asked = Instant::now();
    backend.shutdown();
    assert!(asked.elapsed() < Duration::from_secs(3), "{:?}", asked.elapsed());
    assert_eq!(backend.state().0, State::Stopped);
}

#[test]
fn a_program_that_is_not_there_is_a_failure_with_the_systems_words() {
    let command = || Ok(std::process::Command::new("/nonexistent/python3"));
    let backend = workshop::supervisor::Backend::start(command, PATIENCE, |_| {}).unwrap();
    let (reason, detail, _) = failed(backend.settled(PATIENCE));
    assert_eq!(reason, Reason::SpawnFailed);
    assert!(!detail.is_empty());
    backend.shutdown();
}
