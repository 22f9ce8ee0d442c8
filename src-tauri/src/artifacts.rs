//! What of the artifact folder may be shown to a person. The page names things, never paths: a name is checked, joined
//! below the folder, and what is there must really be there, without any link on the way.
//!
//! Reports may be opened. Of collected logs only the place is handed out, to be shown in the system's file manager: a
//! crash report's name comes from a phone, and what a system does with a file it decides by the name's ending.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// Formats of reports, and their names in the report's folder.
const DOCUMENTS: [(&str, &str); 3] = [("pdf", "report.pdf"), ("html", "report.html"), ("json", "report.json")];
/// How the worker begins the name of a collection's folder.
const COLLECTION: &str = "logs-";
/// Below a collection's folder: the whole crash reports.
const CRASH_REPORTS: &str = "reports";
/// The log for reading.
const LOG: &str = "log.txt";

/// What the page shows of a log: more lines than fit on a screen, and never the whole of a log of hundreds of megabytes.
const LAST_LINES: usize = 60;
const LAST_BYTES: u64 = 64 * 1024;

/// The worker's artifact folder, as the application gave it to the worker.
#[derive(Debug, Clone)]
pub struct Artifacts {
    folder: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is no such file here any more")]
pub struct NoSuchArtifact;

impl Artifacts {
    pub fn new(folder: PathBuf) -> Self {
        Artifacts { folder }
    }

    /// Where the worker wrote, or is going to write, something with this name.
    pub fn place(&self, name: &str, file: &str) -> PathBuf {
        self.folder.join(name).join(file)
    }

    /// A finished report.
    pub fn report(&self, report_id: &str, format: &str) -> Result<PathBuf, NoSuchArtifact> {
        let (_, file) = DOCUMENTS.iter().find(|(known, _)| *known == format).ok_or(NoSuchArtifact)?;
        let path = self.existing(&[report_id, file])?;
        if path.is_file() {
            Ok(path)
        } else {
            Err(NoSuchArtifact)
        }
    }

    /// The folder of a collection.
    pub fn collection(&self, folder: &str) -> Result<PathBuf, NoSuchArtifact> {
        if !folder.starts_with(COLLECTION) {
            return Err(NoSuchArtifact);
        }
        let path = self.existing(&[folder])?;
        if path.is_dir() {
            Ok(path)
        } else {
            Err(NoSuchArtifact)
        }
    }

    /// A file of a collection, by the name that the worker gave it: "log.txt" or "reports/NAME".
    pub fn collected(&self, folder: &str, name: &str) -> Result<PathBuf, NoSuchArtifact> {
        self.collection(folder)?;
        let path = match name.split_once('/') {
            Some((CRASH_REPORTS, report)) => self.existing(&[folder, CRASH_REPORTS, report])?,
            Some(_) => return Err(NoSuchArtifact),
            None => self.existing(&[folder, name])?,
        };
        if path.is_file() {
            Ok(path)
        } else {
            Err(NoSuchArtifact)
        }
    }

    /// The last lines of a collection's log; none where it has none.
    pub fn last_lines(&self, folder: &str) -> io::Result<Vec<String>> {
        let Ok(path) = self.collected(folder, LOG) else { return Ok(Vec::new()) };
        let mut log = File::open(path)?;
        let skipped = log.metadata()?.len().saturating_sub(LAST_BYTES);
        log.seek(SeekFrom::Start(skipped))?;
        let mut bytes = Vec::new();
        log.take(LAST_BYTES).read_to_end(&mut bytes)?;
        let text = String::from_utf8_lossy(&bytes);
        // The piece begins somewhere in a line, which is left out.
        let mut lines: Vec<&str> = text.lines().skip(usize::from(skipped > 0)).collect();
        lines.drain(..lines.len().saturating_sub(LAST_LINES));
        Ok(lines.into_iter().map(str::to_owned).collect())
    }

