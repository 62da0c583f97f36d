/* SPDX-License-Identifier: MIT */
/*
 * Only names are typed here: the numbers come from the headers. The order is the one in which the
 * names of bits that are set together are put.
 */
#include <asm/prctl.h>
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include <linux/close_range.h>
#include <linux/fs.h>
#include <linux/futex.h>
#include <linux/magic.h>
#include <linux/seccomp.h>

#include "constants.h"
#include "count.h"
#include "output.h"

/* clang-format off */
#define N(name) { (uint64_t)(name), #name },
#define END { 0, NULL }

#define SET(kind, ...) static const struct constant list_##kind[] = { __VA_ARGS__ END };

SET(oflags,
	N(O_CREAT) N(O_EXCL) N(O_NOCTTY) N(O_TRUNC) N(O_APPEND) N(O_NONBLOCK) N(O_SYNC) N(O_DSYNC)
	N(O_ASYNC) N(O_DIRECT) { 0100000, "O_LARGEFILE" }, N(O_NOFOLLOW) N(O_NOATIME) N(O_CLOEXEC)
	N(O_PATH) N(O_TMPFILE) N(O_DIRECTORY))
SET(accmode, N(O_RDONLY) N(O_WRONLY) N(O_RDWR) N(O_ACCMODE))
SET(atflags, N(AT_SYMLINK_NOFOLLOW) N(AT_REMOVEDIR) N(AT_SYMLINK_FOLLOW) N(AT_NO_AUTOMOUNT)
	N(AT_EMPTY_PATH) N(AT_RECURSIVE))
SET(eaccessflags, N(AT_EACCESS) N(AT_SYMLINK_NOFOLLOW) N(AT_EMPTY_PATH))
SET(unlinkflags, N(AT_REMOVEDIR))
SET(statxflags, N(AT_SYMLINK_NOFOLLOW) N(AT_NO_AUTOMOUNT) N(AT_EMPTY_PATH))
SET(statxsync, N(AT_STATX_SYNC_AS_STAT) N(AT_STATX_FORCE_SYNC) N(AT_STATX_DONT_SYNC))
SET(statxmask, N(STATX_ALL) N(STATX_BASIC_STATS) N(STATX_TYPE) N(STATX_MODE) N(STATX_NLINK) N(STATX_UID)
	N(STATX_GID) N(STATX_ATIME) N(STATX_MTIME) N(STATX_CTIME) N(STATX_INO) N(STATX_SIZE)
	N(STATX_BLOCKS) N(STATX_BTIME) { 0x1000, "STATX_MNT_ID" }, { 0x2000, "STATX_DIOALIGN" },)
SET(statxattributes, N(STATX_ATTR_COMPRESSED) N(STATX_ATTR_IMMUTABLE) N(STATX_ATTR_APPEND)
	N(STATX_ATTR_NODUMP) N(STATX_ATTR_ENCRYPTED) N(STATX_ATTR_AUTOMOUNT)
	{ 0x2000, "STATX_ATTR_MOUNT_ROOT" }, { 0x100000, "STATX_ATTR_VERITY" }, { 0x200000, "STATX_ATTR_DAX" },)
SET(access, N(F_OK) N(R_OK) N(W_OK) N(X_OK))
SET(whence, N(SEEK_SET) N(SEEK_CUR) N(SEEK_END) N(SEEK_DATA) N(SEEK_HOLE))
SET(prot, N(PROT_NONE) N(PROT_READ) N(PROT_WRITE) N(PROT_EXEC) N(PROT_GROWSDOWN) N(PROT_GROWSUP))
SET(maptype, N(MAP_SHARED) N(MAP_PRIVATE) N(MAP_SHARED_VALIDATE))
SET(mapflags, N(MAP_FIXED) N(MAP_ANONYMOUS) N(MAP_32BIT) N(MAP_NORESERVE)
	N(MAP_POPULATE) N(MAP_NONBLOCK) N(MAP_GROWSDOWN) N(MAP_DENYWRITE) N(MAP_EXECUTABLE)
	N(MAP_LOCKED) N(MAP_HUGETLB) N(MAP_STACK) N(MAP_SYNC) N(MAP_FIXED_NOREPLACE))
