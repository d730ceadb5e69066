/*
 * What Yosys and ABC printed and wrote, from text to structs: pure functions. Nothing is believed
 * that is not complete: the log must reach its end mark, the netlist its endmodule.
 */
#ifndef MP_SYNTH_PARSE_H
#define MP_SYNTH_PARSE_H

#include "estimator/liberty/library.h"

/* One ABC run: a module of a candidate, with ABC's own figures for its logic. */
struct mp_yosys_module {
    uint32_t candidate;
    char *name; /* owned, without the backslash */
    double delay_s, area_um2;
};
struct mp_yosys_log {
    struct mp_yosys_module *modules; /* owned, in the order of the log */
    uint32_t module_count;
};

/* ERROR lines, failed ABC commands, an ABC run without its figures (`stime` line), no end mark:
 * MP_E_INPUT with the line, its number in err->line. Modules without logic (nothing to map) are
 * left out. The caller releases. */
int mp_yosys_parse_log(struct mp_yosys_log *log, const char *text, size_t size,
                       struct mp_error *err);
void mp_yosys_log_release(struct mp_yosys_log *log);
/* A written netlist: one module named top, complete, nothing behavioural, and every instance a
 * cell of the library (library NULL: a generic gate, its name begins with "$_"). cell_count may be
 * NULL. MP_E_INPUT names the cell and the line. */
int mp_yosys_check_netlist(const char *text, size_t size, const char *top,
                           const struct mp_library *library, uint32_t *cell_count,
                           struct mp_error *err);

/* "Yosys 0.23 (git sha1 7ce5011c24b)" -> "0.23". */
int mp_yosys_parse_version(const char *text, char *out, size_t size, struct mp_error *err);

/* Log of the equivalence script: how many registers only one side has. ERROR lines, no count, no
 * end mark: MP_E_INPUT with the line. */
int mp_yosys_parse_unmatched(uint32_t *count, const char *text, size_t size, struct mp_error *err);

/* ABC's verdict of `cec`: 1 equivalent, 0 different, -1 neither was said. */
int mp_abc_parse_cec(const char *text);

#endif
