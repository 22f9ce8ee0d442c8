//! The methods of the worker, typed. The shapes are those of `schemas/`; a test reads every recorded transcript through
//! these types and writes it back unchanged, so a member that is missing here is noticed.
//!
//! Names from closed lists (states, reasons, warnings) stay text: a worker that learned a new one must not make a whole
//! inspection unreadable. A verdict is `Some(true)`, `Some(false)` or `None`, and `None` has a reason in its finding:
//! it is "don't know, because …" and never to be shown as a "no".

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::py_client::{ClientError, Pending, PyWorkerClient};

/// `health` and `policy.get` touch no phone and no disk.
const AT_ONCE: Duration = Duration::from_secs(5);
/// The worker's own limits without `timeout_ms`, method by method.
const LIST: Duration = Duration::from_secs(10);
const BASIC: Duration = Duration::from_secs(20);
const DEEP: Duration = Duration::from_secs(45);
const LOGS: Duration = Duration::from_secs(180);
const REPORT: Duration = Duration::from_secs(60);
const DISCOVER: Duration = Duration::from_secs(10);
/// The longest `timeout_ms` that the worker takes.
const LONGEST_MS: u64 = 900_000;
/// The worker answers within its limit and 1 s. Only if it does not, the client's own deadline speaks.
const MARGIN: Duration = Duration::from_millis(1500);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    pub status: String,
    /// "py-worker-1.0.0"
    pub version: String,
    pub uptime_ms: u64,
}

/// What every method that looks at something answers. `ok` is always true: a failure is an error, not an envelope.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Envelope<T> {
    pub ok: bool,
    pub data: T,
    pub warnings: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Platform {
    Ios,
    Android,
    Macos,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PolicyMode {
    Blocked,
    Basic,
    Public,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Devices {
    pub devices: Vec<Device>,
}

/// A phone as `devices.list` sees it. `state` is "ready", or why it is not; `hint` then says what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    pub device_id: String,
    pub platform: Platform,
    pub connection: String,
    pub state: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marketing_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub os_version: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// Which phone, and how to look at it. [`DeviceRequest::new`] is enough for most.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DeviceRequest {
    pub device_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform: Option<Platform>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hints: Option<Hints>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u64>,
    /// A narrower policy for this request alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<PolicyMode>,
}

impl DeviceRequest {
    pub fn new(device_id: impl Into<String>) -> Self {
        DeviceRequest { device_id: device_id.into(), ..DeviceRequest::default() }
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hints {
    /// "usb", "network", "adb-server", "adb-tcp" or "adb-usb": the way in to use, instead of the first that works.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection: Option<String>,
}

/// The four verdicts, each `None` where the phone did not let it be told, and what they rest on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BasicInspection {
    pub activation_locked: Option<bool>,
    pub mdm_enrolled: Option<bool>,
    pub frp_locked: Option<bool>,
    pub efi_locked: Option<bool>,
    #[serde(flatten)]
    pub seen: Seen,
}

/// `signals` names the findings that have a value; `notes` are sentences for whoever reads them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeepInspection {
    pub signals: Vec<String>,
    pub notes: Vec<String>,
    #[serde(flatten)]
    pub seen: Seen,
}

/// What every inspection tells. `device` is the phone's identity, an open object with at least `device_id` and
/// `platform`; the names of its members are those of the schema's privacy tags.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Seen {
    pub device: Map<String, Value>,
    pub state: String,
    pub connection: String,
    /// RFC 3339.
    pub observed_at: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    pub findings: BTreeMap<String, Finding>,
}

/// A value with its evidence, or null with a reason.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    pub value: Value,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    pub evidence: Vec<Evidence>,
    /// For a value that is an object: the reason for each member that is null.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unknown: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// The phone shows signs of root access: its own values may be forged.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub spoofable: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    pub source: String,
    pub key: String,
    pub value: Value,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// `scope` is "default", "system", "crash" or "full". An iPhone's log is listened to for `duration_ms`; an Android phone
/// keeps its log, and the duration means nothing to it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LogsRequest {
    #[serde(flatten)]
    pub device: DeviceRequest,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
    /// "none", "standard" or "strict".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redact: Option<String>,
}

impl LogsRequest {
    fn with_time_to_listen(mut self) -> Self {
        if let (None, Some(listen)) = (self.device.timeout_ms, self.duration_ms) {
            let usual = u64::try_from(LOGS.as_millis()).unwrap_or(u64::MAX);
            self.device.timeout_ms = Some(usual.saturating_add(listen).min(LONGEST_MS));
        }
        self
    }
}

/// What was collected, counted and sifted. With an artifact folder the entries are in the files of `folder`, without
/// one in `entries`; never both.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Logs {
    pub device: LogsDevice,
    pub scope: String,
    /// RFC 3339, by this computer's clock.
    pub observed_at: String,
    pub log_count: u64,
    pub counts: LogCounts,
    /// Of the earliest and the latest entry, as far as the phone told the time: the year or the zone may be missing.
    pub first: Option<String>,
    pub last: Option<String>,
    /// Read from the phone.
    pub bytes: u64,
    /// Lines that the phone itself lost.
    pub dropped: u64,
    pub unparsed: u64,
    /// There was, or may have been, more than was kept; `truncated_because` then says why.
    pub truncated: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub truncated_because: Option<String>,
    pub sources: BTreeMap<String, LogSource>,
    pub redact: String,
    /// How many pieces of text were replaced, by kind.
    pub redacted: BTreeMap<String, u64>,
    /// The gravest first.
    pub triage: Vec<Triage>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entries: Option<Vec<Map<String, Value>>>,
    /// The name of the new folder below the artifact folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifacts: Option<Vec<LogFile>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogsDevice {
    pub device_id: String,
    pub platform: Platform,
    pub state: String,
    pub connection: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogCounts {
    pub by_source: BTreeMap<String, u64>,
    pub by_level: BTreeMap<String, u64>,
    pub by_process: BTreeMap<String, u64>,
}