SET(mremap, N(MREMAP_MAYMOVE) N(MREMAP_FIXED) N(MREMAP_DONTUNMAP))
SET(madvise, N(MADV_NORMAL) N(MADV_RANDOM) N(MADV_SEQUENTIAL) N(MADV_WILLNEED) N(MADV_DONTNEED)
	N(MADV_FREE) N(MADV_REMOVE) N(MADV_DONTFORK) N(MADV_DOFORK) N(MADV_MERGEABLE)
	N(MADV_UNMERGEABLE) N(MADV_HUGEPAGE) N(MADV_NOHUGEPAGE) N(MADV_DONTDUMP) N(MADV_DODUMP)
	N(MADV_WIPEONFORK) N(MADV_KEEPONFORK) N(MADV_COLD) N(MADV_PAGEOUT) N(MADV_POPULATE_READ)
	N(MADV_POPULATE_WRITE) N(MADV_HWPOISON))
SET(msync, N(MS_ASYNC) N(MS_INVALIDATE) N(MS_SYNC))
SET(fadvise, N(POSIX_FADV_NORMAL) N(POSIX_FADV_RANDOM) N(POSIX_FADV_SEQUENTIAL)
	N(POSIX_FADV_WILLNEED) N(POSIX_FADV_DONTNEED) N(POSIX_FADV_NOREUSE))
SET(fallocate, N(FALLOC_FL_KEEP_SIZE) N(FALLOC_FL_PUNCH_HOLE) N(FALLOC_FL_COLLAPSE_RANGE)
	N(FALLOC_FL_ZERO_RANGE) N(FALLOC_FL_INSERT_RANGE) N(FALLOC_FL_UNSHARE_RANGE))
SET(flock, N(LOCK_SH) N(LOCK_EX) N(LOCK_UN) N(LOCK_NB))
SET(fcntl, N(F_DUPFD) N(F_GETFD) N(F_SETFD) N(F_GETFL) N(F_SETFL) N(F_GETLK) N(F_SETLK) N(F_SETLKW)
	N(F_SETOWN) N(F_GETOWN) N(F_SETSIG) N(F_GETSIG) N(F_SETOWN_EX) N(F_GETOWN_EX) N(F_OFD_GETLK)
	N(F_OFD_SETLK) N(F_OFD_SETLKW) N(F_SETLEASE) N(F_GETLEASE) N(F_NOTIFY)
	N(F_DUPFD_CLOEXEC) N(F_SETPIPE_SZ) N(F_GETPIPE_SZ) N(F_ADD_SEALS) N(F_GET_SEALS))
SET(fdflags, N(FD_CLOEXEC))
SET(seals, N(F_SEAL_SEAL) N(F_SEAL_SHRINK) N(F_SEAL_GROW) N(F_SEAL_WRITE) N(F_SEAL_FUTURE_WRITE))
SET(locktype, N(F_RDLCK) N(F_WRLCK) N(F_UNLCK))
SET(dupflags, N(O_CLOEXEC))
SET(pipeflags, N(O_NONBLOCK) N(O_CLOEXEC) N(O_DIRECT) { O_EXCL, "O_NOTIFICATION_PIPE" },)
SET(closerange, N(CLOSE_RANGE_UNSHARE) N(CLOSE_RANGE_CLOEXEC))
SET(rename, N(RENAME_NOREPLACE) N(RENAME_EXCHANGE) N(RENAME_WHITEOUT))
SET(splice, N(SPLICE_F_MOVE) N(SPLICE_F_NONBLOCK) N(SPLICE_F_MORE) N(SPLICE_F_GIFT))
SET(rwflags, N(RWF_HIPRI) N(RWF_DSYNC) N(RWF_SYNC) N(RWF_NOWAIT) N(RWF_APPEND))
SET(memfd, N(MFD_CLOEXEC) N(MFD_ALLOW_SEALING) N(MFD_HUGETLB))
SET(random, N(GRND_NONBLOCK) N(GRND_RANDOM) N(GRND_INSECURE))
SET(xattrflags, N(XATTR_CREATE) N(XATTR_REPLACE))
SET(filetype, N(S_IFREG) N(S_IFSOCK) N(S_IFIFO) N(S_IFLNK) N(S_IFDIR) N(S_IFBLK) N(S_IFCHR))

