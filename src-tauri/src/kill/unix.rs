//! Linux and macOS: the worker leads a process group of its own, which is what signals are sent to.

use std::io;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus};

use super::Exit;

/// What must be set before the spawn. Its own group also keeps a terminal's Ctrl-C, which goes to the whole foreground
/// group, from killing the worker in the middle of an answer.
pub fn prepare(command: &mut Command) {
    command.process_group(0);
}

/// The hold on a spawned worker. Must only be used while the worker is not reaped: afterwards its number may belong to
/// somebody else.
pub struct Leash {
    group: libc::pid_t,
}

impl Leash {
    /// Errors: none here; the signature is that of the Windows module.
    pub fn attach(child: &Child) -> io::Result<Self> {
        Ok(Leash { group: pid(child.id()) })
    }

    /// Ask it to leave.
    pub fn terminate(&self) {
        self.signal(libc::SIGTERM);
    }

    /// Force it, and whatever it may have started.
    pub fn kill(&self) {
        self.signal(libc::SIGKILL);
    }

    fn signal(&self, signal: libc::c_int) {
        // SAFETY: killpg takes two numbers and touches no memory. It can only fail because the group is gone.
        unsafe { libc::killpg(self.group, signal) };
    }
}

/// Block until the process has exited, without reaping it, so that its number stays its own.
pub fn wait_until_exit(child_id: u32) {
    loop {
        // SAFETY: siginfo_t is plain data, for which zeros are valid; waitid only writes into it.
        let outcome = unsafe {
            let mut info: libc::siginfo_t = std::mem::zeroed();
            libc::waitid(libc::P_PID, child_id, &mut info, libc::WEXITED | libc::WNOWAIT)
        };
        // Any error but an interruption means there is no such child to wait for any more.
        if outcome == 0 || io::Error::last_os_error().kind() != io::ErrorKind::Interrupted {
            return;
        }
    }
}

pub fn exit_of(status: ExitStatus) -> Exit {
    Exit { code: status.code(), signal: status.signal() }
}

/// Process numbers fit: the kernel hands out at most 2^22.
fn pid(id: u32) -> libc::pid_t {
    libc::pid_t::try_from(id).unwrap_or(libc::pid_t::MAX)
}
