//! Windows: the worker is put into a job object that dies with its last handle, which the system closes when the parent
//! ends, however it ends. There is no SIGTERM; after the end of stdin the job is terminated.

use std::ffi::c_void;
use std::io;
use std::mem::{size_of, zeroed};
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::os::windows::process::CommandExt;
use std::process::{Child, Command, ExitStatus};

use windows_sys::Win32::Foundation::HANDLE;
use windows_sys::Win32::System::JobObjects::{
    AssignProcessToJobObject, CreateJobObjectW, JobObjectExtendedLimitInformation, SetInformationJobObject,
    TerminateJobObject, JOBOBJECT_EXTENDED_LIMIT_INFORMATION, JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE,
};
use windows_sys::Win32::System::Threading::{
    OpenProcess, WaitForSingleObject, CREATE_NEW_PROCESS_GROUP, CREATE_NO_WINDOW, INFINITE, PROCESS_SYNCHRONIZE,
};

use super::Exit;

/// The exit code of a worker that had to be forced, so that logs tell it from one that left.
const FORCED_EXIT_CODE: u32 = 1;

/// Without CREATE_NO_WINDOW a release build flashes a console; with a group of its own Ctrl-C stays with the parent.
pub fn prepare(command: &mut Command) {
    command.creation_flags(CREATE_NO_WINDOW | CREATE_NEW_PROCESS_GROUP);
}

/// The hold on a spawned worker. Dropping it kills what is still in the job.
pub struct Leash {
    job: OwnedHandle,
}

impl Leash {
    /// Errors: the system's, when no job can be made or the worker cannot be put into it (it left already, or the
    /// parent runs in a job that forbids nested ones, as before Windows 8).
    pub fn attach(child: &Child) -> io::Result<Self> {
        // SAFETY: null attributes and a null name are allowed; the handle returned is ours alone and checked below.
        let job = unsafe { CreateJobObjectW(std::ptr::null(), std::ptr::null()) };
        if job.is_null() {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: `job` was just created, is valid, and nobody else will close it.
        let job = unsafe { OwnedHandle::from_raw_handle(job) };
        // SAFETY: the structure is plain data, for which zeros mean "no limit"; its size is passed with it.
        let limited = unsafe {
            let mut limits: JOBOBJECT_EXTENDED_LIMIT_INFORMATION = zeroed();
            limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
            SetInformationJobObject(
                job.as_raw_handle() as HANDLE,
                JobObjectExtendedLimitInformation,
                std::ptr::addr_of!(limits).cast::<c_void>(),
                size_of::<JOBOBJECT_EXTENDED_LIMIT_INFORMATION>() as u32,
            )
        };
        // SAFETY: both handles are valid for the whole call.
        let assigned = limited != 0
            && unsafe { AssignProcessToJobObject(job.as_raw_handle() as HANDLE, child.as_raw_handle() as HANDLE) } != 0;
        if assigned {
            Ok(Leash { job })
        } else {
            Err(io::Error::last_os_error())
        }
    }

    /// There is nothing gentler than `kill` for a process without a window; the end of stdin was the asking.
    pub fn terminate(&self) {
        self.kill();
    }

    pub fn kill(&self) {
        // SAFETY: the job handle is valid as long as `self`. It can only fail because nothing is left in the job.
        unsafe { TerminateJobObject(self.job.as_raw_handle() as HANDLE, FORCED_EXIT_CODE) };
    }
}

/// Block until the process has exited. The parent holds the child's handle, so its number stays its own.
pub fn wait_until_exit(child_id: u32) {
    // SAFETY: OpenProcess takes numbers only; the handle is checked before use and closed by OwnedHandle.
    unsafe {
        let process = OpenProcess(PROCESS_SYNCHRONIZE, 0, child_id);
        if process.is_null() {
            return;
        }
        let process = OwnedHandle::from_raw_handle(process);
        WaitForSingleObject(process.as_raw_handle() as HANDLE, INFINITE);
    }
}

pub fn exit_of(status: ExitStatus) -> Exit {
    Exit { code: status.code(), signal: None }
}