SET(sigprocmask, N(SIG_BLOCK) N(SIG_UNBLOCK) N(SIG_SETMASK))
SET(saflags, { 0x4000000, "SA_RESTORER" }, N(SA_NOCLDSTOP) N(SA_NOCLDWAIT) N(SA_SIGINFO)
	N(SA_ONSTACK) N(SA_RESTART) N(SA_NODEFER) N(SA_RESETHAND))
SET(ssflags, N(SS_ONSTACK) N(SS_DISABLE))
SET(sigcode, N(SI_USER) N(SI_KERNEL) N(SI_QUEUE) N(SI_TIMER) N(SI_MESGQ) N(SI_ASYNCIO) N(SI_SIGIO)
	N(SI_TKILL) N(SI_ASYNCNL))
SET(sigchldcode, N(CLD_EXITED) N(CLD_KILLED) N(CLD_DUMPED) N(CLD_TRAPPED) N(CLD_STOPPED)
	N(CLD_CONTINUED))
SET(sigsegvcode, N(SEGV_MAPERR) N(SEGV_ACCERR) N(SEGV_BNDERR) N(SEGV_PKUERR))
SET(sigbuscode, N(BUS_ADRALN) N(BUS_ADRERR) N(BUS_OBJERR) N(BUS_MCEERR_AR) N(BUS_MCEERR_AO))
SET(sigillcode, N(ILL_ILLOPC) N(ILL_ILLOPN) N(ILL_ILLADR) N(ILL_ILLTRP) N(ILL_PRVOPC)
	N(ILL_PRVREG) N(ILL_COPROC) N(ILL_BADSTK))
SET(sigfpecode, N(FPE_INTDIV) N(FPE_INTOVF) N(FPE_FLTDIV) N(FPE_FLTOVF) N(FPE_FLTUND) N(FPE_FLTRES)
	N(FPE_FLTINV) N(FPE_FLTSUB))
SET(sigtrapcode, N(TRAP_BRKPT) N(TRAP_TRACE) N(TRAP_BRANCH) N(TRAP_HWBKPT))
SET(sigpollcode, N(POLL_IN) N(POLL_OUT) N(POLL_MSG) N(POLL_ERR) N(POLL_PRI) N(POLL_HUP))
SET(sigsyscode, { 1, "SYS_SECCOMP" }, { 2, "SYS_USER_DISPATCH" },)

SET(clone, N(CLONE_VM) N(CLONE_FS) N(CLONE_FILES) N(CLONE_SIGHAND) { 0x1000, "CLONE_PIDFD" },
	N(CLONE_PTRACE) N(CLONE_VFORK) N(CLONE_PARENT) N(CLONE_THREAD) N(CLONE_NEWNS) N(CLONE_SYSVSEM)
	N(CLONE_SETTLS) N(CLONE_PARENT_SETTID) N(CLONE_CHILD_CLEARTID) N(CLONE_DETACHED)
	N(CLONE_UNTRACED) N(CLONE_CHILD_SETTID) N(CLONE_NEWCGROUP) N(CLONE_NEWUTS) N(CLONE_NEWIPC)
	N(CLONE_NEWUSER) N(CLONE_NEWPID) N(CLONE_NEWNET) N(CLONE_IO)
	{ 0x100000000, "CLONE_CLEAR_SIGHAND" }, { 0x200000000, "CLONE_INTO_CGROUP" },)
SET(wait, N(WNOHANG) N(WSTOPPED) N(WEXITED) N(WCONTINUED) N(WNOWAIT) N(__WCLONE) N(__WALL)
	N(__WNOTHREAD))
