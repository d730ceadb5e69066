/*
 * Inside of the netlist reader: tokens and the parsed form of structural Verilog, between
 * lexer.c, parser.c and flatten.c. Nothing outside this folder includes it.
 *
 * Within a module every declared wire of width w owns w consecutive local bits; a connection or
 * an assignment is a run of local bit ids in the file's pool, least significant bit first.
 * Local bits 0 and 1 are the constants, MP_BIT_X an x or z digit or an open connection.
 * Source of the grammar: IEEE 1364-2001, annex A, the part that Yosys's write_verilog uses.
 */
#ifndef MP_NETLIST_VERILOG_H
#define MP_NETLIST_VERILOG_H

#include "estimator/util/error.h"
#include "estimator/util/memory.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MP_BIT_ZERO  0u
#define MP_BIT_ONE   1u
#define MP_BIT_X     2u
#define MP_BIT_FIRST 3u /* the first that belongs to a declaration */

/* Far above any MAC unit, low enough that a hostile file cannot claim the machine's memory. */
#define MP_VERILOG_MAX_WIDTH (1u << 16)
#define MP_VERILOG_MAX_BITS  (1u << 23)

enum mp_verilog_token_kind {
    MP_VERILOG_TOKEN_END,
    MP_VERILOG_TOKEN_NAME,
    MP_VERILOG_TOKEN_NUMBER,
    MP_VERILOG_TOKEN_STRING,
    MP_VERILOG_TOKEN_PUNCT
};
struct mp_verilog_token {
    enum mp_verilog_token_kind kind;
    const char *text; /* into the source: names without the escape, strings without quotes */
    size_t length;
    bool escaped; /* an escaped name is never a keyword */
    int line;
};

struct mp_verilog_lexer {
    const char *at, *end;
    const char *file;
    int line;
};
/* The next token; comments, (* attributes *) and harmless directives (`timescale, ...) are passed
 * over. Directives that change the text (`define, `include, `ifdef) are MP_E_UNSUPPORTED. */
int mp_verilog_next(struct mp_verilog_lexer *x, struct mp_verilog_token *token,
                    struct mp_error *err);

enum mp_verilog_direction { MP_VERILOG_WIRE, MP_VERILOG_INPUT, MP_VERILOG_OUTPUT };
struct mp_verilog_wire {
    const char *name;
    enum mp_verilog_direction direction;
    bool in_header;   /* named in the module's port list */
    bool is_declared; /* has its range and its bits */
    bool is_vector;
    int32_t left, right; /* [left:right] */
    uint32_t width, first_bit;
    int line;
};
struct mp_verilog_connection {
    const char *pin; /* NULL: by order */
    uint32_t first, count;
    bool is_open;    /* .Q() */
    bool is_unsized; /* a plain decimal: takes the width it meets */
    int line;
};
struct mp_verilog_instance {
    const char *type, *name;
    uint32_t first_connection, connection_count;
    int line;
};
struct mp_verilog_assign {
    uint32_t left, right, count; /* pool offsets of both sides */
    int line;
};
struct mp_verilog_module {
    const char *name;
    int line;
    struct mp_verilog_wire *wires;
    size_t wire_count, wire_capacity;
    uint32_t *ports; /* wire ids in header order */
    size_t port_count, port_capacity;
    struct mp_verilog_instance *instances;
    size_t instance_count, instance_capacity;
    struct mp_verilog_connection *connections;
    size_t connection_count, connection_capacity;
    struct mp_verilog_assign *assigns;
    size_t assign_count, assign_capacity;
    uint32_t bit_count;    /* local bits, constants included */
    struct mp_map by_name; /* wire name -> id */
    bool is_instantiated;
};
struct mp_verilog {
    struct mp_verilog_module *modules;
    size_t module_count, module_capacity;
    struct mp_map by_name;
    uint32_t *pool;
    size_t pool_count, pool_capacity;
    const char *file;
    struct mp_arena arena; /* names */
};

/* Parse a whole file. On failure *v may be half full; release it in any case. */
int mp_verilog_parse(struct mp_verilog *v, const char *text, size_t size, const char *file,
                     struct mp_error *err);
void mp_verilog_release(struct mp_verilog *v);

struct mp_netlist;
struct mp_library;
/* Flatten module `top` (NULL: the only one that none instantiates) into n, whose arena takes
 * everything that stays. */
int mp_verilog_flatten(struct mp_netlist *n, const struct mp_library *library,
                       const struct mp_verilog *v, const char *top, struct mp_error *err);

#endif
