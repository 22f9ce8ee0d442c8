//! Finding and launching the bundled Python, and ending it. Free of Tauri types, so that it can be tested with temporary
//! folders.
//!
//! **There is no port.** The older design picked a free TCP port here and handed it to the worker. This one talks over
//! the worker's own stdin and stdout: nothing listens, nothing can be connected to by another program, no port can be
//! taken or blocked by a firewall, and the worker sees the end of its stdin when the application is gone, however it
//! went. So there is nothing to pick, to pass or to wait for; readiness is the answer to `health`.
//!
//! Launch line, the same on all platforms: `python -I -X utf8 -B <worker folder>`. `-I` keeps the user's packages and
//! `PYTHON*` variables out (either can replace a bundled package), `-X utf8` must be on the command line because `-I`
//! ignores the variable, `-B` because the installed tree is read-only and watched folders must stay still. A folder
//! given as script is put on the path even under `-I`.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};

use crate::supervisor::{Backend, HEALTH_DEADLINE};

/// Where `bundle/stage.py` puts the interpreter, below the folder of resources.
const RUNTIME_FOLDER: &str = "python";
/// The worker's packages, below the runtime's folder: one resource mapping carries both.
const WORKER_FOLDER: &str = "app";
/// Debug builds only: another interpreter, and with it another worker folder. Without the second the interpreter's own
/// installed `pyworker` is run (a development environment).
const OVERRIDE_PYTHON: &str = "PYWORKER_PYTHON";
const OVERRIDE_WORKER: &str = "PYWORKER_APP";

/// All that the worker sees of the environment. Everything else stays here: `PYTHON*`, proxies, `SSLKEYLOGFILE`, and
/// what AppImage sets for the window's own libraries (`LD_LIBRARY_PATH`, `GTK_*`), which breaks the bundled ones.
const KEPT_VARIABLES: [&str; 22] = [
    "HOME",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TZ",
    "TMPDIR",
    "XDG_RUNTIME_DIR",
    // Where phones are found, when it is not the usual place.
    "USBMUXD_SOCKET_ADDRESS",
    "ADB_SERVER_SOCKET",
    "ANDROID_ADB_SERVER_PORT",
    // Windows cannot load its own libraries or find Apple's pair records without these.
    "SYSTEMROOT",
    "SYSTEMDRIVE",
    "WINDIR",
    "TEMP",
    "TMP",
    "USERPROFILE",
    "APPDATA",
    "LOCALAPPDATA",
    "PROGRAMDATA",
    "ALLUSERSPROFILE",
    "PROGRAMFILES",
    "COMMONPROGRAMFILES",
];

#[derive(Debug, thiserror::Error)]
pub enum BackendError {
    /// The installation is damaged, or was moved in pieces. Lists each place that was looked at.
    #[error("no bundled Python; looked at {}", list(.tried))]
    PythonNotFound { tried: Vec<PathBuf> },
    #[error("a worker was launched already; shut it down first")]
    AlreadyLaunched,
    #[error("the system gave no thread: {0}")]
    NoThread(std::io::Error),
}

fn list(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
}

/// What the worker is launched with, beside its place.
#[derive(Debug, Clone, Default)]
pub struct LaunchOptions {
    /// The widest any request may go: "blocked", "basic" or "public". The worker can only narrow it.
    pub policy_mode: Option<String>,
    /// Where the application stages reports; the worker only reads it.
    pub data_dir: Option<PathBuf>,
    /// The one folder the worker writes to.
    pub artifact_dir: Option<PathBuf>,
    pub usbmuxd: Option<String>,
    pub adb_server: Option<String>,
    pub adb_key: Option<PathBuf>,
    pub allow_devices: Vec<String>,
    /// Keep a transcript of the conversation.
    pub record: Option<PathBuf>,
    pub log_level: Option<String>,
    /// The worker's current folder. Not the resources: on Windows a process locks its current folder, and with it the
    /// next update. The temporary folder when absent.
    pub current_dir: Option<PathBuf>,
}

