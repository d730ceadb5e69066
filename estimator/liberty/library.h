/*
 * A cell library as the other stages see it: cells, pins, functions, capacitances, power tables,
 * timing arcs, in flat arrays with 32-bit ids; made from one or several Liberty files.
 *
 * Units are SI (F, s, W, J, V) but for areas (um2, as in the files). Missing values that
 * would make a result wrong are errors when they are needed, never zeros.
 * Source of the format: Liberty User Guide and Reference Manual, Synopsys, open edition.
 */
#ifndef MP_LIBERTY_LIBRARY_H
#define MP_LIBERTY_LIBRARY_H

#include "estimator/util/error.h"
#include "estimator/util/hash.h"
#include "estimator/util/memory.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MP_NONE UINT32_MAX

enum mp_direction { MP_DIR_INPUT, MP_DIR_OUTPUT, MP_DIR_INOUT, MP_DIR_INTERNAL };

/* A Boolean function in postfix order over the pins of its cell: operand k >= 0 is local pin k (0..
 * pin_count-1; pin_count is IQ, pin_count+1 is IQN of the cell's first ff or latch). */
enum mp_expr_op {
    MP_EXPR_AND = -1,
    MP_EXPR_OR = -2,
    MP_EXPR_XOR = -3,
    MP_EXPR_NOT = -4,
    MP_EXPR_ZERO = -5,
    MP_EXPR_ONE = -6
};
struct mp_expr {
    const int16_t *code; /* owned by the library's arena; NULL: no function */
    uint32_t length;
};

/* values[i * index2_count + j] at index1[i], index2[j]; index2_count 1 for one-dimensional tables,
 * both 1 for scalars. What an index means is told by axis: the template's variables. */
/* A constraint's SLEW is that of the constrained pin, its RELATED_SLEW (s) that of the clock. */
enum mp_axis { MP_AXIS_NONE, MP_AXIS_SLEW, MP_AXIS_LOAD, MP_AXIS_RELATED_SLEW, MP_AXIS_OTHER };
struct mp_table {
    enum mp_axis axis1, axis2;
    uint32_t index1_count, index2_count;
    const double *index1, *index2; /* s or F */
    const double *values;          /* s (timing) or J (power) */
};
/* Bilinear, extrapolated linearly at the ends as NLDM tools do; slew_s and load_f in any order of
 * axes; a RELATED_SLEW is 0, as of an ideal clock. */
double mp_table_lookup(const struct mp_table *t, double slew_s, double load_f);

struct mp_internal_power {
    uint32_t related_pin;  /* local pin, MP_NONE: none */
    struct mp_expr when;   /* code NULL: unconditional */
    const char *power_pin; /* related_pg_pin, NULL: none named */
    uint32_t rise, fall;   /* table ids, MP_NONE: absent (power(): both the same) */
};
struct mp_leakage { /* groups of other rails than primary power are left out */
    struct mp_expr when;
    const char *power_pin;
    double power_w;
};
enum mp_unate { MP_UNATE_NONE, MP_UNATE_POSITIVE, MP_UNATE_NEGATIVE };
struct mp_arc {           /* one timing() group */
    uint32_t related_pin; /* local pin */
    struct mp_expr when;
    enum mp_unate sense; /* as given, else that of the output's function */
    char type[32];       /* timing_type, "combinational" by default */
    uint32_t cell_rise, cell_fall, rise_transition, fall_transition; /* table ids or MP_NONE */
    uint32_t rise_constraint, fall_constraint; /* of setup_rising and setup_falling; or MP_NONE */
};

struct mp_lib_pin {
    const char *name;
    enum mp_direction direction;
    bool is_clock;
    bool is_three_state; /* three_state attribute present */
    /* rise/fall default to capacitance; of a range (rise_capacitance_range, ...) the upper end, as
     * OpenSTA takes it for power and for the latest arrival */
    double capacitance_f, rise_capacitance_f, fall_capacitance_f;
    double max_capacitance_f; /* 0: not given */
    double supply_v; /* of its related_power_pin in voltage_map, else of its file's corner */
    struct mp_expr function; /* outputs */
    uint32_t first_internal_power, internal_power_count;
    uint32_t first_arc, arc_count;
};

enum mp_sequential { MP_COMBINATIONAL, MP_FLIP_FLOP, MP_LATCH, MP_STATE_TABLE };
struct mp_lib_cell {
    const char *name;
    int line; /* in file files[file] */
    uint32_t file;
    double area_um2; /* NAN: not given */
    bool dont_use;
    /* No use for synthesis: pads, fillers, clock gates, level shifters, cells without functions;
     * and what is refused. */
    bool is_pad_or_macro;
    /* What the reader does not model (buses, ff_bank, several registers, more than 60 pins, tables
     * of three dimensions or over other variables than slew and load) has no arcs, power groups or
     * functions; a netlist with it is an error. "has a bus ...", at this line of its file; NULL:
     * modelled. */
    const char *refused;
    int refused_line;
    bool is_scan; /* has a test_cell group */
    uint32_t first_pin, pin_count;
    enum mp_sequential sequential;
    struct mp_expr next_state, clocked_on; /* ff; latch: data_in, enable */
    struct mp_expr clear, preset;
    char clear_preset_iq, clear_preset_iqn; /* when both are true: L H N T X, 0: not given */
    uint32_t first_leakage, leakage_count;
    double cell_leakage_power_w; /* cell_leakage_power; else, without leakage groups, the library's
                                    default_cell_leakage_power; NAN: not given */
};