SET(waitflags, N(WNOHANG) { WUNTRACED, "WSTOPPED" }, N(WEXITED) N(WCONTINUED) N(WNOWAIT) N(__WNOTHREAD) N(__WALL) N(__WCLONE))
SET(waitid, N(P_ALL) N(P_PID) N(P_PGID) N(P_PIDFD))
SET(futex, N(FUTEX_WAIT) N(FUTEX_WAKE) N(FUTEX_FD) N(FUTEX_REQUEUE) N(FUTEX_CMP_REQUEUE) N(FUTEX_WAKE_OP)
	N(FUTEX_LOCK_PI) N(FUTEX_UNLOCK_PI) N(FUTEX_TRYLOCK_PI) N(FUTEX_WAIT_BITSET)
	N(FUTEX_WAKE_BITSET) N(FUTEX_WAIT_REQUEUE_PI) N(FUTEX_CMP_REQUEUE_PI) N(FUTEX_LOCK_PI2))
SET(rlimit, N(RLIMIT_CPU) N(RLIMIT_FSIZE) N(RLIMIT_DATA) N(RLIMIT_STACK) N(RLIMIT_CORE) N(RLIMIT_RSS)
	N(RLIMIT_NPROC) N(RLIMIT_NOFILE) N(RLIMIT_MEMLOCK) N(RLIMIT_AS) N(RLIMIT_LOCKS)
	N(RLIMIT_SIGPENDING) N(RLIMIT_MSGQUEUE) N(RLIMIT_NICE) N(RLIMIT_RTPRIO) N(RLIMIT_RTTIME))
SET(rusage, N(RUSAGE_SELF) N(RUSAGE_CHILDREN) N(RUSAGE_THREAD))
SET(priority, N(PRIO_PROCESS) N(PRIO_PGRP) N(PRIO_USER))
SET(sched, N(SCHED_OTHER) N(SCHED_FIFO) N(SCHED_RR) N(SCHED_BATCH) N(SCHED_IDLE) N(SCHED_RESET_ON_FORK))
SET(clock, N(CLOCK_REALTIME) N(CLOCK_MONOTONIC) N(CLOCK_PROCESS_CPUTIME_ID) N(CLOCK_THREAD_CPUTIME_ID)
	N(CLOCK_MONOTONIC_RAW) N(CLOCK_REALTIME_COARSE) N(CLOCK_MONOTONIC_COARSE) N(CLOCK_BOOTTIME)
	N(CLOCK_REALTIME_ALARM) N(CLOCK_BOOTTIME_ALARM) N(CLOCK_TAI))
SET(timerflags, N(TIMER_ABSTIME))
SET(itimer, N(ITIMER_REAL) N(ITIMER_VIRTUAL) N(ITIMER_PROF))
SET(timerfd, N(TFD_NONBLOCK) N(TFD_CLOEXEC))
SET(timerfdset, N(TFD_TIMER_ABSTIME) N(TFD_TIMER_CANCEL_ON_SET))
SET(archprctl, N(ARCH_SET_GS) N(ARCH_SET_FS) N(ARCH_GET_FS) N(ARCH_GET_GS) N(ARCH_GET_CPUID)
	N(ARCH_SET_CPUID))
SET(prctl, N(PR_SET_PDEATHSIG) N(PR_GET_PDEATHSIG) N(PR_GET_DUMPABLE) N(PR_SET_DUMPABLE)
	N(PR_GET_KEEPCAPS) N(PR_SET_KEEPCAPS) N(PR_SET_NAME) N(PR_GET_NAME) N(PR_GET_SECCOMP)
	N(PR_SET_SECCOMP) N(PR_CAPBSET_READ) N(PR_CAPBSET_DROP) N(PR_SET_TIMERSLACK)
	N(PR_GET_TIMERSLACK) N(PR_SET_MM) N(PR_SET_CHILD_SUBREAPER) N(PR_GET_CHILD_SUBREAPER)
	N(PR_SET_NO_NEW_PRIVS) N(PR_GET_NO_NEW_PRIVS) N(PR_SET_THP_DISABLE) N(PR_GET_THP_DISABLE)
	N(PR_CAP_AMBIENT) N(PR_SET_PTRACER) { 0x53564d41, "PR_SET_VMA" },)
