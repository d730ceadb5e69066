#include "estimator/synth/parse.h"
#include "estimator/synth/script.h"
#include "estimator/synth/session.h"
#include "estimator/util/file.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ABC as it comes with Yosys: beside it when Yosys was given as a path. */
static char *abc_program(const char *yosys)
{
    const char *slash = strrchr(yosys, '/');
    return slash ? mp_asprintf("%.*s/yosys-abc", (int)(slash - yosys), yosys)
                 : mp_strdup("yosys-abc");
}

static int prepare(const struct mp_synth_session *s, const struct mp_yosys_job *job,
                   const char *netlist_verilog, const char *reference_verilog, struct mp_error *err)
{
    char *miter = mp_path_join(s->temp_dir, "cut.aig");
    unlink(miter);
    free(miter);
    int code = mp_synth_session_write(s, "gate.v", netlist_verilog, err);
    if (code == MP_OK)
        code = mp_synth_session_write(s, "gold.v", reference_verilog, err);
    if (code == MP_OK)
        code = mp_synth_session_link(s, job->liberty_path, MP_SYNTH_LIBERTY, err);
    return code;
}

/* Build the miter; *unmatched: registers that only one side has. */
static int build_miter(struct mp_synth_session *s, const char *top, uint32_t *unmatched,
                       struct mp_error *err)
{
    struct mp_text script = {0};
    struct mp_error cause = MP_ERROR_INIT;
    mp_synth_equivalence_script(&script, top);
    int code = mp_synth_session_script(s, script.data, err);
    if (code == MP_OK &&
        mp_yosys_parse_unmatched(unmatched, s->process.out.data ? s->process.out.data : "",
                                 s->process.out.size, &cause) < 0)
        code = mp_synth_session_fail(s, "log", &cause, err);
    mp_text_release(&script);
    return code;
}

int mp_yosys_equivalence(enum mp_equivalence *out, const struct mp_yosys_job *job,
                         const char *netlist_verilog, const char *reference_verilog,
                         double timeout_s, struct mp_error *err)
{
    struct mp_synth_session s = {.program = job->program,
                                 .temp_dir = job->temp_dir,
                                 .keep_dir = job->keep_dir,
                                 .timeout_s = job->timeout_s > 0 ? job->timeout_s : 300};
    char *abc = abc_program(job->program);
    uint32_t unmatched = 0;
    *out = MP_UNDECIDED;
    int code = prepare(&s, job, netlist_verilog, reference_verilog, err);
    if (code == MP_OK)
        code = build_miter(&s, job->top, &unmatched, err);
    if (code < 0 || unmatched)
        goto out;
    s.timeout_s = timeout_s > 0 ? timeout_s : 60;
    const char *const argv[] = {abc, "-c", "&r cut.aig; &cec -m", NULL};
    struct mp_error failure = MP_ERROR_INIT;
    code = mp_synth_session_run(&s, argv, "yosys-abc", &failure);
    if (code == MP_E_TIMEOUT) {
        code = MP_OK;
        goto out;
    }
    if (code < 0) {
        if (err)
            *err = failure;
        goto out;
    }
    int verdict = mp_abc_parse_cec(s.process.out.data ? s.process.out.data : "");
    if (verdict < 0)
        code = mp_process_fail_output(&s.process, "yosys-abc", s.keep_dir, "cec came to no verdict",
                                      err);
    else
        *out = verdict ? MP_EQUIVALENT : MP_DIFFERENT;
out:
    free(abc);
    mp_process_result_release(&s.process);
    return code;
}
