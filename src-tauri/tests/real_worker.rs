//! The client and the real worker, with virtual phones on the bench. Needs a Python with the worker's dependencies:
//! PYWORKER_PYTHON, else python3.

mod support;

use std::time::{Duration, Instant};

use serde_json::json;
use support::{eventually, is_running, ready_worker, VirtualPhones, PATIENCE};
use workshop::artifacts::Artifacts;
use workshop::health_gate::{Reason, State};
use workshop::methods::{DeviceRequest, LogsRequest, Platform, PolicyMode, ReportRequest};
use workshop::py_client::ClientError;

const CLEAN: &str = "00008110-000A10C20E41001E";
const OWNER_LOCKED: &str = "00008101-000B20D30F52003A";
const COMPANY_ANDROID: &str = "VP14COMPANY01";

/// A bench on which one answer takes this long: every inspection hangs for as long as a test needs it to.
const HANGING: [&str; 3] = ["--latency-ms", "4000", "iphone-clean"];

#[track_caller]
fn kind_of<T: std::fmt::Debug>(outcome: Result<T, ClientError>) -> String {
    outcome.unwrap_err().kind().to_owned()
}

#[test]
fn the_page_gets_phones_verdicts_and_a_report() {
    let bench = VirtualPhones::start(&["iphone-clean", "iphone-owner-locked", "android-company"]);
    let artifacts = tempfile::tempdir().unwrap();
    let mut options = bench.options.clone();
    options.extend(["--artifact-dir".to_owned(), artifacts.path().to_str().unwrap().to_owned()]);
    let backend = ready_worker(options);
    let client = backend.client().unwrap();

    assert_eq!(client.health().unwrap().wait().unwrap().status, "ok");
    assert_eq!(client.policy_get().unwrap().wait().unwrap().ceiling, PolicyMode::Public);
    let methods = client.rpc_discover().unwrap().wait().unwrap();
    assert!(methods["methods"].as_array().unwrap().iter().any(|method| method["name"] == "inspect.basic"));

    let devices = client.devices_list(None).unwrap().wait().unwrap().data.devices;
    assert_eq!(devices.len(), 3);
    let iphones = client.devices_list(Some(Platform::Ios)).unwrap().wait().unwrap().data.devices;
    assert_eq!(iphones.len(), 2);

    let locked = client.inspect_basic(&DeviceRequest::new(OWNER_LOCKED)).unwrap().wait().unwrap().data;
    assert_eq!((locked.activation_locked, locked.mdm_enrolled), (Some(true), None));
    assert!(locked.seen.findings["mdm_enrolled"].reason.is_some());
    let company = client.inspect_basic(&DeviceRequest::new(COMPANY_ANDROID)).unwrap().wait().unwrap().data;
    assert_eq!(company.mdm_enrolled, Some(true));

    let mut deep = client.inspect_deep(&DeviceRequest::new(CLEAN)).unwrap();
    let progress = deep.progress().unwrap();
    let deep = deep.wait().unwrap();
    assert!(deep.data.signals.iter().any(|name| name == "battery_state"));
    assert!(progress.iter().count() > 0, "it was asked to tell how far it is");

    let request = ReportRequest {
        report_id: "rep_1".to_owned(),
        format: "pdf".to_owned(),
        content: Some(json!({"device": deep.data.seen.device, "results": {"inspect.deep": deep}})),
        ..ReportRequest::default()
    };
    let report = client.report_format(&request).unwrap().wait().unwrap().data;
    let document = std::fs::read(artifacts.path().join("rep_1").join(&report.artifact)).unwrap();
    assert_eq!(document.len() as u64, report.size);

    assert_eq!(kind_of(client.inspect_basic(&DeviceRequest::new("nobody")).unwrap().wait()), "device_not_found");
    let narrower = DeviceRequest { policy: Some(PolicyMode::Blocked), ..DeviceRequest::new(CLEAN) };
    assert_eq!(kind_of(client.inspect_basic(&narrower).unwrap().wait()), "policy_denied");
    assert_eq!(client.strays(), 0);
    backend.shutdown();
}

