//! What the page can ask for. Each command that talks to the worker runs on a thread where waiting is allowed, and
//! rejects with `{"kind", "message", "hint", "retryable"}`.

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tauri::ipc::Channel;
use tauri::{AppHandle, State};
use workshop::health_gate;
use workshop::methods::{
    BasicInspection, DeepInspection, DeviceRequest, Devices, Envelope, Platform, Report, ReportRequest,
};
use workshop::py_client::{Canceller, ClientError, Pending, PyWorkerClient};
use workshop::supervisor::Backend;
use workshop::wire::Progress;

/// Carries each new state of the health gate.
pub const STATUS_EVENT: &str = "backend://status";

/// Report names as the worker takes them; what is opened must not leave the folder of artifacts.
const DOCUMENTS: [(&str, &str); 3] = [("pdf", "report.pdf"), ("html", "report.html"), ("json", "report.json")];

/// What the commands share.
pub struct Desk {
    backend: Arc<Backend>,
    artifacts: PathBuf,
    /// The page's own numbers of requests under way, so that it can cancel one.
    under_way: Arc<Mutex<HashMap<u32, Canceller>>>,
}

impl Desk {
    pub fn new(backend: Arc<Backend>, artifacts: PathBuf) -> Self {
        Desk { backend, artifacts, under_way: Arc::default() }
    }

    /// Wait for an answer off the main thread; meanwhile the page can cancel and sees how far it is.
    async fn ask<T, F>(&self, key: u32, on_progress: Channel<Progress>, start: F) -> Result<T, ClientError>
    where
        T: serde::de::DeserializeOwned + Send + 'static,
        F: FnOnce(&PyWorkerClient) -> Result<Pending<T>, ClientError> + Send + 'static,
    {
        let client = self.backend.client()?;
        let under_way = Arc::clone(&self.under_way);
        blocking(move || {
            let mut pending = start(&client)?;
            under_way.lock().unwrap_or_else(PoisonError::into_inner).insert(key, pending.canceller());
            let told = pending.progress().map(|progress| {
                // Ends with the request, whose end closes the channel.
                std::thread::spawn(move || progress.iter().try_for_each(|step| on_progress.send(step)))
            });
            let answer = pending.wait();
            under_way.lock().unwrap_or_else(PoisonError::into_inner).remove(&key);
            if let Some(told) = told {
                let _ = told.join();
            }
            answer
        })
        .await
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ClientError> + Send + 'static,
) -> Result<T, ClientError> {
    // The only failure of the join is a panic in `work`, which is a bug here and not the worker's.
    tauri::async_runtime::spawn_blocking(work).await.unwrap_or(Err(ClientError::NotReady))
}

#[derive(Serialize)]
pub struct Status {
    #[serde(flatten)]
    state: health_gate::State,
    elapsed_ms: u64,
}

#[tauri::command]
pub fn backend_status(desk: State<'_, Desk>) -> Status {
    let (state, elapsed) = desk.backend.state();
    Status { state, elapsed_ms: u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX) }
}

#[tauri::command]
pub fn backend_retry(desk: State<'_, Desk>) {
    desk.backend.retry();
}

#[tauri::command]
pub fn quit(app: AppHandle) {
    app.exit(0);
}

#[tauri::command]
pub async fn devices_list(desk: State<'_, Desk>, platform: Option<Platform>) -> Result<Envelope<Devices>, ClientError> {
    let client = desk.backend.client()?;
    blocking(move || client.devices_list(platform)?.wait()).await
}

#[tauri::command]
pub async fn inspect_basic(
    desk: State<'_, Desk>,
    key: u32,
    request: DeviceRequest,
    on_progress: Channel<Progress>,
) -> Result<Envelope<BasicInspection>, ClientError> {
    desk.ask(key, on_progress, move |client| client.inspect_basic(&request)).await
}

#[tauri::command]
pub async fn inspect_deep(
    desk: State<'_, Desk>,
    key: u32,
    request: DeviceRequest,
    on_progress: Channel<Progress>,
) -> Result<Envelope<DeepInspection>, ClientError> {
    desk.ask(key, on_progress, move |client| client.inspect_deep(&request)).await
}

#[tauri::command]
pub fn cancel(desk: State<'_, Desk>, key: u32) {
    if let Some(canceller) = desk.under_way.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
        canceller.cancel();
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReportOrder {
    format: String,
    content: Value,
    options: Option<Value>,
}

/// The document, and where it lies.
#[derive(Serialize)]
pub struct Made {
    report_id: String,
    path: PathBuf,
    #[serde(flatten)]
    report: Report,
}

#[tauri::command]
pub async fn make_report(
    desk: State<'_, Desk>,
    key: u32,
    order: ReportOrder,
    on_progress: Channel<Progress>,
) -> Result<Made, ClientError> {
    let report_id = new_report_id();
    let request = ReportRequest {
        report_id: report_id.clone(),
        format: order.format,
        content: Some(order.content),
        options: order.options,
        ..ReportRequest::default()
    };
    let report = desk.ask(key, on_progress, move |client| client.report_format(&request)).await?.data;
    let path = desk.artifacts.join(&report_id).join(&report.artifact);
    Ok(Made { report_id, path, report })
}

/// Names sort by time. Two reports in one millisecond would be one person clicking twice.
fn new_report_id() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("rep_{}", now.as_millis())
}

/// Hand a finished document to the system's viewer.
#[tauri::command]
pub fn open_report(desk: State<'_, Desk>, report_id: String, format: String) -> Result<(), String> {
    let name = DOCUMENTS.iter().find(|(known, _)| *known == format).map(|(_, name)| name);
    let plain = !report_id.is_empty() && report_id.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let path = match name {
        Some(name) if plain => desk.artifacts.join(report_id).join(name),
        _ => return Err("no such report".to_owned()),
    };
    if !path.is_file() {
        return Err("no such report".to_owned());
    }
    let opener = if cfg!(windows) {
        "explorer.exe"
    } else if cfg!(target_os = "macos") {
        "open"
    } else {
        "xdg-open"
    };
    let viewer =
        Command::new(opener).arg(path).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let mut viewer = viewer.map_err(|error| format!("the system has no viewer for it: {error}"))?;
    // Reaped when it is done; nobody waits for it.
    std::thread::spawn(move || viewer.wait());
    Ok(())
}