impl LaunchOptions {
    /// The command line of the contract, without the interpreter and the worker's place.
    pub fn arguments(&self) -> Vec<OsString> {
        let mut arguments = vec!["--parent-pid".into(), std::process::id().to_string().into()];
        let mut flag = |name: &str, value: Option<&OsStr>| {
            if let Some(value) = value {
                arguments.push(name.into());
                arguments.push(value.to_owned());
            }
        };
        flag("--policy-mode", self.policy_mode.as_deref().map(OsStr::new));
        flag("--data-dir", self.data_dir.as_deref().map(Path::as_os_str));
        flag("--artifact-dir", self.artifact_dir.as_deref().map(Path::as_os_str));
        flag("--usbmuxd", self.usbmuxd.as_deref().map(OsStr::new));
        flag("--adb-server", self.adb_server.as_deref().map(OsStr::new));
        flag("--adb-key", self.adb_key.as_deref().map(Path::as_os_str));
        for device in &self.allow_devices {
            flag("--allow-device", Some(OsStr::new(device)));
        }
        flag("--record", self.record.as_deref().map(Path::as_os_str));
        flag("--log-level", self.log_level.as_deref().map(OsStr::new));
        arguments
    }
}

/// What to run: an interpreter, and what it is told to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkerProgram {
    pub python: PathBuf,
    /// The folder with `__main__.py` and all packages side by side; absent: the interpreter's installed `pyworker`.
    pub folder: Option<PathBuf>,
}

impl WorkerProgram {
    /// Where the worker is, below the application's resources or by a debug build's override.
    pub fn find(app_dir: &Path) -> Result<Self, BackendError> {
        let python = find_python_executable(app_dir)?;
        let folder = if python.starts_with(app_dir) {
            Some(app_dir.join(RUNTIME_FOLDER).join(WORKER_FOLDER))
        } else {
            debug_override(OVERRIDE_WORKER)
        };
        Ok(WorkerProgram { python, folder })
    }

    /// The whole command, ready to be spawned.
    pub fn command(&self, options: &LaunchOptions) -> Command {
        let mut command = Command::new(&self.python);
        command.args(["-I", "-X", "utf8", "-B"]);
        match &self.folder {
            Some(folder) => command.arg(folder),
            None => command.args(["-m", "pyworker"]),
        };
        command.args(options.arguments());
        command.current_dir(options.current_dir.clone().unwrap_or_else(std::env::temp_dir));
        command.env_clear();
        command.envs(std::env::vars_os().filter(|(name, _)| is_kept(name)));
        command
    }
}

/// Names compare without case on Windows, and no name here differs from another by case alone.
fn is_kept(name: &OsStr) -> bool {
    KEPT_VARIABLES.iter().any(|kept| name.eq_ignore_ascii_case(kept))
}

/// The interpreter to run the worker with: in a debug build what `PYWORKER_PYTHON` names, else the bundled one.
/// Never a Python of the system: it may be any version, with any packages, or a shop's own script.
pub fn find_python_executable(app_dir: &Path) -> Result<PathBuf, BackendError> {
    find_with(app_dir, debug_override(OVERRIDE_PYTHON))
}

fn debug_override(variable: &str) -> Option<PathBuf> {
    if cfg!(debug_assertions) {
        std::env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from)
    } else {
        None
    }
}

fn find_with(app_dir: &Path, chosen: Option<PathBuf>) -> Result<PathBuf, BackendError> {
    let runtime = app_dir.join(RUNTIME_FOLDER);
    let python = match chosen {
        // A name given explicitly is meant: falling back to another interpreter would hide the mistake.
        Some(python) => python,
        None if cfg!(windows) => runtime.join("python.exe"),
        None => newest_interpreter(&runtime.join("bin")).unwrap_or_else(|| runtime.join("bin").join("python3.x")),
    };
    if python.is_file() {
        Ok(python)
    } else {
        Err(BackendError::PythonNotFound { tried: vec![python] })
    }
}

/// The real file `python3.x`, not the links beside it: a bundler turns links into copies, or drops them.
fn newest_interpreter(folder: &Path) -> Option<PathBuf> {
    std::fs::read_dir(folder)
        .ok()?
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()))
        .filter_map(|entry| Some((minor_version(&entry.file_name())?, entry.path())))
        .max()
        .map(|(_, path)| path)
}

fn minor_version(name: &OsStr) -> Option<u32> {
    name.to_str()?.strip_prefix("python3.")?.parse().ok()
}

/// The application's one worker. Tauri ends in several places (window, updater, signal), and each must reach it.
static LAUNCHED: Mutex<Option<Arc<Backend>>> = Mutex::new(None);

