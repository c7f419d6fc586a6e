//! The process: its end, its identity, what it may ask about the system; and that there is only one.

use crate::errno::{Errno, ret};
use crate::strings::bytes_of;
use crate::types::{
    c_char, c_int, c_long, c_uint, c_ulong, c_void, gid_t, passwd, pid_t, rlimit, rusage, size_t, uid_t,
    utsname,
};
use core::sync::atomic::{AtomicPtr, Ordering};
use kit_iface_frames::{FRAME_BYTES, Frames};
use kit_iface_fs::FileSystem;
use kit_iface_image::WithFs;
use kit_util_threads::HasThreads;

/// What `exit` calls, as a stack: the last registered runs first.
struct AtExit {
    next: *mut AtExit,
    function: unsafe extern "C" fn(*mut c_void),
    argument: *mut c_void,
}

static AT_EXIT: AtomicPtr<AtExit> = AtomicPtr::new(core::ptr::null_mut());

/// `__cxa_atexit`.
pub fn at_exit(
    function: unsafe extern "C" fn(*mut c_void),
    argument: *mut c_void,
    _dso: *mut c_void,
) -> c_int {
    let layout = core::alloc::Layout::new::<AtExit>();
    let Ok(node) = kit_iface_alloc::allocate(layout) else { return libc::ENOMEM };
    let node = node.cast::<AtExit>().as_ptr();
    let mut next = AT_EXIT.load(Ordering::Acquire);
    loop {
        // SAFETY: the node is fresh and nobody knows of it before the exchange succeeds.
        unsafe { node.write(AtExit { next, function, argument }) };
        match AT_EXIT.compare_exchange(next, node, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => return 0,
            Err(changed) => next = changed,
        }
    }
}

/// `exit`: the calling thread's destructors, what `atexit` registered, then the end of the image.
pub fn exit<I: WithFs>(status: c_int) -> ! {
    crate::threads::destructors::run();
    loop {
        let node = AT_EXIT.load(Ordering::Acquire);
        if node.is_null() {
            break;
        }
        // SAFETY: nodes are never freed, and one that is taken out here was published whole by `at_exit`.
        unsafe {
            if AT_EXIT.compare_exchange(node, (*node).next, Ordering::AcqRel, Ordering::Acquire).is_ok() {
                ((*node).function)((*node).argument);
            }
        }
    }
    crate::start::run_finalizers();
    kit_iface_alloc::at_exit();
    leave::<I>(status)
}

/// `_exit`. What was written is durable then, as it is with a kernel that outlives the process.
pub fn leave<I: WithFs>(status: c_int) -> ! {
    // The program has ended: nobody is left to be told of an error, and who wants to know calls `fsync`.
    let _ = I::fs().sync_all();
    kit_iface_platform::exit(status as u8)
}

/// `getpid`: 1, as for the first process of a machine.
pub fn id() -> pid_t {
    1
}

/// `getppid`.
pub fn parent() -> pid_t {
    0
}

/// `getuid` and `geteuid`: root.
pub fn user() -> uid_t {
    0
}

/// `getgid` and `getegid`.
pub fn group() -> gid_t {
    0
}

/// `getpwuid_r`: there is no user database, which is not an error; the home directory is `HOME` or unknown.
///
/// # Safety
/// `result` is writable.
pub unsafe fn user_entry(
    _user: uid_t,
    _entry: *mut passwd,
    _buffer: *mut c_char,
    _buffer_bytes: size_t,
    result: *mut *mut passwd,
) -> c_int {
    // SAFETY: forwarded to the caller.
    unsafe { result.write(core::ptr::null_mut()) };
    0
}

/// `sysconf`.
pub fn configuration<I: HasThreads>(name: c_int) -> c_long {
    match name {
        libc::_SC_PAGESIZE => kit_iface_vm::PAGE_BYTES as c_long,
        libc::_SC_NPROCESSORS_ONLN | libc::_SC_NPROCESSORS_CONF => 1,
        libc::_SC_PHYS_PAGES => I::frames().usage().total as c_long,
        libc::_SC_AVPHYS_PAGES => I::frames().usage().free as c_long,
        libc::_SC_IOV_MAX | libc::_SC_OPEN_MAX => 1024,
        libc::_SC_GETPW_R_SIZE_MAX | libc::_SC_GETGR_R_SIZE_MAX => 1024,
        libc::_SC_CLK_TCK => 100,
        libc::_SC_HOST_NAME_MAX => 64,
        libc::_SC_ARG_MAX => 128 * 1024,
        libc::_SC_LEVEL1_DCACHE_LINESIZE => 64,
        _ => ret(Err(Errno(libc::EINVAL))),
    }
}