/* A wire_load group: how long a net is by the number of pins and ports that it drives. */
struct mp_wire_load {
    const char *name;
    uint32_t file;
    int line;
    double capacitance_f, resistance_ohm, area_um2; /* of a unit of length; 0 where not given */
    double slope;                                   /* length a fan-out beyond the table */
    uint32_t count;                                 /* of fanout_length, at least 1 */
    const double *fan_out, *length;                 /* [count], fan_out ascending */
};
/* Length at a fan-out: interpolated, beyond the table by the slope, never below 0 (as OpenSTA). */
double mp_wire_load_length(const struct mp_wire_load *w, double fan_out);

/* wire_load_from_area of the selection that applies. */
struct mp_wire_load_range {
    double from_um2, to_um2; /* cell area of the design */
    const char *model;
};

/* Fractions of the swing: where a delay is measured at an output, and between which a slew is. */
struct mp_thresholds {
    double output, slew_lower, slew_upper;
};

struct mp_library {
    const char *name;
    const char **files; /* as given */
    uint32_t file_count;
    char hash[MP_HASH_SIZE]; /* of the content (decompressed) of all files, in their order */
    double voltage_v, temperature_c, process; /* of the first file */
    /* Of the first file; leakage_unit_w NAN: not given. Values are converted file by file. */
    double time_unit_s, capacitance_unit_f, energy_unit_j, leakage_unit_w;
    /* Of the first file, for rising and falling edges; 0.5, 0.2, 0.8 where it does not say. A slew
     * of the tables times slew_derate is the time between the two thresholds. */
    struct mp_thresholds thresholds[2];
    double slew_derate;
    const char *default_wire_load;   /* NULL: none */
    struct mp_wire_load *wire_loads; /* of all files; of equal names the first */
    uint32_t wire_load_count;
    /* Of default_wire_load_selection, or of the only wire_load_selection. */
    struct mp_wire_load_range *wire_load_ranges;
    uint32_t wire_load_range_count;
    const char *operating_conditions; /* NULL: none */
    uint32_t cell_count, pin_count, internal_power_count, leakage_count, arc_count, table_count;
    struct mp_lib_cell *cells;
    struct mp_lib_pin *pins;
    struct mp_internal_power *internal_powers;
    struct mp_leakage *leakages;
    struct mp_arc *arcs;
    struct mp_table *tables;
    struct mp_map cell_by_name;
    struct mp_arena arena; /* owns every name, expression and table */
};

/* Read one or several files (plain or gzip) as one library. The same cell twice is an error.
 * Everything is in *lib afterwards; mp_library_release() frees it (zeroed or released memory is
 * fine too). */
int mp_library_read(struct mp_library *lib, const char *const *paths, size_t path_count,
                    struct mp_error *err);
/* The same from memory; name is used in messages. */
int mp_library_read_text(struct mp_library *lib, const char *text, size_t size, const char *name,
                         struct mp_error *err);
void mp_library_release(struct mp_library *lib);

/* NULL: no such model. */
const struct mp_wire_load *mp_library_wire_load(const struct mp_library *lib, const char *name);

uint32_t mp_library_cell(const struct mp_library *lib,
                         const char *name); /* MP_NONE: no such cell */
/* Set dont_use of every cell whose name matches a pattern (* ? [...] as fnmatch(3)); returns how
 * many cells match. */
uint32_t mp_library_mark_dont_use(struct mp_library *lib, const char *const *patterns,
                                  size_t pattern_count);
/* Local index of a pin in its cell, MP_NONE: no such pin. */
uint32_t mp_library_pin(const struct mp_library *lib, uint32_t cell, const char *name);

/* Value of an expression for pin values given as bits of `pins` (bit k = local pin k, pin_count:
 * IQ). */
bool mp_expr_eval(const struct mp_expr *e, uint64_t pins);
/* Which local pins it reads, as a mask. */
uint64_t mp_expr_support(const struct mp_expr *e);
/* P(e = 1) and P(de/dpin = 1) for independent pins with P(pin k = 1) = duty[k]. */
double mp_expr_probability(const struct mp_expr *e, const double *duty);
double mp_expr_difference_probability(const struct mp_expr *e, uint32_t pin, const double *duty);
/* How e follows the pin: rising never makes it fall, never makes it rise, or NONE (either, both).
 */
enum mp_unate mp_expr_sense(const struct mp_expr *e, uint32_t pin);

/* Cells by role, found by function, cheapest in area that is not dont_use (constants: preferably
 * not), by the shorter name among equals; MP_NONE: the library has none. One cell may be both
 * constants (sky130hd). */
struct mp_library_roles {
    uint32_t flip_flop; /* D, clock (rising), Q; nothing else needed */
    uint32_t inverter, buffer;
    uint32_t buffer_strong; /* the buffer that drives most, for driving inputs */
    uint32_t constant_zero, constant_one;
    uint32_t full_adder, half_adder;
    uint32_t nand2;
};
void mp_library_roles_find(const struct mp_library *lib, struct mp_library_roles *roles);

/* A copy for Yosys, ABC and OpenSTA: one file, the cells worth using (no dont_use, pads, latches,
 * scan flops, flops that store more than one pin, three-state or cells without function or area),
 * timing kept, power and wire loads dropped,
 * every expression quoted; the two constants of roles are in it. Where files differ in units,
 * numbers are converted to the first one's. keep: extra cell names to hold on to, may be NULL. */
int mp_library_write_prepared(const struct mp_library *lib, const char *const *source_paths,
                              size_t source_count, const char *out_path, const char *const *keep,
                              size_t keep_count, struct mp_error *err);

#endif
