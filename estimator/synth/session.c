#include "estimator/synth/session.h"

#include "estimator/util/file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int mp_synth_session_write(const struct mp_synth_session *s, const char *name, const char *text,
                           struct mp_error *err)
{
    char *path = mp_path_join(s->temp_dir, name);
    /* A link of an earlier run leads to a file of the user's. */
    int code =
        unlink(path) < 0 && errno != ENOENT ? mp_fail_errno(err, "cannot replace %s", path) : MP_OK;
    if (code == MP_OK)
        code = mp_file_write(path, text, strlen(text), err);
    free(path);
    return code;
}

int mp_synth_session_link(const struct mp_synth_session *s, const char *target, const char *name,
                          struct mp_error *err)
{
    char *path = mp_path_join(s->temp_dir, name), *real = realpath(target, NULL);
    int code = MP_OK;
    if (!real)
        code = mp_fail_errno(err, "cannot find %s", target);
    else if (unlink(path) < 0 && errno != ENOENT)
        code = mp_fail_errno(err, "cannot replace %s", path);
    else if (symlink(real, path) < 0)
        code = mp_fail_errno(err, "cannot make %s", path);
    free(real);
    free(path);
    return code;
}

int mp_synth_session_start(struct mp_synth_session *s, const char *const *argv,
                           struct mp_error *err)
{
    mp_process_result_release(&s->process);
    s->process = (struct mp_process_result){0};
    /* Yosys keeps files for ABC in a folder of its own, which a killed one leaves behind. */
    char *temp = mp_asprintf("TMPDIR=%s", s->temp_dir);
    const char *const env[] = {temp, NULL};
    struct mp_process_options o = {
        .argv = argv, .cwd = s->temp_dir, .timeout_s = s->timeout_s, .env = env};
    int code = mp_process_run(&s->process, &o, err);
    free(temp);
    if (code < 0)
        return code;
    s->wall_s += s->process.wall_s;
    s->cpu_s += s->process.cpu_s;
    return MP_OK;
}

int mp_synth_session_judge(const struct mp_synth_session *s, const char *tool, struct mp_error *err)
{
    if (s->process.how != MP_EXITED || s->process.status != 0)
        return mp_process_fail(&s->process, tool, s->keep_dir, err);
    return MP_OK;
}

int mp_synth_session_run(struct mp_synth_session *s, const char *const *argv, const char *tool,
                         struct mp_error *err)
{
    int code = mp_synth_session_start(s, argv, err);
    return code < 0 ? code : mp_synth_session_judge(s, tool, err);
}

int mp_synth_session_script(struct mp_synth_session *s, const char *script, struct mp_error *err)
{
    const char *const argv[] = {s->program, "-T", "-s", "script.ys", NULL};
    int code = mp_synth_session_write(s, "script.ys", script, err);
    return code < 0 ? code : mp_synth_session_run(s, argv, "yosys", err);
}

int mp_synth_session_fail(const struct mp_synth_session *s, const char *what,
                          const struct mp_error *cause, struct mp_error *err)
{
    char *why = cause->line ? mp_asprintf("%s, line %d: %s", what, cause->line, cause->message)
                            : mp_asprintf("%s: %s", what, cause->message);
    int code = mp_process_fail_output(&s->process, "yosys", s->keep_dir, why, err);
    free(why);
    return code;
}