/// Start the worker and its supervision, with the usual options. Returns at once; the gate tells when it is ready.
pub fn launch_python_backend(app_dir: &Path) -> Result<Arc<Backend>, BackendError> {
    launch_python_backend_with(app_dir, LaunchOptions::default(), |_| {})
}

/// `on_change` is called with each new state of the health gate, one at a time, on the supervisor's thread.
pub fn launch_python_backend_with(
    app_dir: &Path,
    options: LaunchOptions,
    on_change: impl Fn(&crate::health_gate::State) + Send + 'static,
) -> Result<Arc<Backend>, BackendError> {
    let mut launched = LAUNCHED.lock().unwrap_or_else(PoisonError::into_inner);
    if launched.is_some() {
        return Err(BackendError::AlreadyLaunched);
    }
    let app_dir = app_dir.to_owned();
    // Looked for at each start, so that Retry helps after the installation was repaired.
    let command = move || WorkerProgram::find(&app_dir).map(|program| program.command(&options));
    let backend = Backend::start(command, HEALTH_DEADLINE, on_change).map_err(BackendError::NoThread)?;
    *launched = Some(Arc::clone(&backend));
    Ok(backend)
}

/// End the worker, whatever it is doing, in less than 3 s. Idempotent, and may be called from any thread; who comes
/// second waits until it is done. Call it when the application exits and before an updater runs its installer.
pub fn shutdown_python_backend() {
    let mut launched = LAUNCHED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(backend) = launched.take() {
        backend.shutdown();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder_with(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let path = folder.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        folder
    }

    #[cfg(unix)]
    #[test]
    fn the_bundled_interpreter_is_the_newest_real_file() {
        let folder = folder_with(&["python/bin/python3.9", "python/bin/python3.13", "python/bin/python3.13-config"]);
        std::os::unix::fs::symlink("python3.13", folder.path().join("python/bin/python3.99")).unwrap();
        assert_eq!(find_with(folder.path(), None).unwrap(), folder.path().join("python/bin/python3.13"));
    }

    #[test]
    fn an_override_is_meant_and_never_silently_replaced() {
        let folder = folder_with(&["python/bin/python3.13", "python/python.exe", "mine"]);
        assert_eq!(find_with(folder.path(), Some(folder.path().join("mine"))).unwrap(), folder.path().join("mine"));
        let gone = folder.path().join("gone");
        let error = find_with(folder.path(), Some(gone.clone())).unwrap_err();
        assert!(error.to_string().contains(gone.to_str().unwrap()));
    }

    #[test]
    fn a_missing_interpreter_is_an_error_that_lists_the_places_and_never_the_systems_python() {
        let folder = tempfile::tempdir().unwrap();
        let error = find_with(folder.path(), None).unwrap_err();
        assert!(matches!(error, BackendError::PythonNotFound { .. }));
        assert!(error.to_string().contains(folder.path().to_str().unwrap()));
    }

    #[test]
    fn the_environment_is_an_allow_list() {
        for dropped in
            ["PYTHONHOME", "PYTHONPATH", "LD_LIBRARY_PATH", "GTK_PATH", "https_proxy", "SSLKEYLOGFILE", "PATH"]
        {
            assert!(!is_kept(OsStr::new(dropped)), "{dropped}");
        }
        for kept in ["HOME", "SystemRoot", "USBMUXD_SOCKET_ADDRESS"] {
            assert!(is_kept(OsStr::new(kept)), "{kept}");
        }
    }

    #[test]
    fn the_launch_line_is_the_contracts() {
        let program = WorkerProgram { python: "/p/python3.13".into(), folder: Some("/p/app".into()) };
        let options = LaunchOptions {
            policy_mode: Some("basic".to_owned()),
            allow_devices: vec!["127.0.0.1:5555".to_owned(), "127.0.0.1:5557".to_owned()],
            ..LaunchOptions::default()
        };
        let command = program.command(&options);
        let arguments: Vec<_> = command.get_args().map(|argument| argument.to_str().unwrap()).collect();
        let parent = std::process::id().to_string();
        assert_eq!(
            arguments,
            [
                "-I",
                "-X",
                "utf8",
                "-B",
                "/p/app",
                "--parent-pid",
                &parent,
                "--policy-mode",
                "basic",
                "--allow-device",
                "127.0.0.1:5555",
                "--allow-device",
                "127.0.0.1:5557",
            ]
        );
    }
}