/// `getauxval`.
pub fn auxiliary(name: c_ulong) -> c_ulong {
    match name {
        libc::AT_PAGESZ => kit_iface_vm::PAGE_BYTES as c_ulong,
        libc::AT_CLKTCK => 100,
        // The user and group are 0, nothing is secure, and code asks the processor itself what it can do.
        libc::AT_MINSIGSTKSZ | libc::AT_HWCAP | libc::AT_HWCAP2 | libc::AT_SECURE => 0,
        libc::AT_UID | libc::AT_EUID | libc::AT_GID | libc::AT_EGID => 0,
        _ => {
            crate::errno::set(Errno(libc::ENOENT));
            0
        }
    }
}

/// `getrlimit`: nothing is limited but stacks of threads that ask for the default, and descriptors.
///
/// # Safety
/// `limit` is writable.
pub unsafe fn limit(resource: c_uint, limit: *mut rlimit) -> c_int {
    let most = match resource {
        libc::RLIMIT_STACK => 8 << 20,
        libc::RLIMIT_NOFILE => 1024,
        libc::RLIMIT_CORE => 0,
        _ => libc::RLIM_INFINITY,
    };
    // SAFETY: forwarded to the caller.
    unsafe { limit.write(rlimit { rlim_cur: most, rlim_max: most }) };
    0
}

/// `setrlimit`: accepted, without effect, as lowering a limit is never needed and raising one never possible.
pub fn set_limit(_resource: c_uint, _limit: *const rlimit) -> c_int {
    0
}

/// `getrusage`: time since the start, and memory in use.
///
/// # Safety
/// `usage` is writable.
pub unsafe fn usage<I: HasThreads>(_who: c_int, usage: *mut rusage) -> c_int {
    let frames = I::frames().usage();
    let microseconds = kit_iface_clock::monotonic_ns() / 1000;
    // SAFETY: forwarded to the caller; all-zero bytes are a valid `rusage`.
    unsafe {
        usage.write_bytes(0, 1);
        (*usage).ru_utime.tv_sec = (microseconds / 1_000_000) as i64;
        (*usage).ru_utime.tv_usec = (microseconds % 1_000_000) as i64;
        (*usage).ru_maxrss = ((frames.total - frames.free) * FRAME_BYTES / 1024) as c_long;
    }
    0
}

/// `gethostname`.
///
/// # Safety
/// `buffer` is valid for writes of `buffer_bytes`.
pub unsafe fn host_name(buffer: *mut c_char, buffer_bytes: size_t) -> c_int {
    let name = HOST_NAME.to_bytes_with_nul();
    if buffer_bytes < name.len() {
        return ret(Err(Errno(libc::ENAMETOOLONG)));
    }
    // SAFETY: the name fits the buffer.
    unsafe { buffer.cast::<u8>().copy_from_nonoverlapping(name.as_ptr(), name.len()) };
    0
}

const HOST_NAME: &core::ffi::CStr = c"kit";

/// `uname`: a Linux, as far as programs can tell.
///
/// # Safety
/// `name` is writable.
pub unsafe fn system_name(name: *mut utsname) -> c_int {
    // SAFETY: forwarded to the caller; the fields are longer than these texts, and the rest is zero.
    unsafe {
        name.write_bytes(0, 1);
        let texts = [c"Linux", HOST_NAME, c"6.1.0-kit", c"kit", c"x86_64"];
        let fields = [
            &raw mut (*name).sysname,
            &raw mut (*name).nodename,
            &raw mut (*name).release,
            &raw mut (*name).version,
            &raw mut (*name).machine,
        ];
        for (field, text) in fields.into_iter().zip(texts) {
            field.cast::<u8>().copy_from_nonoverlapping(text.as_ptr().cast(), text.count_bytes());
        }
    }
    0
}

