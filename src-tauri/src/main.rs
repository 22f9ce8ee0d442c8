//! The window. Everything that knows Tauri is in this file and in `commands`.

// A release build for Windows must not open a console beside its window.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod commands;

use std::path::PathBuf;

use tauri::{App, Emitter, Manager, RunEvent};
use workshop::python_backend::{launch_python_backend_with, shutdown_python_backend, LaunchOptions};

use commands::{Desk, STATUS_EVENT};

fn main() {
    let app = tauri::Builder::default()
        .setup(|app| {
            let desk = start(app)?;
            app.manage(desk);
            Ok(())
        })
        .invoke_handler(tauri::generate_handler![
            commands::backend_status,
            commands::backend_retry,
            commands::quit,
            commands::devices_list,
            commands::inspect_basic,
            commands::inspect_deep,
            commands::cancel,
            commands::make_report,
            commands::open_report,
            commands::collect_logs,
            commands::show_logs,
        ])
        .build(tauri::generate_context!())
        .expect("the window cannot be made: the configuration or the system's web view is broken");
    app.run(|_, event| {
        // Both: a window that closes asks first, a system that shuts down does not.
        if matches!(event, RunEvent::ExitRequested { .. } | RunEvent::Exit) {
            shutdown_python_backend();
        }
    });
}

/// Returns while the worker is still starting; the window is there at once and shows the gate.
fn start(app: &App) -> Result<Desk, Box<dyn std::error::Error>> {
    // Windows hands out paths in the \\?\ form, which some libraries of Python do not take.
    let resources = dunce::simplified(&app.path().resource_dir()?).to_owned();
    let data = dunce::simplified(&app.path().app_data_dir()?).to_owned();
    let artifacts = data.join("artifacts");
    std::fs::create_dir_all(&artifacts)?;
    let options = LaunchOptions {
        data_dir: Some(data.clone()),
        artifact_dir: Some(artifacts.clone()),
        current_dir: Some(data),
        ..LaunchOptions::default()
    };
    let window = app.handle().clone();
    let backend = launch_python_backend_with(&resources, options, move |state| {
        // Nobody may listen yet; the page asks for the state once after it listens.
        let _ = window.emit(STATUS_EVENT, state);
    })?;
    Ok(Desk::new(backend, PathBuf::from(&artifacts)))
}
