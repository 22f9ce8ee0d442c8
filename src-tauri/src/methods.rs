//! placeholder
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Health {
    pub status: String,
    pub version: String,
    pub uptime_ms: u64,
}
