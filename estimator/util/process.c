#include "estimator/util/process.h"

#include "estimator/util/log.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* The one piece of global state: a signal handler has nothing else to reach the runs through. */
static atomic_int cancelled;

void mp_process_cancel_all(void)
{
    atomic_store(&cancelled, 1);
}

bool mp_process_is_cancelled(void)
{
    return atomic_load(&cancelled) != 0;
}

static const double grace_s = 2; /* between TERM and KILL */

enum { READ_CHUNK = 65536, POLL_MS = 100, POLL_BLIND_MS = 5 };

enum step { STEP_SETUP, STEP_CWD, STEP_EXEC };

/* Sent by a child that could not become the program. */
struct start_failure {
    enum step step;
    int number;
};

/* All that the child needs, made before the fork: after it only async-signal-safe calls are
 * allowed, since other threads may have held locks. */
struct launch {
    char *program; /* path for execve */
    char *const *argv;
    char **env; /* the list is owned, its texts are not */
    const char *cwd;
    int null_fd, out[2], err[2], report[2];
    sigset_t old_mask;
    pid_t parent;
};

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* A descriptor 0..2 (when ours are closed) would be overwritten by the child's dup2(). */
static int lift(int fd)
{
    if (fd < 0 || fd > STDERR_FILENO)
        return fd;
    int lifted = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    int number = errno;
    close(fd);
    errno = number;
    return lifted;
}

static int open_pipe(int ends[2])
{
    int raw[2];
    if (pipe2(raw, O_CLOEXEC) < 0)
        return -1;
    ends[0] = lift(raw[0]);
    ends[1] = lift(raw[1]);
    return ends[0] < 0 || ends[1] < 0 ? -1 : 0;
}

static bool same_name(const char *a, const char *b)
{
    size_t n = strcspn(a, "=");
    return n == strcspn(b, "=") && strncmp(a, b, n) == 0;
}

static bool is_overridden(const char *entry, const char *const *extra)
{
    if (strncmp(entry, "LC_", 3) == 0 || same_name(entry, "LANG") || same_name(entry, "LANGUAGE"))
        return true;
    for (size_t i = 0; extra && extra[i]; i++) {
        if (same_name(entry, extra[i]))
            return true;
    }
    return false;
}

/* Ours without the locale, LC_ALL=C, and extra, which wins. The list alone is owned. */
static char **make_env(const char *const *extra)
{
    static char c_locale[] = "LC_ALL=C";
    size_t count = 0, extras = 0, n = 0;
    while (environ && environ[count])
        count++;
    while (extra && extra[extras])
        extras++;
    char **env = mp_alloc(count + extras + 2, sizeof *env);
    for (size_t i = 0; i < count; i++) {
        if (!is_overridden(environ[i], extra))
            env[n++] = environ[i];
    }
    bool chosen = false;
    for (size_t i = 0; i < extras; i++) {
        /* execve() takes char *const * for historical reasons and changes nothing. */
        memcpy(&env[n++], &extra[i], sizeof *env);
        chosen = chosen || same_name(extra[i], "LC_ALL");
    }
    if (!chosen)
        env[n++] = c_locale;
    return env;
}

static void release_launch(struct launch *l)
{
    close_fd(&l->null_fd);
    for (int i = 0; i < 2; i++) {
        close_fd(&l->out[i]);
        close_fd(&l->err[i]);
        close_fd(&l->report[i]);
    }
    free(l->program);
    free(l->env);
}

/* Whoever started us may have left SIGCHLD ignored: the kernel would then throw away how children
 * ended. Setting it twice from two threads does no harm. */
static void hear_of_children(void)
{
    struct sigaction now, normal = {.sa_handler = SIG_DFL};
    if (sigaction(SIGCHLD, NULL, &now) == 0 &&
        (now.sa_handler == SIG_IGN || (now.sa_flags & SA_NOCLDWAIT)))
        sigaction(SIGCHLD, &normal, NULL);
}

static int prepare(struct launch *l, const struct mp_process_options *o, struct mp_error *err)
{
    *l = (struct launch){.cwd = o->cwd, .null_fd = -1};
    for (int i = 0; i < 2; i++)
        l->out[i] = l->err[i] = l->report[i] = -1;
    l->program = mp_process_find(o->argv[0], err);
    if (!l->program)
        return MP_E_NOT_FOUND;
    if (l->cwd && l->program[0] != '/') {
        /* A relative path is meant from our folder, not from the child's. */
        char *absolute = realpath(l->program, NULL);
        if (!absolute)
            return mp_fail_errno(err, "cannot resolve %s", l->program);
        free(l->program);
        l->program = absolute;
    }
    memcpy(&l->argv, &o->argv, sizeof l->argv);
    l->env = make_env(o->env);
    l->parent = getpid();
    hear_of_children();
    l->null_fd = lift(open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (l->null_fd < 0 || open_pipe(l->out) < 0 || open_pipe(l->err) < 0 ||
        open_pipe(l->report) < 0 || fcntl(l->out[0], F_SETFL, O_NONBLOCK) < 0 ||
        fcntl(l->err[0], F_SETFL, O_NONBLOCK) < 0)
        return mp_fail_errno(err, "cannot make the pipes for %s", o->argv[0]);
    return MP_OK;
}

static void mark_close_on_exec(void)
{
    if (close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC) == 0)
        return;
    /* Before Linux 5.11. */
    struct rlimit limit;
    int last = 65536;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < 65536)
        last = (int)limit.rlim_cur;
    for (int fd = STDERR_FILENO + 1; fd < last; fd++)
        fcntl(fd, F_SETFD, FD_CLOEXEC);
}

