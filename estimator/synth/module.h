/*
 * A user's own Verilog, read by Yosys: ports, clock, a netlist in generic gates and what the
 * synthesis of yosys.h starts from. Anything that the simulators cannot treat is refused at the
 * line of the user's file where it stands.
 *
 *     struct mp_module_file files[] = {{.path = "mul.v"}};
 *     struct mp_module_job job = {.program = "yosys", .files = files, .file_count = 1,
 *                                 .top = "mul", .temp_dir = dir};
 *     struct mp_module m = {0};
 *     if (mp_module_read(&m, &job, err) < 0 ||           (located: err->file, err->line)
 *         mp_module_check_library(&m, &library, err) < 0)
 *         goto out;
 *     struct mp_yosys_job map = {.program = "yosys", .rtlil = m.rtlil, .top = m.top,
 *                                .keep_blocks = m.keeps_blocks, ...};
 *     rc = mp_yosys_synthesise(&mapped, &map, err);      (any variant, any library)
 *  out:
 *     mp_module_release(&m);
 *
 * Refused (MP_E_UNSUPPORTED): latches, three-state values, inout ports, loops of gates, two clocks
 * or both edges of one, clocks that are made inside, asynchronous loads, memories above
 * MP_MODULE_MEMORY_BITS. Wrong (MP_E_INPUT): syntax errors and whatever else Yosys does not read,
 * in its own words; modules that are not there; nets without a driver that something reads; nets
 * with two drivers.
 */
#ifndef MP_SYNTH_MODULE_H
#define MP_SYNTH_MODULE_H

#include "estimator/liberty/library.h"

/* Memories become registers and multiplexers; beyond this many bits that is no design any more. */
#define MP_MODULE_MEMORY_BITS 4096

/* A source: a file, or (text not NULL) what is in memory, for which path is only the name that
 * messages use. A name that ends with .sv is SystemVerilog as far as Yosys 0.23 knows it. */
struct mp_module_file {
    const char *path, *text;
};

struct mp_module_setting { /* a job's belong to the caller, a module's to the module */
    const char *name, *value;
};

struct mp_module_job {
    const char *program; /* Yosys */
    const struct mp_module_file *files;
    size_t file_count;
    const char *const *include_dirs; /* beside the folders of the files */
    size_t include_dir_count;
    const struct mp_module_setting *defines; /* value NULL: defined as nothing */
    size_t define_count;
    const char *top; /* NULL: the only module that none instantiates */
    /* Of the top: integers and sized constants ("8", "8'hff"). */
    const struct mp_module_setting *parameters;
    size_t parameter_count;
    const char *clock; /* port; NULL: found */
    bool keep_blocks;  /* instances in the top are mapped for themselves and keep their names */
    bool registered;   /* put registers before every input and behind every output, as in generated
                          designs; the module is then called <top>_registered */
    double timeout_s;  /* of each run of Yosys; 0: 300 s */
    const char *temp_dir; /* private folder, exists */
    const char *keep_dir; /* for the output of failures; NULL: $TMPDIR */
};

struct mp_module_port {
    char *name;
    enum mp_direction direction; /* input or output */
    uint32_t width;
    bool is_signed;
    bool is_clock;
    bool is_used;     /* inputs: something depends on it; outputs: not all bits are constant */
    int reset_active; /* drives asynchronous resets directly: 1 active high, -1 active low, 0 none
                       */
    char *file;       /* of the declaration, as the user named it; NULL: unknown */
    int line;
};

/* What registers a module needs from a library, each with the first one that needs it. */
enum mp_module_need {
    MP_NEED_REGISTER,    /* without asynchronous inputs */
    MP_NEED_ASYNC_VALUE, /* clear or preset */
    MP_NEED_ASYNC_BOTH,  /* clear and preset in one */
    MP_NEED_COUNT
};
struct mp_module_register {
    char *name; /* the net it drives, "acc[3]"; NULL: no such need */
    char *file;
    int line;
};

struct mp_module {
    char *top; /* as in the netlists: a plain name */
    struct mp_module_port *ports;
    size_t port_count;
    struct mp_module_setting *parameters; /* of the user's top, all, with the values used */
    size_t parameter_count;
    char *clock; /* port, NULL: no register; then a netlist has no clock either */
    bool clock_falls;
    uint32_t register_count; /* bits, before optimisation */
    /* Registers on the longest way from an input to an output that passes each at most once; 0:
     * combinational. Not above 64. */
    uint32_t depth;
    bool has_feedback; /* a register that depends on itself: an accumulator, a counter */
    bool keeps_blocks; /* asked for, and there are submodules */
    struct mp_module_register needs[MP_NEED_COUNT];
    char *rtlil;       /* elaborated, for mp_yosys_job.rtlil */
    char *rtl_verilog; /* the same before any optimisation: flat, generic gates (netlist/gates.h) */
    char **notes;      /* what a user should know, a sentence each: initial values ignored, ... */
    size_t note_count;
    char hash[MP_HASH_SIZE]; /* of the elaborated design: equal for equal hardware and names */
    double wall_s, cpu_s;    /* of Yosys */
};

/* Zero-initialise; release frees. A top that is not there is MP_E_NOT_FOUND with the modules that
 * are; several candidates without a name for the top are MP_E_USAGE. MP_E_TOOL: Yosys itself
 * failed. */
int mp_module_read(struct mp_module *out, const struct mp_module_job *job, struct mp_error *err);
void mp_module_release(struct mp_module *m);

/* Whether the library has the flip-flops: MP_E_UNSUPPORTED at the register that lacks one, which
 * says what kind. Other needs (enable, synchronous reset) are built from gates. */
int mp_module_check_library(const struct mp_module *m, const struct mp_library *library,
                            struct mp_error *err);

const struct mp_module_port *mp_module_port(const struct mp_module *m, const char *name);

#endif
