/*
 * Inside the Liberty reader: what library.c (the library level: units, templates, defaults),
 * cell.c (cells and pins), power_groups.c (internal power, leakage, timing) and table.c share. Not
 * for other modules.
 *
 * A construct that this program does not model (buses, several registers in one cell, tables of
 * three dimensions, more than MP_CELL_PIN_LIMIT pins) refuses its cell: the cell stays in the
 * library with is_pad_or_macro set and without arcs and power. What is wrong rather than unknown
 * ends the reading with file and line.
 */
#ifndef MP_LIBERTY_READER_H
#define MP_LIBERTY_READER_H

#include "estimator/liberty/ast.h"
#include "estimator/liberty/library.h"

/* Two more bits of an expression's 64 are IQ and IQN. */
#define MP_CELL_PIN_LIMIT 60
/* Pins one expression may read: its truth table has 2^16 entries then. */
#define MP_EXPR_SUPPORT_LIMIT 16

/* A lu_table_template or power_lut_template of the file being read, in its units. */
struct mp_template {
    enum mp_axis axis[2];
    uint32_t index_count[2];
    const double *index[2]; /* SI, arena; NULL: the template gives none */
    uint32_t dimensions;    /* 0 (scalar) to 3; 3 is known but refused */
};

struct mp_reader {
    struct mp_library *lib;
    const struct mp_ast *ast; /* of the file being read */
    uint32_t file, library;   /* its number; its library group */
    double supply_v;          /* of the file being read; NAN: none, only possible in the first */
    /* Units of the file being read, SI; leakage NAN: not given. */
    double time_s, capacitance_f, voltage_v, leakage_w;
    /* Defaults of the file being read, SI; NAN: not given. */
    double input_cap_f, output_cap_f, inout_cap_f, cell_leakage_w;
    struct mp_map template_by_name;
    struct mp_template *templates;
    size_t template_count, template_capacity;
    double *numbers; /* scratch for one list */
    size_t number_capacity;
    size_t wire_load_capacity, wire_load_range_capacity;
    size_t cell_capacity, pin_capacity, internal_power_capacity, leakage_capacity, arc_capacity,
        table_capacity;
};

/* Why a cell cannot be modelled, as the end of a sentence about it; NULL: it can. */
struct mp_refusal {
    const char *why;
    int line;
};

/* The cell being read. */
struct mp_cell_reader {
    struct mp_reader *r;
    uint32_t cell, node;
    struct mp_slice iq, iqn; /* names of the register's outputs; size 0: none */
    struct mp_refusal refused;
};

/* Units of library group `library` of r->ast into *r; one unit attribute ("1ns" for base "s") into
 * *out, which is left alone where it is not there. */
int mp_reader_unit(struct mp_reader *r, uint32_t library, const char *name, const char *base,
                   double *out, struct mp_error *err);
int mp_reader_units(struct mp_reader *r, uint32_t library, struct mp_error *err);

/* An attribute, times unit, into *out, which is left alone where the group has none. */
int mp_reader_number(const struct mp_reader *r, uint32_t group, const char *name, double unit,
                     double *out, struct mp_error *err);
/* The named operating conditions of a library group, else the only ones, MP_AST_NONE without. */
uint32_t mp_reader_conditions(const struct mp_reader *r, uint32_t library);
/* r->supply_v: of the operating conditions, else nom_voltage, else the highest of voltage_map, else
 * that of the first file. */
int mp_reader_supply(struct mp_reader *r, uint32_t library, struct mp_error *err);
/* Supply of a pin group: voltage_map of the pg_pin that its related_power_pin names, else
 * r->supply_v. */
int mp_cell_reader_supply(const struct mp_cell_reader *c, uint32_t pin, double *out,
                          struct mp_error *err);

/* One group `node` (cell_rise, rise_power, ...) as a table: value_unit converts its values to SI.
 * *id is MP_NONE and *refused is set for a table of three dimensions or over other variables than
 * slew and load. */
int mp_reader_table(struct mp_reader *r, uint32_t node, double value_unit, uint32_t *id,
                    struct mp_refusal *refused, struct mp_error *err);
int mp_reader_template(struct mp_reader *r, uint32_t node, struct mp_error *err);

/* wire_load and wire_load_selection groups and their defaults. */
int mp_reader_wire_loads(struct mp_reader *r, uint32_t library, struct mp_error *err);

int mp_reader_cell(struct mp_reader *r, uint32_t node, struct mp_error *err);
/* internal_power() of a pin, timing() of a pin with this function, leakage_power() of the cell. */
int mp_reader_internal_power(struct mp_cell_reader *c, uint32_t node, struct mp_error *err);
int mp_reader_timing(struct mp_cell_reader *c, uint32_t node, const struct mp_expr *function,
                     struct mp_error *err);
int mp_reader_leakage(struct mp_cell_reader *c, uint32_t node, struct mp_error *err);

/* Local pin (or IQ, IQN) of that name; MP_NONE: none. */
uint32_t mp_cell_reader_name(const struct mp_cell_reader *c, struct mp_slice name);
/* The expression in v over the pins of the cell; v NULL: code NULL. An expression that reads
 * more than MP_EXPR_SUPPORT_LIMIT pins refuses the cell. */
int mp_cell_reader_expr(struct mp_cell_reader *c, const struct mp_ast_value *v, struct mp_expr *out,
                        struct mp_error *err);

/* Liberty's Boolean syntax into postfix: prefix ! and postfix ' bind tightest, then ^, then *, &
 * and juxtaposition, then + and |; 0 and 1 are constants. find maps a name to an operand (MP_NONE:
 * unknown, an error that names it). Code goes to the arena. MP_E_UNSUPPORTED: reads too many pins
 * or is nested too deep. */
typedef uint32_t mp_expr_find(const void *context, struct mp_slice name);
int mp_expr_parse(struct mp_expr *out, struct mp_slice text, mp_expr_find *find,
                  const void *context, struct mp_arena *arena, const char *file, int line,
                  struct mp_error *err);

#endif
