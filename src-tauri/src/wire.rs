//! JSON-RPC 2.0, one message a line, as the parent speaks and hears it. No threads and no processes in here.
//!
//! The worker's side of the same wire is `protocol/`. A line is one JSON text ended by 0x0A. What the worker writes
//! is foreign input to the parent: a line that is no message is counted by the caller and passed over, a line longer
//! than [`MAX_ANSWER_BYTES`] ends the conversation, because the parent can no longer know whose answer it was.

use std::io::{self, BufRead, BufReader, Read};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// The worker refuses longer lines (its input limit is 8 MiB), so sending one would only waste the pipe.
pub const MAX_REQUEST_BYTES: usize = 8 * 1024 * 1024;

/// Larger than any answer the worker gives (a whole report comes back as base64 when it has no artifact folder),
/// small enough that a worker gone wrong cannot fill the memory of the parent.
pub const MAX_ANSWER_BYTES: usize = 64 * 1024 * 1024;

/// One read from the pipe; 64 KiB is what a pipe holds on Linux.
const READ_BYTES: usize = 64 * 1024;

/// What the worker answered in place of a result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message} ({code})")]
pub struct RpcFailure {
    pub code: i64,
    pub message: String,
    #[serde(default)]
    pub data: FailureData,
}

/// `kind` is the stable name, `hint` one sentence for a person, `retryable` whether asking again may work.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FailureData {
    pub kind: String,
    pub hint: String,
    pub retryable: bool,
}

/// How far a request is. `total` is absent while it is not known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    pub token: serde_json::Value,
    pub stage: String,
    pub done: u64,
    #[serde(default)]
    pub total: Option<u64>,
}

/// A line from the worker, understood. A result stays text until the caller knows its type.
#[derive(Debug)]
pub enum Incoming {
    Answer {
        id: u64,
        outcome: Result<Box<RawValue>, RpcFailure>,
    },
    Progress(Progress),
    /// Not for us: no JSON, an answer to nobody, a notification of a later version.
    Stray,
}

#[derive(Serialize)]
struct Request<'a, P: Serialize> {
    jsonrpc: &'static str,
    id: u64,
    method: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    params: Option<P>,
}

#[derive(Serialize)]
struct Notification<'a, P: Serialize> {
    jsonrpc: &'static str,
    method: &'a str,
    params: P,
}

#[derive(Deserialize)]
struct Line {
    jsonrpc: String,
    #[serde(default)]
    id: Option<serde_json::Value>,
    #[serde(default)]
    method: Option<String>,
    #[serde(default)]
    params: Option<serde_json::Value>,
    #[serde(default, deserialize_with = "present")]
    result: Option<Box<RawValue>>,
    #[serde(default)]
    error: Option<RpcFailure>,
}

/// `"result": null` is an answer; a missing `result` is none. Serde folds the two together unless told not to.
fn present<'de, D: serde::Deserializer<'de>>(source: D) -> Result<Option<Box<RawValue>>, D::Error> {
    Box::<RawValue>::deserialize(source).map(Some)
}

/// The line of a request, its newline included.
pub fn request<P: Serialize>(id: u64, method: &str, params: Option<P>) -> serde_json::Result<Vec<u8>> {
    line(&Request { jsonrpc: "2.0", id, method, params })
}

/// The line that asks the worker to stop working on `id`.
pub fn cancel(id: u64) -> serde_json::Result<Vec<u8>> {
    line(&Notification { jsonrpc: "2.0", method: "$/cancelRequest", params: serde_json::json!({ "id": id }) })
}

fn line<T: Serialize>(message: &T) -> serde_json::Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec(message)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Never fails: what cannot be understood is [`Incoming::Stray`].
pub fn understand(line: &[u8]) -> Incoming {
    let Ok(message) = serde_json::from_slice::<Line>(line) else { return Incoming::Stray };
    if message.jsonrpc != "2.0" {
        return Incoming::Stray;
    }
    if let Some(method) = message.method {
        let progress = message.params.filter(|_| method == "$/progress").map(serde_json::from_value);
        return match progress {
            Some(Ok(progress)) => Incoming::Progress(progress),
            _ => Incoming::Stray,
        };
    }
    let Some(id) = message.id.as_ref().and_then(serde_json::Value::as_u64) else { return Incoming::Stray };
    match (message.result, message.error) {
        (Some(result), None) => Incoming::Answer { id, outcome: Ok(result) },
        (None, Some(failure)) => Incoming::Answer { id, outcome: Err(failure) },
        _ => Incoming::Stray,
    }
}

/// Whole lines out of a stream, none longer than `limit`. Linear in what is read, however the bytes arrive.
pub struct Lines<R> {
    source: BufReader<R>,
    line: Vec<u8>,
    limit: usize,
}

impl<R: Read> Lines<R> {
    pub fn new(source: R, limit: usize) -> Self {
        Lines { source: BufReader::with_capacity(READ_BYTES, source), line: Vec::new(), limit }
    }