SET(dumpable, { 0, "SUID_DUMP_DISABLE" }, { 1, "SUID_DUMP_USER" }, { 2, "SUID_DUMP_ROOT" },)
SET(seccomp, N(SECCOMP_SET_MODE_STRICT) N(SECCOMP_SET_MODE_FILTER) N(SECCOMP_GET_ACTION_AVAIL)
	N(SECCOMP_GET_NOTIF_SIZES))
SET(ptrace, N(PTRACE_TRACEME) N(PTRACE_PEEKTEXT) N(PTRACE_PEEKDATA) N(PTRACE_PEEKUSER)
	N(PTRACE_POKETEXT) N(PTRACE_POKEDATA) N(PTRACE_POKEUSER) N(PTRACE_CONT) N(PTRACE_KILL)
	N(PTRACE_SINGLESTEP) N(PTRACE_GETREGS) N(PTRACE_SETREGS) N(PTRACE_GETFPREGS)
	N(PTRACE_SETFPREGS) N(PTRACE_ATTACH) N(PTRACE_DETACH) N(PTRACE_SYSCALL) N(PTRACE_SETOPTIONS)
	N(PTRACE_GETEVENTMSG) N(PTRACE_GETSIGINFO) N(PTRACE_SETSIGINFO) N(PTRACE_GETREGSET)
	N(PTRACE_SETREGSET) N(PTRACE_SEIZE) N(PTRACE_INTERRUPT) N(PTRACE_LISTEN))

SET(family, N(AF_UNSPEC) N(AF_UNIX) N(AF_INET) N(AF_INET6) N(AF_NETLINK) N(AF_PACKET) N(AF_ALG)
	N(AF_VSOCK) N(AF_BLUETOOTH) N(AF_CAN))
SET(socktype, N(SOCK_STREAM) N(SOCK_DGRAM) N(SOCK_RAW) N(SOCK_RDM) N(SOCK_SEQPACKET) N(SOCK_DCCP)
	N(SOCK_PACKET))
SET(sockflags, N(SOCK_CLOEXEC) N(SOCK_NONBLOCK))
SET(ipproto, N(IPPROTO_IP) N(IPPROTO_ICMP) N(IPPROTO_TCP) N(IPPROTO_UDP) N(IPPROTO_IPV6) N(IPPROTO_ICMPV6)
	N(IPPROTO_RAW))
SET(netlink, { 0, "NETLINK_ROUTE" }, { 2, "NETLINK_USERSOCK" }, { 4, "NETLINK_SOCK_DIAG" },
	{ 9, "NETLINK_AUDIT" }, { 11, "NETLINK_CONNECTOR" }, { 15, "NETLINK_KOBJECT_UEVENT" },
	{ 16, "NETLINK_GENERIC" },)
SET(msgflags, N(MSG_OOB) N(MSG_PEEK) N(MSG_DONTROUTE) N(MSG_CTRUNC) N(MSG_PROXY) N(MSG_TRUNC) N(MSG_DONTWAIT)
	N(MSG_EOR) N(MSG_WAITALL) N(MSG_FIN) N(MSG_SYN) N(MSG_CONFIRM) N(MSG_RST) N(MSG_ERRQUEUE)
	N(MSG_NOSIGNAL) N(MSG_MORE) N(MSG_WAITFORONE) N(MSG_FASTOPEN) N(MSG_CMSG_CLOEXEC))
SET(shut, N(SHUT_RD) N(SHUT_WR) N(SHUT_RDWR))
SET(socklevel, N(SOL_SOCKET) N(SOL_IP) N(SOL_TCP) { 17, "SOL_UDP" }, N(SOL_IPV6) N(SOL_RAW)
	N(SOL_PACKET) N(SOL_NETLINK))