static void give_up(const struct launch *l, enum step step) __attribute__((noreturn));
static void give_up(const struct launch *l, enum step step)
{
    struct start_failure failure = {step, errno};
    ssize_t n = write(l->report[1], &failure, sizeof failure);
    _exit(n == (ssize_t)sizeof failure ? 127 : 126);
}

static void become(const struct launch *l) __attribute__((noreturn));
static void become(const struct launch *l)
{
    /* All signals are still blocked: no handler of ours can run here. */
    for (int number = 1; number < NSIG; number++)
        signal(number, SIG_DFL);
    setpgid(0, 0);
    /* KILL follows the death of the thread that forked, which waits for us in mp_process_run(). */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
        give_up(l, STEP_SETUP);
    if (getppid() != l->parent)
        _exit(126);
    if (dup2(l->null_fd, STDIN_FILENO) < 0 || dup2(l->out[1], STDOUT_FILENO) < 0 ||
        dup2(l->err[1], STDERR_FILENO) < 0)
        give_up(l, STEP_SETUP);
    mark_close_on_exec();
    if (l->cwd && chdir(l->cwd) < 0)
        give_up(l, STEP_CWD);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execve(l->program, l->argv, l->env);
    give_up(l, STEP_EXEC);
}

static int start_failed(const struct launch *l, const struct start_failure *f, struct mp_error *err)
{
    errno = f->number;
    switch (f->step) {
    case STEP_CWD:
        return mp_fail_errno(err, "cannot start %s in the folder %s", l->argv[0], l->cwd);
    case STEP_EXEC:
        if (f->number == ENOENT)
            return mp_fail(err, MP_E_NOT_FOUND,
                           "cannot start %s (%s): it or its interpreter is not there; install it "
                           "or put it on PATH",
                           l->argv[0], l->program);
        return mp_fail_errno(err, "cannot start %s (%s)", l->argv[0], l->program);
    case STEP_SETUP:
        break;
    }
    return mp_fail_errno(err, "cannot prepare the process for %s", l->argv[0]);
}

static int launch(struct launch *l, pid_t *pid, struct mp_error *err)
{
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &l->old_mask);
    *pid = fork();
    if (*pid == 0)
        become(l);
    int number = errno;
    pthread_sigmask(SIG_SETMASK, &l->old_mask, NULL);
    errno = number;
    if (*pid < 0)
        return mp_fail_errno(err, "cannot fork for %s", l->argv[0]);
    setpgid(*pid, *pid);
    close_fd(&l->out[1]);
    close_fd(&l->err[1]);
    close_fd(&l->report[1]);

    struct start_failure failure;
    ssize_t n;
    do {
        n = read(l->report[0], &failure, sizeof failure);
    } while (n < 0 && errno == EINTR);
    if (n != (ssize_t)sizeof failure)
        return MP_OK; /* closed by the exec */
    while (waitpid(*pid, NULL, 0) < 0 && errno == EINTR)
        continue;
    return start_failed(l, &failure, err);
}

/* A child under way. */
struct run {
    pid_t pid;
    int pid_fd; /* readable when the child has ended; -1 where the kernel has none */
    int fds[2]; /* stdout, stderr; -1 after the end of file */
    struct mp_text *texts[2];
    size_t limit;
    double deadline_s, kill_at_s;
    bool stopping, killed, overflowed, timed_out, was_cancelled;
};

/* Until the leader is reaped its pid, and so the group's, cannot be given to anybody else. */
static void signal_group(const struct run *r, int number)
{
    if (kill(-r->pid, number) < 0)
        kill(r->pid, number);
}

static void kill_now(struct run *r)
{
    signal_group(r, SIGKILL);
    r->killed = r->stopping = true;
}

/* What is there, without waiting. Beyond the limit, and after a KILL, it is dropped. */
static void drain(struct run *r, int which, char *chunk)
{
    while (r->fds[which] >= 0) {
        ssize_t n = read(r->fds[which], chunk, READ_CHUNK);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            return;
        if (n <= 0) {
            close_fd(&r->fds[which]);
            return;
        }
        struct mp_text *t = r->texts[which];
        size_t room = r->limit - t->size;
        mp_text_add_bytes(t, chunk, (size_t)n < room ? (size_t)n : room);
        if ((size_t)n > room && !r->overflowed) {
            r->overflowed = true;
            kill_now(r);
        }
        /* A flood must not keep us from the clock. */
        if (r->killed || mp_clock_s() > r->deadline_s)
            return;
    }
}

