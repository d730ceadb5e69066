/*
 * Inside of module.c: between the scripts, the places in the user's files, and the analysis of the
 * JSON that Yosys writes. Nothing outside this folder includes it.
 *
 * Yosys sees the sources as links in the working directory, source<k>.v or .sv, and include folders
 * as include<k>/, so that no name of the user's needs quoting; what it says about them is
 * translated back.
 */
#ifndef MP_SYNTH_MODULE_PARTS_H
#define MP_SYNTH_MODULE_PARTS_H

#include "estimator/synth/module.h"
#include "estimator/synth/session.h"

#include <jansson.h>

struct mp_module_work {
    const struct mp_module_job *job;
    struct mp_synth_session session;
    const char *top;     /* of the user */
    char *found_top;     /* owned */
    char **include_dirs; /* owned: include<k> */
    size_t include_count, include_capacity;
    struct mp_module *out;
};

/* ---- module_script.c ---- */

/* Every source as it stands; its modules to listed.json. */
void mp_module_list_script(struct mp_text *out, const struct mp_module_work *w);
/* Sources to raw.il (hierarchical, words), parsed.json (before processes are read) and flat.json.
 */
void mp_module_parse_script(struct mp_text *out, const struct mp_module_work *w);
/* <input>.il, with wrapper.v if wrapped, to raw gates (gates.json, elaborated.v) and to design.il,
 * which is restructured at word level. */
void mp_module_gates_script(struct mp_text *out, const char *input, const char *top, bool flat,
                            bool wrapped);
/* Letters, digits, _, $ and '.': nothing that a script could read as more than a name. */
bool mp_module_is_plain(const char *name, size_t size);
/* Names and values that go into a script: plain, or what constants are made of. */
int mp_module_check_words(const struct mp_module_job *job, struct mp_error *err);

/* ---- module_place.c ---- */

/* "source0.v:3.1-4.2|..." -> the user's file and line; the first that is the user's. false: none.
 */
bool mp_module_place(const struct mp_module_work *w, const char *src, char file[256], int *line);
/* mp_fail_at() at a src attribute of Yosys. */
int mp_module_fail(const struct mp_module_work *w, struct mp_error *err, enum mp_code code,
                   const char *src, const char *format, ...) __attribute__((format(printf, 5, 6)));
/* What Yosys said before it gave up, as an error in the user's file; MP_OK: it did not say ERROR.
 * parsed: parsed.json or listed.json, to find what the message names; may be NULL. */
int mp_module_yosys_error(const struct mp_module_work *w, const struct mp_process_result *said,
                          const json_t *parsed, struct mp_error *err);
/* The src attribute of a cell or net name, "" if it has none. */
const char *mp_module_src(const json_t *object);

/* ---- module_words.c: flat.json ---- */

/* Ports, parameters, memories, unknown modules, three-state values, inouts. */
int mp_module_read_words(const struct mp_module_work *w, const json_t *root, struct mp_error *err);

/* ---- module_gates.c: gates.json ---- */

/* Drivers, latches, clock, loops; fills clock, registers, depth and what ports do. */
int mp_module_read_gates(const struct mp_module_work *w, const json_t *root, struct mp_error *err);

/* ---- module_wrap.c ---- */

/* The clock port of a wrapper around a module without registers. */
#define MP_WRAPPER_CLOCK "registered_clk"

/* The wrapper of job.registered around m, "<top>_registered"; the caller frees. */
char *mp_module_wrapper(const struct mp_module *m);

/* ---- module.c ---- */

void mp_module_note(struct mp_module *m, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
