//! The C types that exported prototypes are written with.
//!
//! [`c_names!`](crate::c_names) brings these into scope, so that a prototype reads as it does in a manual page and
//! the composed root needs no dependency on the crate `libc`.

pub use core::ffi::{c_char, c_double, c_float, c_int, c_long, c_short, c_uint, c_ulong, c_void};
pub use libc::{
    DIR, addrinfo, clockid_t, cpu_set_t, dirent64, dl_phdr_info, epoll_event, gid_t, id_t, iovec, itimerspec,
    mode_t, msghdr, nfds_t, off_t, off64_t, passwd, pid_t, pollfd, posix_spawn_file_actions_t,
    posix_spawnattr_t, pthread_attr_t, pthread_cond_t, pthread_condattr_t, pthread_key_t, pthread_mutex_t,
    pthread_mutexattr_t, pthread_once_t, pthread_t, rlimit, rlimit64, rusage, sched_param, sigaction,
    siginfo_t, sigset_t, size_t, sockaddr, socklen_t, ssize_t, stack_t, stat64, statfs64, statvfs64, statx,
    time_t, timespec, timeval, timezone, tm, uid_t, utsname,
};
