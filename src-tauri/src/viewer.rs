//! The system's own programs that show files. Nothing here waits for them.

use std::path::Path;
use std::process::{Command, Stdio};

/// Open the file with whatever the system opens such files with. Only for files whose name the application chose.
pub fn open(path: &Path) -> Result<(), String> {
    let opener = if cfg!(windows) {
        "explorer.exe"
    } else if cfg!(target_os = "macos") {
        "open"
    } else {
        "xdg-open"
    };
    let mut command = Command::new(opener);
    command.arg(path);
    start(command)
}

/// Show where the file or folder is, in the system's file manager. The file itself is not opened.
pub fn show(path: &Path) -> Result<(), String> {
    if path.is_dir() {
        open(path)
    } else {
        start(point_out(path))
    }
}

#[cfg(windows)]
fn point_out(path: &Path) -> Command {
    use std::os::windows::process::CommandExt;

    let mut command = Command::new("explorer.exe");
    // Explorer wants the quotes after the comma, where the usual quoting does not put them. No path holds a quote.
    command.raw_arg(format!("/select,\"{}\"", path.display()));
    command
}

#[cfg(target_os = "macos")]
fn point_out(path: &Path) -> Command {
    let mut command = Command::new("open");
    command.arg("-R").arg(path);
    command
}

#[cfg(not(any(windows, target_os = "macos")))]
fn point_out(path: &Path) -> Command {
    let mut command = Command::new("xdg-open");
    // There is no command for one file that all desktops know; its folder they all can show.
    command.arg(path.parent().unwrap_or(path));
    command
}

fn start(mut command: Command) -> Result<(), String> {
    let viewer = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let mut viewer = viewer.map_err(|error| format!("The system has no program to show it: {error}"))?;
    // Reaped when it is done; nobody waits for it.
    std::thread::spawn(move || viewer.wait());
    Ok(())
}
