/*
 * The power meter of the search: transitions against products computed by hand, incremental
 * measurements against a fresh meter, whatever was edited and taken back between.
 */
#include "estimator/techmap/import.h"
#include "estimator/techmap/power_parts.h"
#include "estimator/techmap/techmap.h"
#include "estimator/util/random.h"
#include "tests/fake_tools/fixture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/util/cmocka_all.h"

enum { STEPS = 8, WORDS = 3, BITS = 3 };

struct bench {
    struct fixture f;
    struct mp_nldm nldm;
    struct mp_graph graph;
    struct mp_netlist netlist;
    struct mp_mapped m;
    struct mp_techmap_names names;
    struct mp_techmap_energies energies;
    struct mp_techmap_operands operands;
    struct mp_techmap_power power;
    struct mp_power_source source;
    struct mp_error err;
};

static void check(int rc, const struct mp_error *err)
{
    if (rc < 0)
        fail_msg("%s", err->message);
}

/* uint3 x uint3 mapped by a very short search, under random operands. */
static void open_bench(struct bench *b, enum mp_registers registers)
{
    struct mp_design d = {.unit = MP_UNIT_MULTIPLIER, .registers = registers};
    struct mp_techmap_variant variant = {"dadda", &b->graph};
    struct mp_techmap_job job = {.variants = &variant,
                                 .variant_count = 1,
                                 .nldm = &b->nldm,
                                 .environment = {.driving_cell = MP_NONE},
                                 .seed = 1,
                                 .evaluations = 200};
    struct mp_techmap_result r;
    struct mp_random random;

    memset(b, 0, sizeof *b);
    fixture_open(&b->f, 0);
    check(mp_nldm_compile(&b->nldm, &b->f.library, &b->err), &b->err);
    check(mp_format_parse(&d.weight, "uint3", &b->err), &b->err);
    check(mp_format_parse(&d.activation, "uint3", &b->err), &b->err);
    check(mp_design_resolve(&d, &b->err), &b->err);
    check(mp_design_graph(&d, &b->graph, &b->err), &b->err);
    check(mp_objective_parse(&job.objective, "area", &b->err), &b->err);
    check(mp_techmap_search(&r, &job, &b->err), &b->err);
    check(mp_netlist_read_text(&b->netlist, &b->f.library, r.best.verilog, strlen(r.best.verilog),
                               "found.v", NULL, &b->err),
          &b->err);
    check(mp_netlist_levelise(&b->netlist, &b->err), &b->err);
    mp_techmap_result_release(&r);
    check(mp_techmap_import(&b->m, &b->names, &b->netlist, &b->nldm, &job.environment, &b->err),
          &b->err);
    check(mp_techmap_energies_make(&b->energies, &b->nldm, &b->err), &b->err);
    /* As the netlist's ports stand: a clock first would be an input that no operand drives. */
    b->operands = (struct mp_techmap_operands){
        .steps = STEPS, .input_count = b->m.input_count, .words = WORDS, .period_s = 2e-9};
    b->operands.bits = mp_alloc((size_t)STEPS * b->m.input_count * WORDS, sizeof(uint64_t));
    mp_random_seed(&random, 5);
    for (size_t i = 0; i < (size_t)STEPS * b->m.input_count * WORDS; i++)
        b->operands.bits[i] = mp_random_u64(&random);
    mp_techmap_power_source(&b->source, &b->power, &b->energies, &b->operands);
}

static void close_bench(struct bench *b)
{
    free(b->operands.bits);
    mp_techmap_energies_release(&b->energies);
    mp_techmap_names_release(&b->names);
    mp_mapped_release(&b->m);
    mp_netlist_release(&b->netlist);
    mp_graph_release(&b->graph);
    mp_nldm_release(&b->nldm);
    fixture_close(&b->f);
}

/* First input of a port among the mapped netlist's inputs. */
static uint32_t first_input(const struct bench *b, const char *name)
{
    uint32_t at = 0;

    for (uint32_t i = 0; i < b->netlist.port_count; i++) {
        if (strcmp(b->netlist.ports[i].name, name) == 0)
            return at;
        if (b->netlist.ports[i].direction == MP_DIR_INPUT)
            at += b->netlist.ports[i].width;
    }
    fail_msg("no port %s", name);
    return 0;
}

static unsigned operand(const struct bench *b, uint32_t first, uint32_t step, unsigned lane)
{
    unsigned v = 0;

    for (uint32_t k = 0; k < BITS; k++)
        v |= (unsigned)(b->operands
                                .bits[((size_t)step * b->operands.input_count + first + k) * WORDS +
                                      lane / 64] >>
                            (lane % 64) &
                        1)
             << k;
    return v;
}