/// `end` is "complete", "duration", "limit", "size", or the reason why there was no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogSource {
    pub end: String,
    pub bytes: u64,
}

/// Something a technician should know first: a panic, a crash, a restart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Triage {
    pub kind: String,
    pub count: u64,
    pub first: Option<String>,
    pub last: Option<String>,
    pub process: Option<String>,
    /// One line for a technician.
    pub words: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sensors: Option<Vec<Sensor>>,
    pub evidence: Vec<LogEvidence>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sensor {
    pub name: String,
    /// The part it sits on; null where that is not known.
    pub meaning: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogEvidence {
    pub source: String,
    pub text: String,
    /// The name of the artifact with the whole report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
}

/// A file of the collection: "entries.jsonl.gz", "log.txt" or "reports/NAME".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogFile {
    pub name: String,
    pub media_type: String,
    pub size: u64,
    pub sha256: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entries: Option<u64>,
}

/// Without `content` the worker reads `<data-dir>/reports/<report_id>.json`, which the application staged.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReportRequest {
    pub report_id: String,
    /// "pdf", "html" or "json".
    pub format: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub options: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// "report.pdf": the file's name in `<artifact-dir>/<report_id>/`.
    pub artifact: String,
    pub format: String,
    pub media_type: String,
    pub size: u64,
    pub sha256: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pages: Option<u64>,
    /// The document itself, when the worker has no folder for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_base64: Option<String>,
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Policy {
    pub ceiling: PolicyMode,
    /// The methods that each mode allows.
    pub modes: BTreeMap<String, Vec<String>>,
    pub containment: Map<String, Value>,
}

/// One function a method. Each sends its request at once; `wait` on what it returns for the answer.
impl PyWorkerClient {
    pub fn health(&self) -> Result<Pending<Health>, ClientError> {
        self.start("health", NONE, AT_ONCE)
    }

    /// The phones that are attached; with `platform` only those of one kind.
    pub fn devices_list(&self, platform: Option<Platform>) -> Result<Pending<Envelope<Devices>>, ClientError> {
        let params = platform.map(|platform| serde_json::json!({ "platform": platform }));
        self.start("devices.list", params, LIST + MARGIN)
    }

    pub fn inspect_basic(&self, request: &DeviceRequest) -> Result<Pending<Envelope<BasicInspection>>, ClientError> {
        self.start_with_progress("inspect.basic", request, limit(request.timeout_ms, BASIC))
    }

    pub fn inspect_deep(&self, request: &DeviceRequest) -> Result<Pending<Envelope<DeepInspection>>, ClientError> {
        self.start_with_progress("inspect.deep", request, limit(request.timeout_ms, DEEP))
    }

    /// Without `timeout_ms` the time to listen comes on top of the time to read: a long duration must not be cut by the
    /// worker's usual limit.
    pub fn logs_collect(&self, request: &LogsRequest) -> Result<Pending<Envelope<Logs>>, ClientError> {
        let request = request.clone().with_time_to_listen();
        self.start_with_progress("logs.collect", &request, limit(request.device.timeout_ms, LOGS))
    }

    pub fn report_format(&self, request: &ReportRequest) -> Result<Pending<Envelope<Report>>, ClientError> {
        self.start_with_progress("report.format", request, limit(request.timeout_ms, REPORT))
    }

    pub fn policy_get(&self) -> Result<Pending<Policy>, ClientError> {
        self.start("policy.get", NONE, AT_ONCE)
    }

    /// The worker's methods and their schemas as an OpenRPC document.
    pub fn rpc_discover(&self) -> Result<Pending<Value>, ClientError> {
        self.start("rpc.discover", NONE, DISCOVER + MARGIN)
    }

    /// Asks the worker to finish what is under way and leave. `Backend::shutdown` needs no asking and is bounded.
    pub fn shutdown(&self) -> Result<Pending<()>, ClientError> {
        self.start("shutdown", NONE, AT_ONCE)
    }
}

const NONE: Option<()> = None;

fn limit(timeout_ms: Option<u64>, usual: Duration) -> Duration {
    timeout_ms.map_or(usual, Duration::from_millis) + MARGIN
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time_for(timeout_ms: Option<u64>, duration_ms: Option<u64>) -> Option<u64> {
        let device = DeviceRequest { timeout_ms, ..DeviceRequest::new("phone") };
        LogsRequest { device, duration_ms, ..LogsRequest::default() }.with_time_to_listen().device.timeout_ms
    }

    #[test]
    fn the_time_to_listen_comes_on_top_of_the_time_to_read() {
        assert_eq!(time_for(None, Some(300_000)), Some(480_000));
        assert_eq!(time_for(None, Some(u64::MAX)), Some(LONGEST_MS));
        assert_eq!(time_for(None, None), None);
    }

    #[test]
    fn a_time_that_was_asked_for_is_kept() {
        assert_eq!(time_for(Some(5_000), Some(300_000)), Some(5_000));
    }
}