    /// The next line without its newline; `None` at the end of the stream. Bytes after the last newline are no line:
    /// the worker died while it wrote them.
    ///
    /// Errors: whatever the stream raises, and `InvalidData` for a line over the limit.
    pub fn next_line(&mut self) -> io::Result<Option<&[u8]>> {
        // One large answer must not hold its memory until the worker ends.
        if self.line.capacity() > READ_BYTES {
            self.line = Vec::new();
        }
        self.line.clear();
        loop {
            let chunk = match self.source.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                other => other?,
            };
            if chunk.is_empty() {
                return Ok(None);
            }
            let end = chunk.iter().position(|byte| *byte == b'\n');
            let taken = end.unwrap_or(chunk.len());
            if self.line.len() + taken > self.limit {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "the worker sent a line over the limit"));
            }
            self.line.extend_from_slice(&chunk[..taken]);
            self.source.consume(taken + usize::from(end.is_some()));
            if end.is_some() {
                return Ok(Some(&self.line));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hands out one byte a read, the worst a pipe can do.
    struct Drip<'a>(&'a [u8]);

    impl Read for Drip<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let count = self.0.len().min(1).min(into.len());
            into[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }

    fn all_lines<R: Read>(source: R, limit: usize) -> io::Result<Vec<Vec<u8>>> {
        let mut lines = Lines::new(source, limit);
        let mut found = Vec::new();
        while let Some(line) = lines.next_line()? {
            found.push(line.to_vec());
        }
        Ok(found)
    }

    #[test]
    fn lines_come_out_the_same_however_the_bytes_arrive() {
        let text = b"one\n\ntwo\nunfinished";
        let expected = vec![b"one".to_vec(), b"".to_vec(), b"two".to_vec()];
        assert_eq!(all_lines(&text[..], 16).unwrap(), expected);
        assert_eq!(all_lines(Drip(text), 16).unwrap(), expected);
    }

    #[test]
    fn a_line_of_exactly_the_limit_passes_and_one_byte_more_does_not() {
        assert_eq!(all_lines(&b"12345678\n"[..], 8).unwrap().len(), 1);
        assert_eq!(all_lines(&b"123456789\n"[..], 8).unwrap_err().kind(), io::ErrorKind::InvalidData);
        assert_eq!(all_lines(Drip(b"123456789"), 8).unwrap_err().kind(), io::ErrorKind::InvalidData);
    }

    #[test]
    fn a_null_result_is_an_answer_and_a_missing_one_is_not() {
        assert!(matches!(
            understand(br#"{"jsonrpc":"2.0","id":7,"result":null}"#),
            Incoming::Answer { id: 7, outcome: Ok(result) } if result.get() == "null"
        ));
        assert!(matches!(understand(br#"{"jsonrpc":"2.0","id":7}"#), Incoming::Stray));
        assert!(matches!(
            understand(br#"{"jsonrpc":"2.0","id":7,"result":1,"error":{"code":1,"message":""}}"#),
            Incoming::Stray
        ));
    }

    #[test]
    fn a_failure_keeps_its_kind_and_hint_and_needs_neither() {
        let full = br#"{"jsonrpc":"2.0","id":1,"error":{"code":1003,"message":"locked",
            "data":{"kind":"device_locked","hint":"Unlock it.","retryable":true}}}"#;
        let Incoming::Answer { outcome: Err(failure), .. } = understand(full) else { panic!("no failure") };
        assert_eq!((failure.code, failure.data.kind.as_str(), failure.data.retryable), (1003, "device_locked", true));
        let bare = br#"{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"no"}}"#;
        let Incoming::Answer { outcome: Err(failure), .. } = understand(bare) else { panic!("no failure") };
        assert_eq!(failure.data, FailureData::default());
    }

    #[test]
    fn what_is_no_message_is_stray_and_never_a_panic() {
        let strays: [&[u8]; 9] = [
            b"",
            b"hello",
            b"\xff\xfe",
            b"[]",
            b"{}",
            br#"{"jsonrpc":"1.0","id":1,"result":1}"#,
            br#"{"jsonrpc":"2.0","id":"1","result":1}"#,
            br#"{"jsonrpc":"2.0","id":-1,"result":1}"#,
            br#"{"jsonrpc":"2.0","method":"$/progress","params":{"token":1}}"#,
        ];
        for stray in strays {
            assert!(matches!(understand(stray), Incoming::Stray), "{}", String::from_utf8_lossy(stray));
        }
    }

    #[test]
    fn progress_is_understood_with_and_without_a_total() {
        for (text, total) in [("null", None), ("9", Some(9))] {
            let line = format!(
                r#"{{"jsonrpc":"2.0","method":"$/progress","params":{{"token":"5","stage":"read","done":3,"total":{text}}}}}"#
            );
            let Incoming::Progress(progress) = understand(line.as_bytes()) else { panic!("no progress") };
            assert_eq!((progress.done, progress.total), (3, total));
        }
    }

    #[test]
    fn a_request_is_one_line_whatever_its_strings_hold() {
        let bytes = request(3, "inspect.basic", Some(serde_json::json!({"device_id": "a\nb\u{2028}"}))).unwrap();
        assert_eq!(bytes.iter().filter(|byte| **byte == b'\n').count(), 1);
        assert_eq!(bytes.last(), Some(&b'\n'));
        let back: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(back["params"]["device_id"], "a\nb\u{2028}");
        let bare: serde_json::Value = serde_json::from_slice(&request::<()>(4, "health", None).unwrap()).unwrap();
        assert!(bare.get("params").is_none());
    }
}