SET(sockopt, N(SO_DEBUG) N(SO_REUSEADDR) N(SO_TYPE) N(SO_ERROR) N(SO_DONTROUTE) N(SO_BROADCAST)
	N(SO_SNDBUF) N(SO_RCVBUF) N(SO_KEEPALIVE) N(SO_OOBINLINE) N(SO_PRIORITY) N(SO_LINGER)
	N(SO_REUSEPORT) N(SO_PASSCRED) N(SO_PEERCRED) N(SO_RCVLOWAT) N(SO_SNDLOWAT)
	{ SO_RCVTIMEO, "SO_RCVTIMEO_OLD" }, { SO_SNDTIMEO, "SO_SNDTIMEO_OLD" },
	N(SO_BINDTODEVICE) N(SO_ATTACH_FILTER) N(SO_PEERNAME) N(SO_ACCEPTCONN)
	N(SO_PEERSEC) N(SO_SNDBUFFORCE) N(SO_RCVBUFFORCE) N(SO_MARK) N(SO_PROTOCOL) N(SO_DOMAIN))
SET(tcpopt, N(TCP_NODELAY) N(TCP_MAXSEG) N(TCP_CORK) N(TCP_KEEPIDLE) N(TCP_KEEPINTVL) N(TCP_KEEPCNT)
	N(TCP_DEFER_ACCEPT) N(TCP_INFO) N(TCP_QUICKACK) N(TCP_CONGESTION) N(TCP_USER_TIMEOUT)
	N(TCP_FASTOPEN))

SET(pollevents, N(POLLIN) N(POLLPRI) N(POLLOUT) N(POLLERR) N(POLLHUP) N(POLLNVAL) N(POLLRDNORM)
	N(POLLRDBAND) N(POLLWRNORM) N(POLLWRBAND) N(POLLMSG) N(POLLREMOVE) N(POLLRDHUP))
SET(epollevents, N(EPOLLIN) N(EPOLLPRI) N(EPOLLOUT) N(EPOLLERR) N(EPOLLHUP) N(EPOLLRDNORM) N(EPOLLRDBAND)
	N(EPOLLWRNORM) N(EPOLLWRBAND) N(EPOLLMSG) N(EPOLLRDHUP) N(EPOLLEXCLUSIVE) N(EPOLLWAKEUP)
	N(EPOLLONESHOT) N(EPOLLET))
SET(epollctl, N(EPOLL_CTL_ADD) N(EPOLL_CTL_MOD) N(EPOLL_CTL_DEL))
SET(epollflags, N(EPOLL_CLOEXEC))
SET(eventfd, N(EFD_SEMAPHORE) N(EFD_CLOEXEC) N(EFD_NONBLOCK))
SET(signalfd, N(SFD_CLOEXEC) N(SFD_NONBLOCK))
SET(inotifyinit, N(IN_CLOEXEC) N(IN_NONBLOCK))
SET(inotifymask, N(IN_ALL_EVENTS) N(IN_ACCESS) N(IN_MODIFY) N(IN_ATTRIB) N(IN_CLOSE_WRITE) N(IN_CLOSE_NOWRITE)
	N(IN_OPEN) N(IN_MOVED_FROM) N(IN_MOVED_TO) N(IN_CREATE) N(IN_DELETE) N(IN_DELETE_SELF)
	N(IN_MOVE_SELF) N(IN_UNMOUNT) N(IN_Q_OVERFLOW) N(IN_IGNORED) N(IN_ONLYDIR) N(IN_DONT_FOLLOW)
	N(IN_EXCL_UNLINK) N(IN_MASK_CREATE) N(IN_MASK_ADD) N(IN_ISDIR) N(IN_ONESHOT))
