/*
 * A netlist compiled to a flat program for the kernels: logic operations of one to three inputs
 * over rows, a row being one value's lanes. Inside of the activity module.
 *
 * Three sections make a cycle:
 *   NEXT    next_state of every register from the settled nets, into its state row
 *   COMMIT  input rows and state rows to the nets they drive
 *   SETTLE  everything combinational, asynchronous clear and preset included
 * In a section, operations are ordered so that each follows what it reads and that as many
 * neighbours as possible have the same opcode: a run of them is one pass of a kernel's inner loop.
 *
 * Rows 0 and 1 are the constants. Rows below counted_rows belong to nets, numbered in the order in
 * which they are written, so that a pass walks memory forwards.
 */
#ifndef MP_ACTIVITY_PROGRAM_H
#define MP_ACTIVITY_PROGRAM_H

#include "estimator/netlist/netlist.h"

/* X(name, number of inputs, expression in a, b, c). For every function its complement is here too,
 * so that an inverted output costs nothing. */
#define MP_OPCODES(X)                                                                              \
    X(BUF, 1, a)                                                                                   \
    X(NOT, 1, ~a)                                                                                  \
    X(AND2, 2, a &b)                                                                               \
    X(NAND2, 2, ~(a & b))                                                                          \
    X(OR2, 2, a | b)                                                                               \
    X(NOR2, 2, ~(a | b))                                                                           \
    X(XOR2, 2, a ^ b)                                                                              \
    X(XNOR2, 2, ~(a ^ b))                                                                          \
    X(ANDN2, 2, a & ~b)                                                                            \
    X(ORN2, 2, a | ~b)                                                                             \
    X(AND3, 3, a &b &c)                                                                            \
    X(NAND3, 3, ~(a & b & c))                                                                      \
    X(OR3, 3, a | b | c)                                                                           \
    X(NOR3, 3, ~(a | b | c))                                                                       \
    X(XOR3, 3, a ^ b ^ c)                                                                          \
    X(XNOR3, 3, ~(a ^ b ^ c))                                                                      \
    X(AO21, 3, (a & b) | c)                                                                        \
    X(AOI21, 3, ~((a & b) | c))                                                                    \
    X(OA21, 3, (a | b) & c)                                                                        \
    X(OAI21, 3, ~((a | b) & c))                                                                    \
    X(MUX, 3, (c & b) | (~c & a))                                                                  \
    X(NMUX, 3, ~((c & b) | (~c & a)))                                                              \
    X(MAJ, 3, (a & b) | (c & (a | b)))                                                             \
    X(NMAJ, 3, ~((a & b) | (c & (a | b))))                                                         \
    X(ANDN3, 3, a &b & ~c)                                                                         \
    X(ORN3, 3, a | b | ~c)                                                                         \
    X(ANDNN3, 3, a & ~(b | c))                                                                     \
    X(ORNN3, 3, a | ~(b & c))                                                                      \
    X(AON21, 3, (a & b) | ~c)                                                                      \
    X(OAN21, 3, (a | b) & ~c)                                                                      \
    X(ANO21, 3, (a & ~b) | c)                                                                      \
    X(ONA21, 3, (a | ~b) & c)                                                                      \
    X(NAA21, 3, ~(a & b) & c)                                                                      \
    X(NOO21, 3, ~(a | b) | c)                                                                      \
    X(ONAN21, 3, (a | ~b) & ~c)                                                                    \
    X(ANON21, 3, (a & ~b) | ~c)

enum mp_opcode {
#define X(name, arity, expression) MP_OP_##name,
    MP_OPCODES(X)
#undef X
        MP_OP_COUNT
};

struct mp_operation {
    uint32_t out, a, b, c; /* rows; inputs beyond the arity are row 0 */
};
struct mp_run {
    uint16_t opcode;
    bool is_counted; /* the outputs are nets */
    uint32_t count;
};
struct mp_section {
    struct mp_operation *operations;
    struct mp_run *runs;
    uint32_t operation_count, run_count;
};
enum { MP_SECTION_NEXT, MP_SECTION_COMMIT, MP_SECTION_SETTLE, MP_SECTION_COUNT };

struct mp_program {
    struct mp_section sections[MP_SECTION_COUNT];
    uint32_t row_count, counted_rows;
    uint32_t first_state_row; /* register i of the netlist is row first_state_row + i */
    uint32_t first_input_row; /* input k of the simulator is row first_input_row + k */
    uint32_t input_count;
    uint32_t *net_row;   /* [net] */
    uint32_t *input_net; /* [input] */
};

/* Compile a levelised netlist. MP_E_UNSUPPORTED: an output function that reads another output, or
 * a register output that depends on more than its state. */
int mp_program_compile(struct mp_program *p, const struct mp_netlist *n, struct mp_error *err);
void mp_program_release(struct mp_program *p);

/* Truth table of an opcode: bit i is its value for a = i & 1, b = i >> 1 & 1, c = i >> 2. */
uint8_t mp_opcode_table(enum mp_opcode opcode);
unsigned mp_opcode_arity(enum mp_opcode opcode);

/* --- between build.c and schedule.c --- */

/* An operation before it has its place; rows are still virtual: nets first, then states, inputs,
 * and temporaries, each written once. */
struct mp_draft {
    uint16_t opcode;
    bool is_counted;
    uint32_t out, in[3];
};
struct mp_drafts {
    struct mp_draft *items;
    size_t count, capacity;
};
struct mp_draft_rows {
    uint32_t net_count, state_count, input_count, temporary_count;
};
/* Order the drafts of all sections and give rows their final numbers. */
int mp_program_schedule(struct mp_program *p, struct mp_drafts drafts[MP_SECTION_COUNT],
                        const struct mp_draft_rows *rows, struct mp_error *err);

#endif
