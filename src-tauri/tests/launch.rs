//! The functions an application calls, on a folder of resources as a bundle has it. One test: the application's one
//! worker is one for the whole process.
#![cfg(unix)] // the stand-in for the interpreter is a shell script

mod support;

use std::os::unix::fs::{symlink, PermissionsExt};
use std::path::Path;

use support::{is_running, python, repository, PATIENCE};
use workshop::health_gate::{Reason, State};
use workshop::methods::ReportRequest;
use workshop::python_backend::{
    launch_python_backend, launch_python_backend_with, shutdown_python_backend, BackendError, LaunchOptions,
};

/// `python/bin/python3.11` that runs the tests' interpreter and tells its environment, and the worker beside it.
fn lay_out_resources(folder: &Path) {
    let home = folder.join("python");
    std::fs::create_dir_all(home.join("bin")).unwrap();
    std::fs::create_dir_all(home.join("app")).unwrap();
    for package in ["protocol", "pyworker", "schemas"] {
        symlink(repository().join(package), home.join("app").join(package)).unwrap();
    }
    std::fs::write(home.join("app/__main__.py"), "from pyworker.__main__ import main\n\nmain()\n").unwrap();
    let interpreter = std::process::Command::new(python()).args(["-c", "import sys; print(sys.executable)"]).output();
    let interpreter = String::from_utf8(interpreter.unwrap().stdout).unwrap();
    let script =
        format!("#!/bin/sh\nenv > \"{}\"\nexec {} \"$@\"\n", folder.join("environment").display(), interpreter.trim());
    let stand_in = home.join("bin/python3.11");
    std::fs::write(&stand_in, script).unwrap();
    std::fs::set_permissions(&stand_in, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn an_application_launches_one_worker_uses_it_and_leaves_none() {
    let folder = tempfile::tempdir().unwrap();
    let resources = folder.path().join("resources of a shop");
    lay_out_resources(&resources);
    // The developer's override would be taken before the resources. The others are what a user's machine may have set.
    std::env::remove_var("PYWORKER_PYTHON");
    std::env::set_var("PYTHONHOME", "/nonexistent");
    std::env::set_var("https_proxy", "http://127.0.0.1:9");

    let empty = tempfile::tempdir().unwrap();
    let backend = launch_python_backend(empty.path()).unwrap();
    let state = backend.settled(PATIENCE);
    assert!(matches!(state, State::Failed { failure, .. } if failure.reason == Reason::PythonNotFound));
    shutdown_python_backend();

    let options = LaunchOptions { policy_mode: Some("basic".to_owned()), ..LaunchOptions::default() };
    let (told, states) = std::sync::mpsc::channel();
    let backend = launch_python_backend_with(&resources, options, move |state| {
        let _ = told.send(state.clone());
    })
    .unwrap();
    assert!(matches!(launch_python_backend(&resources), Err(BackendError::AlreadyLaunched)));
    let state = backend.settled(PATIENCE);
    assert!(matches!(state, State::Ready { .. }), "{state:?}");
    let id = backend.worker_id().unwrap();

    let beyond = ReportRequest { report_id: "r".to_owned(), format: "pdf".to_owned(), ..ReportRequest::default() };
    let refused = backend.client().unwrap().report_format(&beyond).unwrap().wait();
    assert_eq!(refused.unwrap_err().kind(), "policy_denied");

    let environment = std::fs::read_to_string(resources.join("environment")).unwrap();
    assert!(!environment.contains("PYTHONHOME") && !environment.contains("https_proxy"), "{environment}");

    shutdown_python_backend();
    shutdown_python_backend();
    assert!(!is_running(id));
    let phases: Vec<_> = states.iter().map(|state| serde_json::to_value(state).unwrap()["phase"].clone()).collect();
    assert_eq!(phases, ["starting", "ready", "stopped"]);
}