#[test]
fn logs_come_into_a_folder_that_may_be_shown_and_a_cancelled_collection_leaves_none() {
    let bench = VirtualPhones::start(&["iphone-clean", "android-company"]);
    let folder = tempfile::tempdir().unwrap();
    let mut options = bench.options.clone();
    options.extend(["--artifact-dir".to_owned(), folder.path().to_str().unwrap().to_owned()]);
    let backend = ready_worker(options);
    let client = backend.client().unwrap();
    let artifacts = Artifacts::new(folder.path().to_owned());
    let there = || std::fs::read_dir(folder.path()).unwrap().count();

    let request = LogsRequest {
        device: DeviceRequest::new(CLEAN),
        scope: Some("default".to_owned()),
        duration_ms: Some(200),
        ..LogsRequest::default()
    };
    let iphone = client.logs_collect(&request).unwrap().wait().unwrap().data;
    assert_eq!(iphone.sources["os_trace"].end, "duration");
    assert!(iphone.triage.iter().any(|event| event.kind == "app_crash"));
    let name = iphone.folder.as_deref().unwrap();
    for file in iphone.artifacts.as_deref().unwrap() {
        let path = artifacts.collected(name, &file.name).unwrap();
        assert_eq!(std::fs::metadata(path).unwrap().len(), file.size, "{}", file.name);
    }
    assert!(artifacts.last_lines(name).unwrap().len() as u64 >= iphone.log_count);

    let request = LogsRequest { device: DeviceRequest::new(COMPANY_ANDROID), ..LogsRequest::default() };
    let android = client.logs_collect(&request).unwrap().wait().unwrap().data;
    assert_eq!((android.device.platform, android.scope.as_str()), (Platform::Android, "default"));
    assert_eq!(there(), 2);

    let minutes =
        LogsRequest { device: DeviceRequest::new(CLEAN), duration_ms: Some(300_000), ..LogsRequest::default() };
    let listening = client.logs_collect(&minutes).unwrap();
    let canceller = listening.canceller();
    assert!(eventually(PATIENCE, || there() == 3), "nothing is being written");
    canceller.cancel();
    assert_eq!(kind_of(listening.wait()), "cancelled");
    assert!(eventually(PATIENCE, || there() == 2), "a cancelled collection left files");
    backend.shutdown();
}

#[test]
fn when_the_worker_is_killed_hung_inspections_are_told_at_once_and_a_new_one_works() {
    let bench = VirtualPhones::start(&HANGING);
    let backend = ready_worker(bench.options.clone());
    let client = backend.client().unwrap();
    let hanging: Vec<_> = (0..8).map(|_| client.inspect_basic(&DeviceRequest::new(CLEAN)).unwrap()).collect();
    let id = backend.worker_id().unwrap();
    let killed = Instant::now();
    assert!(std::process::Command::new("kill").args(["-9", &id.to_string()]).status().unwrap().success());
    for pending in hanging {
        match pending.wait() {
            Err(ClientError::WorkerDied(death)) => assert_eq!(death.exit.signal, Some(9)),
            other => panic!("{other:?}"),
        }
    }
    assert!(killed.elapsed() < Duration::from_secs(1), "{:?}", killed.elapsed());
    let state = backend.wait_until(PATIENCE, |state| matches!(state, State::Failed { .. }));
    assert!(matches!(state, State::Failed { failure, .. } if failure.reason == Reason::Died));
    backend.retry();
    backend.wait_until(PATIENCE, |state| matches!(state, State::Ready { generation: 2, .. }));
    assert_eq!(backend.client().unwrap().health().unwrap().wait().unwrap().status, "ok");
    backend.shutdown();
}

#[test]
fn shutdown_during_a_hung_inspection_is_under_three_seconds() {
    let bench = VirtualPhones::start(&HANGING);
    let backend = ready_worker(bench.options.clone());
    let _hanging = backend.client().unwrap().inspect_basic(&DeviceRequest::new(CLEAN)).unwrap();
    let id = backend.worker_id().unwrap();
    let asked = Instant::now();
    backend.shutdown();
    assert!(asked.elapsed() < Duration::from_secs(3), "{:?}", asked.elapsed());
    assert!(!is_running(id));
}

#[test]
fn a_cancelled_inspection_is_answered_soon_and_the_worker_goes_on() {
    let bench = VirtualPhones::start(&HANGING);
    let backend = ready_worker(bench.options.clone());
    let client = backend.client().unwrap();
    let pending = client.inspect_basic(&DeviceRequest::new(CLEAN)).unwrap();
    let asked = Instant::now();
    pending.canceller().cancel();
    assert_eq!(kind_of(pending.wait()), "cancelled");
    assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
    assert_eq!(client.health().unwrap().wait().unwrap().status, "ok");
    backend.shutdown();
}

#[test]
fn the_workers_own_deadline_speaks_before_the_clients() {
    let bench = VirtualPhones::start(&HANGING);
    let backend = ready_worker(bench.options.clone());
    let request = DeviceRequest { timeout_ms: Some(300), ..DeviceRequest::new(CLEAN) };
    let outcome = backend.client().unwrap().inspect_basic(&request).unwrap().wait();
    // Either the whole request ran out of time, or each value that was not read says so; never the client's deadline.
    match outcome {
        Ok(answer) => assert_eq!(answer.data.activation_locked, None),
        Err(error) => assert_eq!(error.kind(), "timeout", "{}", backend.stderr_tail()),
    }
    backend.shutdown();
}

#[test]
fn a_worker_whose_parent_says_shutdown_leaves_by_itself() {
    let backend = ready_worker(Vec::new());
    let id = backend.worker_id().unwrap();
    let client = backend.client().unwrap();
    client.shutdown().unwrap().wait().unwrap();
    assert!(eventually(PATIENCE, || !is_running(id)));
    backend.shutdown();
}