SET(ioctl, N(TCGETS) N(TCSETS) N(TCSETSW) N(TCSETSF) N(TIOCGPGRP) N(TIOCSPGRP) N(TIOCGSID) N(TIOCSCTTY)
	N(TIOCNOTTY) N(TIOCGWINSZ) N(TIOCSWINSZ) N(TIOCGPTN) N(TIOCSPTLCK) N(TIOCGPTPEER) N(TIOCSTI)
	N(FIONREAD) N(FIONBIO) N(FIOCLEX) N(FIONCLEX) N(FIOASYNC) N(TCSBRK) N(TCFLSH) N(TCXONC)
	{ 0x40049409, "BTRFS_IOC_CLONE or FICLONE" }, { 0x80086601, "FS_IOC_GETFLAGS" },
	{ 0x5331, "CDROM_CLEAR_OPTIONS" },)
SET(scm, N(SCM_RIGHTS) N(SCM_CREDENTIALS))
SET(bitset, { 0xffffffff, "FUTEX_BITSET_MATCH_ANY" },)
SET(stflags, { 0x20, "ST_VALID" }, N(ST_RDONLY) N(ST_NOSUID) N(ST_NODEV) N(ST_NOEXEC) N(ST_SYNCHRONOUS)
	N(ST_MANDLOCK) N(ST_NOATIME) N(ST_NODIRATIME) N(ST_RELATIME))
SET(fstype, N(EXT4_SUPER_MAGIC) N(TMPFS_MAGIC) N(PROC_SUPER_MAGIC) N(SYSFS_MAGIC) N(OVERLAYFS_SUPER_MAGIC)
	N(BTRFS_SUPER_MAGIC) N(XFS_SUPER_MAGIC) N(NFS_SUPER_MAGIC) N(CGROUP2_SUPER_MAGIC)
	N(DEVPTS_SUPER_MAGIC) N(PIPEFS_MAGIC) N(SOCKFS_MAGIC) N(RAMFS_MAGIC) N(SQUASHFS_MAGIC))
#undef SET

#define ONE(kind, prefix) { #kind, prefix, false, list_##kind }
#define FLAGS(kind, prefix) { #kind, prefix, true, list_##kind }

static const struct constants sets[] = {
	FLAGS(oflags, "O_???"), ONE(accmode, "O_???"), FLAGS(atflags, "AT_???"),
	FLAGS(eaccessflags, "AT_???"), FLAGS(unlinkflags, "AT_???"),
	FLAGS(statxflags, "AT_???"), ONE(statxsync, "AT_STATX_???"), FLAGS(statxmask, "STATX_???"),
	FLAGS(statxattributes, "STATX_ATTR_???"), FLAGS(access, "?_OK"), ONE(whence, "SEEK_???"),
	FLAGS(prot, "PROT_???"), ONE(maptype, "MAP_???"), FLAGS(mapflags, "MAP_???"),
	FLAGS(mremap, "MREMAP_???"), ONE(madvise, "MADV_???"), FLAGS(msync, "MS_???"),
	ONE(fadvise, "POSIX_FADV_???"), FLAGS(fallocate, "FALLOC_FL_???"), FLAGS(flock, "LOCK_???"),
	ONE(fcntl, "F_???"), FLAGS(fdflags, "FD_???"), FLAGS(seals, "F_SEAL_???"),
	ONE(locktype, "F_???"), FLAGS(dupflags, "O_???"), FLAGS(pipeflags, "O_???"),
	FLAGS(closerange, "CLOSE_RANGE_???"), FLAGS(rename, "RENAME_???"), FLAGS(splice, "SPLICE_F_???"),
	FLAGS(rwflags, "RWF_???"), FLAGS(memfd, "MFD_???"), FLAGS(random, "GRND_???"),
	FLAGS(xattrflags, "XATTR_???"), ONE(filetype, NULL),
	ONE(sigprocmask, "SIG_???"), FLAGS(saflags, "SA_???"), FLAGS(ssflags, "SS_???"),
	ONE(sigcode, NULL), ONE(sigchldcode, NULL), ONE(sigsegvcode, NULL), ONE(sigbuscode, NULL),
	ONE(sigillcode, NULL), ONE(sigfpecode, NULL), ONE(sigtrapcode, NULL), ONE(sigpollcode, NULL),
	ONE(sigsyscode, NULL),
	FLAGS(clone, "CLONE_???"), FLAGS(wait, "W???"), FLAGS(waitflags, "W???"), ONE(waitid, "P_???"),
	ONE(futex, "FUTEX_???"), ONE(rlimit, "RLIMIT_???"), ONE(rusage, "RUSAGE_???"),
	ONE(priority, "PRIO_???"), ONE(sched, "SCHED_???"), ONE(clock, "CLOCK_???"),
	FLAGS(timerflags, "TIMER_???"), ONE(itimer, "ITIMER_???"), FLAGS(timerfd, "TFD_???"),
	FLAGS(timerfdset, "TFD_???"), ONE(archprctl, "ARCH_???"), ONE(prctl, "PR_???"),
	ONE(dumpable, "SUID_DUMP_???"), ONE(seccomp, "SECCOMP_SET_MODE_???"), ONE(ptrace, "PTRACE_???"),
	ONE(family, "AF_???"), ONE(socktype, "SOCK_???"), FLAGS(sockflags, NULL), ONE(ipproto, "IPPROTO_???"),
	ONE(netlink, "NETLINK_???"), FLAGS(msgflags, "MSG_???"), ONE(shut, "SHUT_???"),
	ONE(socklevel, "SOL_???"), ONE(sockopt, "SO_???"), ONE(tcpopt, "TCP_???"),
	FLAGS(pollevents, "POLL???"), FLAGS(epollevents, "EPOLL???"), ONE(epollctl, "EPOLL_CTL_???"),
	FLAGS(epollflags, "EPOLL_???"), FLAGS(eventfd, "EFD_???"), FLAGS(signalfd, "SFD_???"),
	ONE(scm, "SCM_???"), ONE(bitset, NULL), FLAGS(stflags, "ST_???"), ONE(fstype, NULL),
	FLAGS(inotifyinit, "IN_???"), FLAGS(inotifymask, "IN_???"), ONE(ioctl, NULL),
};
/* clang-format on */