static bool has_ended(const struct run *r)
{
    siginfo_t info = {0};
    if (waitid(P_PID, (id_t)r->pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0)
        return errno == ECHILD; /* somebody else reaped it; reap() says so */
    return info.si_pid == r->pid;
}

static void check_limits(struct run *r)
{
    double now = mp_clock_s();
    if (!r->stopping) {
        r->was_cancelled = atomic_load(&cancelled) != 0;
        r->timed_out = !r->was_cancelled && now >= r->deadline_s;
        if (r->was_cancelled || r->timed_out) {
            signal_group(r, SIGTERM);
            r->stopping = true;
            r->kill_at_s = now + grace_s;
        }
    } else if (!r->killed && now >= r->kill_at_s) {
        kill_now(r);
    }
}

static int poll_time_ms(const struct run *r)
{
    double until = r->stopping ? r->kill_at_s : r->deadline_s;
    double left_ms = (until - mp_clock_s()) * 1000 + 1;
    double most = r->pid_fd >= 0 || r->fds[0] >= 0 || r->fds[1] >= 0 ? POLL_MS : POLL_BLIND_MS;
    return r->killed || left_ms > most ? (int)most : left_ms > 0 ? (int)left_ms : 0;
}

/* Until the leader has ended. A grandchild that holds the pipes open is not waited for. */
static void watch(struct run *r)
{
    char *chunk = mp_alloc(READ_CHUNK, 1);
    while (!has_ended(r)) {
        struct pollfd p[3] = {
            {.fd = r->fds[0], .events = POLLIN},
            {.fd = r->fds[1], .events = POLLIN},
            {.fd = r->pid_fd, .events = POLLIN},
        };
        poll(p, 3, poll_time_ms(r));
        drain(r, 0, chunk);
        drain(r, 1, chunk);
        check_limits(r);
    }
    drain(r, 0, chunk);
    drain(r, 1, chunk);
    free(chunk);
}

static double seconds(struct timeval t)
{
    return (double)t.tv_sec + 1e-6 * (double)t.tv_usec;
}

/* What is left of the group is killed while the leader's pid is still ours. */
static int reap(const struct run *r, const char *name, struct mp_process_result *result,
                struct mp_error *err)
{
    int status = 0;
    struct rusage usage = {0};
    pid_t pid;
    kill(-r->pid, SIGKILL);
    do {
        pid = wait4(r->pid, &status, 0, &usage);
    } while (pid < 0 && errno == EINTR);
    if (pid < 0)
        return mp_fail(err, MP_E_IO, "%s: how it ended is lost (%s)", name, strerrordesc_np(errno));
    result->cpu_s = seconds(usage.ru_utime) + seconds(usage.ru_stime);
    result->how = r->overflowed         ? MP_OVERFLOWED
                  : r->timed_out        ? MP_TIMED_OUT
                  : WIFSIGNALED(status) ? MP_SIGNALLED
                                        : MP_EXITED;
    result->status = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
    return MP_OK;
}

int mp_process_run(struct mp_process_result *result, const struct mp_process_options *o,
                   struct mp_error *err)
{
    struct launch l;
    pid_t pid = -1;
    double begun_s = mp_clock_s();
    *result = (struct mp_process_result){0};
    int code = prepare(&l, o, err);
    if (code == MP_OK && atomic_load(&cancelled))
        code = mp_fail(err, MP_E_CANCELLED, "%s: not started, the run was cancelled", o->argv[0]);
    if (code == MP_OK)
        code = launch(&l, &pid, err);
    if (code < 0)
        goto cleanup;

    struct run r = {
        .pid = pid,
        .pid_fd = pidfd_open(pid, 0),
        .fds = {l.out[0], l.err[0]},
        .texts = {&result->out, &result->err},
        .limit = o->output_limit ? o->output_limit : (size_t)64 << 20,
        .deadline_s = begun_s + (o->timeout_s > 0 ? o->timeout_s : 600),
    };
    l.out[0] = l.err[0] = -1;
    /* Callers read data without a look at the size. */
    mp_text_add(&result->out, "");
    mp_text_add(&result->err, "");
    watch(&r);
    code = reap(&r, o->argv[0], result, err);
    close_fd(&r.fds[0]);
    close_fd(&r.fds[1]);
    close_fd(&r.pid_fd);
    result->wall_s = mp_clock_s() - begun_s;
    if (code == MP_OK && r.was_cancelled)
        code = mp_fail(err, MP_E_CANCELLED, "%s: killed, the run was cancelled", o->argv[0]);

cleanup:
    release_launch(&l);
    if (code < 0)
        mp_process_result_release(result);
    return code;
}

void mp_process_result_release(struct mp_process_result *r)
{
    mp_text_release(&r->out);
    mp_text_release(&r->err);
}
