#include "estimator/timing/opensta.h"

#include "estimator/timing/parse.h"
#include "estimator/timing/script.h"
#include "estimator/util/file.h"
#include "estimator/util/process.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *full_path(const char *path, struct mp_error *err)
{
    char *full = realpath(path, NULL);
    if (!full)
        mp_fail_errno(err, "cannot find %s", path);
    return full;
}

static int write_script(const struct mp_opensta_job *job, struct mp_error *err)
{
    struct mp_text script = {0};
    struct mp_error cause = MP_ERROR_INIT;
    char *path = mp_path_join(job->temp_dir, "script.tcl");
    char *liberty = full_path(job->liberty_path, &cause);
    char *netlist = liberty ? full_path(job->netlist_path, &cause) : NULL;
    int code = cause.code;
    if (netlist)
        code = mp_opensta_script(&script, job, liberty, netlist, &cause);
    if (code == MP_OK)
        code = mp_file_write(path, script.data, script.size, &cause);
    if (code < 0 && err)
        *err = cause;
    free(path);
    free(liberty);
    free(netlist);
    mp_text_release(&script);
    return code;
}

static int write_wire_load(const struct mp_opensta_job *job, struct mp_error *err)
{
    if (!job->wire_load || job->wire_load->is_none)
        return MP_OK;
    struct mp_text text = {0};
    char *path = mp_path_join(job->temp_dir, MP_STA_WIRE_NAME);
    mp_wire_load_liberty(&text, job->wire_load);
    int code = mp_file_write(path, text.data, text.size, err);
    mp_text_release(&text);
    free(path);
    return code;
}

/* sta exits with 0 after any error; what it says on stderr counts like its report. */
static int parse_output(struct mp_timing *out, const struct mp_opensta_job *job,
                        const struct mp_process_result *r, struct mp_error *err)
{
    struct mp_error cause = MP_ERROR_INIT;
    struct mp_text all = {0};
    mp_text_add_bytes(&all, r->err.data ? r->err.data : "", r->err.size);
    mp_text_add(&all, "\n");
    mp_text_add_bytes(&all, r->out.data ? r->out.data : "", r->out.size);
    int code = mp_opensta_parse(&out->slack_s, out->slew_rise_s, out->slew_fall_s, job->netlist,
                                all.data, all.size, &cause);
    mp_text_release(&all);
    if (code < 0) {
        char *why = mp_asprintf("%s (line %d of its report)", cause.message, cause.line);
        code = mp_process_fail_output(r, "sta", job->keep_dir, why, err);
        free(why);
    }
    return code;
}

static int read_sdf(struct mp_timing *out, const char *path, const struct mp_opensta_job *job,
                    const struct mp_process_result *r, struct mp_error *err)
{
    struct mp_text text = {0};
    struct mp_error cause = MP_ERROR_INIT;
    if (mp_file_read(&text, path, 0, &cause) < 0) {
        mp_text_release(&text);
        return mp_process_fail_output(r, "sta", job->keep_dir, "no SDF was written", err);
    }
    out->sdf = text.data;
    return MP_OK;
}

int mp_opensta_run(struct mp_timing *out, const struct mp_opensta_job *job, struct mp_error *err)
{
    *out = (struct mp_timing){.pin_count = job->netlist->pin_count};
    struct mp_process_result r = {0};
    char *sdf_path = mp_path_join(job->temp_dir, MP_STA_SDF_NAME);
    out->slew_rise_s = mp_alloc(out->pin_count + 1u, sizeof *out->slew_rise_s);
    out->slew_fall_s = mp_alloc(out->pin_count + 1u, sizeof *out->slew_fall_s);
    unlink(sdf_path);
    int code = write_script(job, err);
    if (code == MP_OK)
        code = write_wire_load(job, err);
    if (code < 0)
        goto out;
    const char *const argv[] = {job->program, "-no_splash", "-no_init",
                                "-exit",      "script.tcl", NULL};
    struct mp_process_options o = {
        .argv = argv, .cwd = job->temp_dir, .timeout_s = job->timeout_s > 0 ? job->timeout_s : 120};
    code = mp_process_run(&r, &o, err);
    if (code < 0)
        goto out;
    out->wall_s = r.wall_s;
    out->cpu_s = r.cpu_s;
    if (r.how != MP_EXITED || r.status != 0)
        code = mp_process_fail(&r, "sta", job->keep_dir, err);
    else
        code = parse_output(out, job, &r, err);
    if (code == MP_OK && job->want_sdf)
        code = read_sdf(out, sdf_path, job, &r, err);
    out->critical_path_s = job->period_s - out->slack_s;
out:
    if (code < 0)
        mp_timing_release(out);
    free(sdf_path);
    mp_process_result_release(&r);
    return code;
}

void mp_timing_release(struct mp_timing *t)
{
    free(t->slew_rise_s);
    free(t->slew_fall_s);
    free(t->sdf);
    *t = (struct mp_timing){0};
}

int mp_opensta_version(const char *program, char *out, size_t size, struct mp_error *err)
{
    struct mp_process_result r = {0};
    struct mp_error cause = MP_ERROR_INIT;
    const char *const argv[] = {program, "-version", NULL};
    struct mp_process_options o = {.argv = argv, .timeout_s = 20};
    int code = mp_process_run(&r, &o, err);
    if (code == MP_OK && (r.how != MP_EXITED || r.status != 0))
        code = mp_process_fail(&r, "sta", NULL, err);
    else if (code == MP_OK &&
             mp_opensta_parse_version(r.out.data ? r.out.data : "", out, size, &cause) < 0)
        code = mp_process_fail_output(&r, "sta", NULL, cause.message, err);
    mp_process_result_release(&r);
    return code;
}