const struct constants *constants_find(const char *kind)
{
	for (size_t i = 0; i < COUNT(sets); i++)
		if (strcmp(sets[i].kind, kind) == 0)
			return &sets[i];
	return NULL;
}

static void put_unnamed(const struct constants *set, uint64_t value)
{
	put_hex(value);
	if (set->prefix != NULL) {
		put(" /* ");
		put(set->prefix);
		put(" */");
	}
}

static void put_flags(const struct constants *set, uint64_t value)
{
	uint64_t left = value;

	for (const struct constant *bit = set->list; bit->name != NULL; bit++) {
		if (bit->value == 0 ? value != 0 : (left & bit->value) != bit->value)
			continue;
		if (left != value)
			put_char('|');
		put(bit->name);
		left &= ~bit->value;
		if (left == 0)
			return;
	}
	if (left == value) {
		if (value == 0)
			put_char('0');
		else
			put_unnamed(set, value);
		return;
	}
	put_char('|');
	put_hex(left);
}

void put_constants(const struct constants *set, uint64_t value)
{
	if (set->flags) {
		put_flags(set, value);
		return;
	}
	for (const struct constant *one = set->list; one->name != NULL; one++)
		if (one->value == value) {
			put(one->name);
			return;
		}
	put_unnamed(set, value);
}

void put_constant(const char *kind, uint64_t value)
{
	put_constants(constants_find(kind), value);
}

const char *constant_name(const char *kind, uint64_t value)
{
	for (const struct constant *one = constants_find(kind)->list; one->name != NULL; one++)
		if (one->value == value)
			return one->name;
	return NULL;
}

void put_signal(int sig)
{
	const char *name = sig < 32 ? sigabbrev_np(sig) : NULL;

	if (name != NULL)
		put_format("SIG%s", name);
	else if (sig == 32)
		put("SIGRTMIN");
	else if (sig > 32 && sig <= 64)
		put_format("SIGRT_%d", sig - 32);
	else
		put_signed(sig);
}