/// `prctl`: naming the thread is all that is understood.
///
/// # Safety
/// The arguments are those that the operation demands.
pub unsafe fn control<I: HasThreads>(operation: c_int, a: c_ulong) -> c_int {
    match operation {
        libc::PR_SET_NAME => {
            // SAFETY: the argument of this operation is a C string; longer names are cut.
            crate::threads::identity::rename::<I>(unsafe { bytes_of(a as *const c_char) });
            0
        }
        _ => ret(Err(Errno(libc::EINVAL))),
    }
}

/// `posix_spawnp`: no second process. Answers the error itself; its helpers succeed, so that this name is told.
pub fn spawn() -> c_int {
    crate::unsupported("posix_spawnp").0
}

/// The helpers of `posix_spawnp`.
pub fn prepare_spawn() -> c_int {
    0
}

/// Exports the group `process`.
#[macro_export]
macro_rules! export_process {
    ($image:ty) => {
        $crate::c_names! {
            fn exit(status: c_int) -> ! = $crate::process::exit::<$image>;
            fn _exit(status: c_int) -> ! = $crate::process::leave::<$image>;
            fn __cxa_atexit(function: unsafe extern "C" fn(*mut c_void), argument: *mut c_void, dso: *mut c_void) -> c_int = $crate::process::at_exit;
            fn getpid() -> pid_t = $crate::process::id;
            fn getppid() -> pid_t = $crate::process::parent;
            fn getuid() -> uid_t = $crate::process::user;
            fn geteuid() -> uid_t = $crate::process::user;
            fn getgid() -> gid_t = $crate::process::group;
            fn getegid() -> gid_t = $crate::process::group;
            fn getpwuid_r(user: uid_t, entry: *mut passwd, buffer: *mut c_char, buffer_bytes: size_t, result: *mut *mut passwd) -> c_int = $crate::process::user_entry;
            fn sysconf(name: c_int) -> c_long = $crate::process::configuration::<$image>;
            fn getauxval(name: c_ulong) -> c_ulong = $crate::process::auxiliary;
            fn getrlimit(resource: c_uint, limit: *mut rlimit) -> c_int = $crate::process::limit;
            fn getrlimit64(resource: c_uint, limit: *mut rlimit) -> c_int = $crate::process::limit;
            fn setrlimit(resource: c_uint, limit: *const rlimit) -> c_int = $crate::process::set_limit;
            fn setrlimit64(resource: c_uint, limit: *const rlimit) -> c_int = $crate::process::set_limit;
            fn getrusage(who: c_int, usage: *mut rusage) -> c_int = $crate::process::usage::<$image>;
            fn gethostname(buffer: *mut c_char, buffer_bytes: size_t) -> c_int = $crate::process::host_name;
            fn uname(name: *mut utsname) -> c_int = $crate::process::system_name;
            fn prctl(operation: c_int, a: c_ulong) -> c_int = $crate::process::control::<$image>;
            fn posix_spawnp() -> c_int = $crate::process::spawn;
            fn posix_spawn_file_actions_init() -> c_int = $crate::process::prepare_spawn;
            fn posix_spawn_file_actions_destroy() -> c_int = $crate::process::prepare_spawn;
            fn posix_spawn_file_actions_adddup2() -> c_int = $crate::process::prepare_spawn;
            fn posix_spawnattr_init() -> c_int = $crate::process::prepare_spawn;
            fn posix_spawnattr_destroy() -> c_int = $crate::process::prepare_spawn;
            fn posix_spawnattr_setflags() -> c_int = $crate::process::prepare_spawn;
            fn posix_spawnattr_setpgroup() -> c_int = $crate::process::prepare_spawn;
            fn posix_spawnattr_setsigdefault() -> c_int = $crate::process::prepare_spawn;
            fn posix_spawnattr_setsigmask() -> c_int = $crate::process::prepare_spawn;
        }
    };
}

/// Exports the group `stubs`: names that programs link and that cannot work in an image of one process.
#[macro_export]
macro_rules! export_stubs {
    ($image:ty) => {
        $crate::c_stubs! {
            fork vfork execv execve execvp wait wait4 waitpid waitid setuid setgid setgroups setsid setpgid
            ptrace chroot
        }
    };
}
