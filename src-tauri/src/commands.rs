//! What the page can ask for. Each command that talks to the worker runs on a thread where waiting is allowed, and
//! rejects with `{"kind", "message", "hint", "retryable"}`.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tauri::ipc::Channel;
use tauri::{AppHandle, State};
use workshop::artifacts::Artifacts;
use workshop::health_gate;
use workshop::methods::{
    BasicInspection, DeepInspection, DeviceRequest, Devices, Envelope, Logs, LogsRequest, Platform, Report,
    ReportRequest,
};
use workshop::py_client::{Canceller, ClientError, Pending, PyWorkerClient};
use workshop::supervisor::Backend;
use workshop::viewer;
use workshop::wire::Progress;

/// Carries each new state of the health gate.
pub const STATUS_EVENT: &str = "backend://status";

/// What the commands share.
pub struct Desk {
    backend: Arc<Backend>,
    artifacts: Artifacts,
    /// The page's own numbers of requests under way, so that it can cancel one.
    under_way: Arc<Mutex<HashMap<u32, Canceller>>>,
}

impl Desk {
    pub fn new(backend: Arc<Backend>, artifacts: PathBuf) -> Self {
        Desk { backend, artifacts: Artifacts::new(artifacts), under_way: Arc::default() }
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
    let path = desk.artifacts.place(&report_id, &report.artifact);
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
    viewer::open(&desk.artifacts.report(&report_id, &format).map_err(|error| error.to_string())?)
}

/// The answer as the worker gave it, where its files are, and the end of its log, which the page shows as it is.
#[derive(Serialize)]
pub struct Collected {
    answer: Envelope<Logs>,
    path: Option<PathBuf>,
    last_lines: Vec<String>,
}

#[tauri::command]
pub async fn collect_logs(
    desk: State<'_, Desk>,
    key: u32,
    request: LogsRequest,
    on_progress: Channel<Progress>,
) -> Result<Collected, ClientError> {
    let answer = desk.ask(key, on_progress, move |client| client.logs_collect(&request)).await?;
    let folder = answer.data.folder.as_deref();
    let path = folder.and_then(|folder| desk.artifacts.collection(folder).ok());
    // A log that cannot be read here is still where the path says; its lines are a courtesy.
    let last_lines = folder.and_then(|folder| desk.artifacts.last_lines(folder).ok()).unwrap_or_default();
    Ok(Collected { answer, path, last_lines })
}

/// Show a collection's folder, or where one of its files is, in the system's file manager.
#[tauri::command]
pub fn show_logs(desk: State<'_, Desk>, folder: String, file: Option<String>) -> Result<(), String> {
    let path = match file {
        Some(file) => desk.artifacts.collected(&folder, &file),
        None => desk.artifacts.collection(&folder),
    };
    viewer::show(&path.map_err(|error| error.to_string())?)
}
