/*
 * Inside of the parser: what parser.c (modules and their items) and expression.c (what a
 * connection may hold) share.
 */
#ifndef MP_NETLIST_PARSER_H
#define MP_NETLIST_PARSER_H

#include "estimator/netlist/verilog.h"

struct mp_verilog_parser {
    struct mp_verilog_lexer lexer;
    struct mp_verilog_token token; /* the one looked at */
    struct mp_verilog *v;
    struct mp_verilog_module *module;
    struct mp_text scratch; /* the last name, NUL-terminated */
    struct mp_error *err;
};

int mp_verilog_advance(struct mp_verilog_parser *p);
bool mp_verilog_at(const struct mp_verilog_parser *p, char punct);
/* Pass over punct, or say what was expected and what stands there. */
int mp_verilog_expect(struct mp_verilog_parser *p, char punct);
/* A located MP_E_INPUT: "expected <what>, found '<token>'". */
int mp_verilog_unexpected(struct mp_verilog_parser *p, const char *what);
/* Text of a name token, valid until the next call. */
const char *mp_verilog_name(struct mp_verilog_parser *p);

/* [left:right] with plain numbers, also below 0 as in fixed-point designs. */
int mp_verilog_parse_range(struct mp_verilog_parser *p, int32_t *left, int32_t *right);

/* Give a wire its range and its local bits. */
int mp_verilog_declare_bits(struct mp_verilog_parser *p, struct mp_verilog_wire *w, bool is_vector,
                            int32_t left, int32_t right);
/* Wire of the module by name, made on the spot if need be; its id. */
uint32_t mp_verilog_wire(struct mp_verilog_parser *p, const char *name, int line);

struct mp_verilog_bits {
    uint32_t first, count; /* in the pool, least significant first */
    bool is_unsized;
};
/* Name, bit or part select, constant, concatenation or replication. */
int mp_verilog_expression(struct mp_verilog_parser *p, struct mp_verilog_bits *out);

#endif