    /// These names below the folder: each plain, all of them there, and no link among them.
    fn existing(&self, names: &[&str]) -> Result<PathBuf, NoSuchArtifact> {
        if !names.iter().all(|name| is_plain(name)) {
            return Err(NoSuchArtifact);
        }
        let below = |folder: &Path| names.iter().fold(folder.to_owned(), |path, name| path.join(name));
        let expected = below(&self.folder.canonicalize().map_err(|_| NoSuchArtifact)?);
        let path = below(&self.folder);
        // Handed out as the application wrote it: on Windows the canonical form is one that viewers do not take.
        match path.canonicalize() {
            Ok(real) if real == expected => Ok(path),
            _ => Err(NoSuchArtifact),
        }
    }
}

/// The worker's own alphabet of names. No separators, no drive, no stream, and neither "." nor "..".
fn is_plain(name: &str) -> bool {
    let may_begin = |c: char| c.is_ascii_alphanumeric() || c == '_';
    name.starts_with(may_begin) && name.chars().all(|c| may_begin(c) || c == '.' || c == '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    const FOLDER: &str = "logs-VP14-20261125T142811Z";

    /// A folder of artifacts with a report and a collection, beside a secret.
    fn bench() -> (tempfile::TempDir, Artifacts) {
        let outside = tempfile::tempdir().unwrap();
        let folder = outside.path().join("artifacts");
        std::fs::create_dir_all(folder.join(FOLDER).join(CRASH_REPORTS)).unwrap();
        std::fs::create_dir_all(folder.join("rep_1")).unwrap();
        std::fs::write(folder.join("rep_1/report.pdf"), "%PDF").unwrap();
        std::fs::write(folder.join(FOLDER).join(LOG), "one\ntwo\n").unwrap();
        std::fs::write(folder.join(FOLDER).join("reports/Notes-1.ips"), "{}").unwrap();
        std::fs::write(outside.path().join("secret.txt"), "secret").unwrap();
        (outside, Artifacts::new(folder))
    }

    #[test]
    fn what_the_worker_wrote_is_found() {
        let (outside, artifacts) = bench();
        let folder = outside.path().join("artifacts");
        assert_eq!(artifacts.report("rep_1", "pdf"), Ok(folder.join("rep_1/report.pdf")));
        assert_eq!(artifacts.collection(FOLDER), Ok(folder.join(FOLDER)));
        assert_eq!(artifacts.collected(FOLDER, LOG), Ok(folder.join(FOLDER).join(LOG)));
        let report = artifacts.collected(FOLDER, "reports/Notes-1.ips");
        assert_eq!(report, Ok(folder.join(FOLDER).join("reports/Notes-1.ips")));
    }

    #[test]
    fn no_name_leads_out_of_the_folder() {
        let (outside, artifacts) = bench();
        let secret = outside.path().join("secret.txt");
        for name in [
            "",
            ".",
            "..",
            "../secret.txt",
            "../../secret.txt",
            "reports/../../../secret.txt",
            "reports/../log.txt",
            "other/log.txt",
            "reports\\..\\log.txt",
            "C:secret.txt",
            "log.txt:stream",
            "log.txt\0",
            "reports",
            secret.to_str().unwrap(),
        ] {
            assert_eq!(artifacts.collected(FOLDER, name), Err(NoSuchArtifact), "{name:?}");
            assert_eq!(artifacts.collection(name), Err(NoSuchArtifact), "{name:?}");
            assert_eq!(artifacts.report(name, "pdf"), Err(NoSuchArtifact), "{name:?}");
        }
        assert_eq!(artifacts.collection("logs-/../../secret.txt"), Err(NoSuchArtifact));
        assert_eq!(artifacts.report("rep_1", "../../secret.txt"), Err(NoSuchArtifact));
    }

    #[test]
    fn a_reports_folder_is_no_collection_and_a_file_is_no_folder() {
        let (outside, artifacts) = bench();
        std::fs::write(outside.path().join("artifacts/logs-file"), "").unwrap();
        assert_eq!(artifacts.collection("rep_1"), Err(NoSuchArtifact));
        assert_eq!(artifacts.collection("logs-file"), Err(NoSuchArtifact));
        assert_eq!(artifacts.report("rep_1", "html"), Err(NoSuchArtifact));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_not_followed_wherever_it_lies() {
        let (outside, artifacts) = bench();
        let folder = outside.path().join("artifacts");
        let link = |target: &Path, name: &str| std::os::unix::fs::symlink(target, folder.join(name)).unwrap();
        link(&outside.path().join("secret.txt"), &format!("{FOLDER}/secret.txt"));
        link(outside.path(), "logs-elsewhere");
        link(&folder.join(FOLDER), "logs-again");
        assert_eq!(artifacts.collected(FOLDER, "secret.txt"), Err(NoSuchArtifact));
        assert_eq!(artifacts.collected("logs-elsewhere", "secret.txt"), Err(NoSuchArtifact));
        assert_eq!(artifacts.collection("logs-again"), Err(NoSuchArtifact));
    }

    #[cfg(unix)]
    #[test]
    fn the_folder_of_artifacts_itself_may_lie_behind_a_link() {
        let (outside, _) = bench();
        std::os::unix::fs::symlink(outside.path().join("artifacts"), outside.path().join("data")).unwrap();
        let artifacts = Artifacts::new(outside.path().join("data"));
        assert_eq!(artifacts.collection(FOLDER), Ok(outside.path().join("data").join(FOLDER)));
    }

    #[test]
    fn of_a_long_log_only_the_last_whole_lines_are_read() {
        let (outside, artifacts) = bench();
        assert_eq!(artifacts.last_lines(FOLDER).unwrap(), ["one", "two"]);
        assert!(artifacts.last_lines("logs-gone").unwrap().is_empty());

        let long: String = (0..100_000).map(|number| format!("line {number}\n")).collect();
        let log = outside.path().join("artifacts").join(FOLDER).join(LOG);
        std::fs::write(&log, &long).unwrap();
        let lines = artifacts.last_lines(FOLDER).unwrap();
        assert_eq!((lines.len(), lines.last().unwrap().as_str()), (LAST_LINES, "line 99999"));

        // A line longer than what is read has no beginning to show.
        std::fs::write(&log, format!("{}\nshort", "x".repeat(100_000))).unwrap();
        assert_eq!(artifacts.last_lines(FOLDER).unwrap(), ["short"]);
    }
}
