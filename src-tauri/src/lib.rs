//! The parent's side of pyworker: what a Tauri application puts into its tree to run the worker and talk to it.
//!
//! Read in this order: `python_backend` (find, launch, end), `supervisor` (keeps one worker running), `health_gate`
//! (what the page may know), `py_client` and `methods` (calls), `wire` (bytes), `worker_process` and `kill` (processes).
//! Beside them: `artifacts` (what may be shown of the files the worker wrote), `viewer` (who shows them).

pub mod artifacts;
pub mod health_gate;
pub mod kill;
pub mod methods;
pub mod py_client;
pub mod python_backend;
pub mod stderr_tail;
pub mod supervisor;
pub mod viewer;
pub mod wire;
pub mod worker_process;