/* Transitions of the product's bits, `latency` steps after their operands. */
static void products_toggle(enum mp_registers registers, uint32_t latency)
{
    struct bench b;
    open_bench(&b, registers);
    void *meter = b.source.create(b.source.context, &b.m, NULL);
    uint32_t w = first_input(&b, "weight"), a = first_input(&b, "activation");
    uint32_t port = mp_netlist_port(&b.netlist, "product");

    assert_true(b.source.measure(meter, &b.m, NULL) > 0);
    for (uint32_t bit = 0; bit < b.netlist.ports[port].width; bit++) {
        double functional, timed, expected = 0;
        for (unsigned lane = 0; lane < 64 * WORDS; lane++) {
            uint32_t now = STEPS - 1 - latency;
            unsigned old = operand(&b, w, now - 1, lane) * operand(&b, a, now - 1, lane);
            unsigned fresh = operand(&b, w, now, lane) * operand(&b, a, now, lane);
            expected += (old ^ fresh) >> bit & 1;
        }
        mp_techmap_power_net(meter, b.names.net_of[b.netlist.ports[port].nets[bit]], &functional,
                             &timed);
        assert_true(fabs(functional - expected / (64 * WORDS)) < 1e-12);
        assert_true(timed >= functional);
        /* A register changes once. */
        assert_true(registers == MP_REGISTERS_NONE || timed == functional);
    }
    b.source.release(meter);
    close_bench(&b);
}

static void combinational(void **state)
{
    (void)state;
    products_toggle(MP_REGISTERS_NONE, 0);
}

static void registered(void **state)
{
    (void)state;
    products_toggle(MP_REGISTERS_BOTH, 2);
}

/* A random edit that keeps every function. */
static void edit(struct bench *b, struct mp_random *random)
{
    uint32_t g;
    do
        g = (uint32_t)(mp_random_u64(random) % b->m.gate_limit);
    while (b->m.gates[g].type == MP_NONE);
    const struct mp_nldm_cell *cell = &b->nldm.cells[b->m.gates[g].type];
    uint32_t first = b->nldm.family_first[cell->family];
    uint32_t count = b->nldm.family_first[cell->family + 1] - first;

    if (mp_random_u64(random) % 2 == 0)
        mp_mapped_set_type(&b->m, g, b->nldm.family_cells[first + mp_random_u64(random) % count]);
    else if (cell->input_count >= 2 && (cell->symmetric[0] >> 1 & 1) != 0)
        mp_mapped_swap_inputs(&b->m, g, 0, 1);
    if (mp_random_u64(random) % 4 == 0 && cell->kind == MP_NLDM_GATE) {
        /* Two buffers or inverters in a row, if the library has them. */
        uint32_t from = b->m.gates[g].outputs[0], to, buffer = MP_NONE;
        for (uint32_t c = 0; c < b->nldm.cell_count && buffer == MP_NONE; c++)
            if (b->nldm.cells[c].kind == MP_NLDM_GATE && b->nldm.cells[c].input_count == 1 &&
                b->nldm.cells[c].output_count == 1 && b->nldm.cells[c].outputs[0].truth == 2)
                buffer = c;
        if (buffer == MP_NONE || from == MP_NONE)
            return;
        to = mp_mapped_add_net(&b->m);
        mp_mapped_move_sinks(&b->m, from, to);
        mp_mapped_add_gate(&b->m, buffer, (uint32_t[]){from}, (uint32_t[]){to});
    }
}

static void incremental_is_fresh(void **state)
{
    (void)state;
    for (int registers = 0; registers < 2; registers++) {
        struct bench b;
        struct mp_random random;
        open_bench(&b, registers ? MP_REGISTERS_BOTH : MP_REGISTERS_NONE);
        struct mp_power_meter *meter = b.source.create(b.source.context, &b.m, NULL);
        mp_random_seed(&random, 7);
        for (unsigned round = 0; round < 400; round++) {
            uint32_t mark = mp_mapped_checkpoint(&b.m);
            for (unsigned k = 0; k <= round % 3; k++)
                edit(&b, &random);
            assert_int_equal(mp_mapped_update(&b.m), MP_MAPPED_OK);
            double power = b.source.measure(meter, &b.m, NULL);
            struct mp_power_meter *fresh = b.source.create(b.source.context, &b.m, NULL);
            fresh->slot_s = meter->slot_s;
            double expected = b.source.measure(fresh, &b.m, NULL);
            /* Slots beyond the last arrival change nothing. */
            if (!(fabs(power - expected) <= 1e-12 * expected))
                fail_msg("round %u: %.17g, fresh %.17g", round, power, expected);
            b.source.release(fresh);
            if (mp_random_u64(&random) % 3 != 0) {
                mp_mapped_rollback(&b.m, mark);
                b.source.undo(meter);
            } else {
                mp_mapped_commit(&b.m, mark);
                b.source.keep(meter);
            }
        }
        b.source.release(meter);
        close_bench(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(combinational),
                                       cmocka_unit_test(registered),
                                       cmocka_unit_test(incremental_is_fresh)};
    return cmocka_run_group_tests_name("power", tests, NULL, NULL);
}
