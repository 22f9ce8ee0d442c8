//! The end of what the worker wrote on stderr: the first thing anybody asks for when it died.
//!
//! stderr must always be read: a worker whose stderr pipe is full stops in the middle of a log line and answers
//! nothing more (measured with 1 MiB unread). So it is drained without end and only the tail is kept.

use std::collections::VecDeque;
use std::io::Read;
use std::sync::{Arc, Mutex, PoisonError};

/// Enough for a Python traceback through several libraries, small enough for an error page.
pub const TAIL_BYTES: usize = 16 * 1024;

const READ_BYTES: usize = 8 * 1024;

/// Cheap to clone; all clones are the same tail.
#[derive(Clone, Default)]
pub struct StderrTail(Arc<Mutex<VecDeque<u8>>>);

impl StderrTail {
    /// Read until the stream ends. Blocks, so it has a thread of its own, one that never writes to the worker.
    pub fn drain<R: Read>(&self, mut stream: R) {
        let mut chunk = [0; READ_BYTES];
        loop {
            match stream.read(&mut chunk) {
                Ok(0) => return,
                Ok(count) => self.push(&chunk[..count]),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                // A pipe that cannot be read any more has ended for us; the tail so far is what there is.
                Err(_) => return,
            }
        }
    }

    fn push(&self, bytes: &[u8]) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = &bytes[bytes.len().saturating_sub(TAIL_BYTES)..];
        let excess = (kept.len() + bytes.len()).saturating_sub(TAIL_BYTES);
        kept.drain(..excess);
        kept.extend(bytes);
    }

    /// The kept text, beginning at a whole line where the start was cut off.
    pub fn text(&self) -> String {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let full = kept.len() == TAIL_BYTES;
        let bytes: &[u8] = kept.make_contiguous();
        let from = match bytes.iter().position(|byte| *byte == b'\n') {
            Some(newline) if full && newline + 1 < bytes.len() => newline + 1,
            _ => 0,
        };
        String::from_utf8_lossy(&bytes[from..]).trim_end().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_text_is_kept_whole() {
        let tail = StderrTail::default();
        tail.drain(&b"first\nsecond\n"[..]);
        assert_eq!(tail.text(), "first\nsecond");
    }

    #[test]
    fn a_flood_leaves_whole_last_lines_and_no_more_than_the_limit() {
        let tail = StderrTail::default();
        let flood: String = (0..100_000).map(|number| format!("line {number}\n")).collect();
        tail.drain(flood.as_bytes());
        let text = tail.text();
        assert!(text.len() <= TAIL_BYTES);
        assert!(text.starts_with("line "));
        assert!(text.ends_with("line 99999"));
    }

    #[test]
    fn one_endless_line_and_bytes_that_are_no_text_are_kept_as_they_are() {
        let tail = StderrTail::default();
        tail.drain(&vec![0xff; 3 * TAIL_BYTES][..]);
        assert_eq!(tail.text().chars().count(), TAIL_BYTES);
    }
}
