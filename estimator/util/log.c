#include "estimator/util/log.h"

#include "estimator/util/memory.h"
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

struct mp_log {
    enum mp_log_level level;
    bool terminal, colour;
    pthread_mutex_t lock; /* guards all below and the order of what is printed */
    bool active, drawn;
    size_t done, total;
    double begun_s, drawn_s;
    char what[64], doing[128];
};

double mp_clock_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

struct mp_log *mp_log_create(enum mp_log_level level)
{
    struct mp_log *log = mp_alloc(1, sizeof *log);
    const char *term = getenv("TERM"), *no_colour = getenv("NO_COLOR");
    log->level = level;
    log->terminal = isatty(STDERR_FILENO) && !(term && strcmp(term, "dumb") == 0);
    log->colour = log->terminal && !(no_colour && *no_colour);
    pthread_mutex_init(&log->lock, NULL);
    return log;
}

static void erase(struct mp_log *log)
{
    if (log->drawn)
        fputs("\r\033[K", stderr);
    log->drawn = false;
}

void mp_log_destroy(struct mp_log *log)
{
    if (!log)
        return;
    erase(log);
    fflush(stderr);
    pthread_mutex_destroy(&log->lock);
    free(log);
}

static void print_duration(char *out, size_t size, double s)
{
    long total = s < 1e8 ? (long)(s + 0.5) : 100000000L;
    if (total >= 3600)
        snprintf(out, size, "%ld h %02ld min", total / 3600, total / 60 % 60);
    else if (total >= 60)
        snprintf(out, size, "%ld min %02ld s", total / 60, total % 60);
    else
        snprintf(out, size, "%ld s", total);
}

static void draw(struct mp_log *log)
{
    if (!log->terminal || !log->active)
        return;
    struct winsize w = {0};
    int width = ioctl(STDERR_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col > 0 ? w.ws_col : 80;
    char eta[48] = "", line[384];
    double now = mp_clock_s();
    if (log->done > 0 && log->done < log->total) {
        char left[40];
        double rest = (double)(log->total - log->done) / (double)log->done;
        print_duration(left, sizeof left, (now - log->begun_s) * rest);
        snprintf(eta, sizeof eta, ", ETA %s", left);
    }
    size_t percent = log->total ? (size_t)(100.0 * (double)log->done / (double)log->total) : 100;
    snprintf(line, sizeof line, "%s %3zu %% (%zu/%zu%s) %s", log->what, percent, log->done,
             log->total, eta, log->doing);
    /* One column stays free: a full line would wrap and could not be erased. */
    fprintf(stderr, "\r\033[K%.*s", width - 1, line);
    fflush(stderr);
    log->drawn = true;
    log->drawn_s = now;
}

void mp_log_write(struct mp_log *log, enum mp_log_level level, const char *format, ...)
{
    static const char *const names[] = {"error: ", "warning: ", "", "debug: "};
    static const char *const colours[] = {"\033[1;31m", "\033[1;33m", "", "\033[2m"};
    if (!log || level > log->level)
        return;
    char *text = NULL;
    va_list args;
    va_start(args, format);
    int n = vasprintf(&text, format, args);
    va_end(args);
    pthread_mutex_lock(&log->lock);
    erase(log);
    bool colour = log->colour && *colours[level];
    fprintf(stderr, "%s%s%s%s\n", colour ? colours[level] : "", names[level],
            colour ? "\033[0m" : "", n >= 0 ? text : format);
    draw(log);
    pthread_mutex_unlock(&log->lock);
    if (n >= 0)
        free(text);
}

void mp_progress_begin(struct mp_log *log, const char *what, size_t total)
{
    if (!log)
        return;
    pthread_mutex_lock(&log->lock);
    erase(log);
    log->active = true;
    log->done = 0;
    log->total = total;
    log->begun_s = mp_clock_s();
    log->doing[0] = '\0';
    snprintf(log->what, sizeof log->what, "%s", what);
    draw(log);
    pthread_mutex_unlock(&log->lock);
}

void mp_progress_add(struct mp_log *log, size_t steps, const char *doing)
{
    const double redraw_every_s = 0.1;
    if (!log)
        return;
    pthread_mutex_lock(&log->lock);
    log->done = steps < log->total - log->done ? log->done + steps : log->total;
    snprintf(log->doing, sizeof log->doing, "%s", doing ? doing : "");
    if (log->done == log->total || mp_clock_s() - log->drawn_s >= redraw_every_s)
        draw(log);
    pthread_mutex_unlock(&log->lock);
}

void mp_progress_end(struct mp_log *log)
{
    if (!log)
        return;
    pthread_mutex_lock(&log->lock);
    erase(log);
    fflush(stderr);
    log->active = false;
    pthread_mutex_unlock(&log->lock);
}
