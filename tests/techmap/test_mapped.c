/* Netlists under edit: random edits against the plain reference, undo to the bit, cycles. */
#include "estimator/techmap/mapped_parts.h"

#include "estimator/util/random.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fake_tools/fixture.h"
#include "tests/util/cmocka_all.h"

struct bench {
    struct fixture f;
    struct mp_nldm nldm;
    struct mp_mapped m;
    struct mp_random random;
    struct mp_wire_model wire;
};

static uint32_t below(struct bench *b, uint32_t n)
{
    return (uint32_t)mp_random_below(&b->random, n);
}

static uint32_t random_type(struct bench *b, enum mp_nldm_kind kind)
{
    for (;;) {
        uint32_t type = below(b, b->nldm.cell_count);
        if (b->nldm.cells[type].kind == kind)
            return type;
    }
}

static uint32_t random_net(struct bench *b)
{
    for (;;) {
        uint32_t net = below(b, b->m.net_limit);
        if (b->m.nets[net].is_used)
            return net;
    }
}

static uint32_t random_gate(struct bench *b)
{
    for (;;) {
        uint32_t gate = below(b, b->m.gate_limit);
        if (b->m.gates[gate].type != MP_NONE)
            return gate;
    }
}

static uint32_t add_gate(struct bench *b, enum mp_nldm_kind kind, uint32_t net_limit)
{
    uint32_t inputs[MP_NLDM_INPUTS], outputs[MP_NLDM_OUTPUTS], type = random_type(b, kind);
    for (uint32_t k = 0; k < MP_NLDM_INPUTS; k++)
        inputs[k] = below(b, net_limit);
    for (uint32_t k = 0; k < MP_NLDM_OUTPUTS; k++)
        outputs[k] = below(b, 8) || k == 0 ? mp_mapped_add_net(&b->m) : MP_NONE;
    return mp_mapped_add_gate(&b->m, type, inputs, outputs);
}

static void open_bench(struct bench *b, size_t library, const char *wire, uint32_t gates)
{
    struct mp_error err = MP_ERROR_INIT;
    struct mp_wire_option option;
    fixture_open(&b->f, library);
    assert_int_equal(mp_nldm_compile(&b->nldm, &b->f.library, &err), MP_OK);
    assert_int_equal(mp_wire_option_parse(&option, wire, &err), MP_OK);
    assert_int_equal(mp_wire_model_choose(&b->wire, &option, &b->f.library, 1000, &err), MP_OK);
    struct mp_mapped_environment env = {.wire = &b->wire,
                                        .driving_cell = b->nldm.of_library_cell[b->f.roles.buffer],
                                        .output_load_f = 4e-15};
    mp_random_seed(&b->random, 7);
    mp_mapped_init(&b->m, &b->nldm, &env);
    for (uint32_t k = 0; k < 16; k++)
        mp_mapped_add_input(&b->m);
    for (uint32_t k = 0; k < gates; k++)
        add_gate(b, below(b, 12) ? MP_NLDM_GATE : MP_NLDM_FLIP_FLOP, b->m.net_limit);
    for (uint32_t k = 0; k < 12; k++)
        mp_mapped_add_output(&b->m, random_net(b));
    assert_int_equal(mp_mapped_update(&b->m), MP_MAPPED_OK);
}

static void close_bench(struct bench *b)
{
    mp_mapped_release(&b->m);
    mp_nldm_release(&b->nldm);
    fixture_close(&b->f);
}

/* Bits: what the plain reference makes of the same netlist. */
static void check_timing(const struct mp_mapped *m)
{
    struct mp_mapped full;
    struct mp_error err = MP_ERROR_INIT;
    if (mp_mapped_check(m, &err) < 0)
        fail_msg("%s", err.message);
    mp_mapped_copy(&full, m);
    assert_int_equal(mp_mapped_time_full(&full), MP_MAPPED_OK);
    for (uint32_t n = 0; n < m->net_limit; n++) {
        const struct mp_mapped_timing *a = &m->timing[n], *b = &full.timing[n];
        if (m->nets[n].is_used && (memcmp(a->edge, b->edge, sizeof a->edge) != 0 ||
                                   memcmp(a->slew_s, b->slew_s, sizeof a->slew_s) != 0))
            fail_msg("net %u: %.9g %.9g instead of %.9g %.9g", n, (double)a->edge[0].arrival_s,
                     (double)a->slew_s[0], (double)b->edge[0].arrival_s, (double)b->slew_s[0]);
    }
    assert_memory_equal(&m->delay_s, &full.delay_s, sizeof m->delay_s);
    mp_mapped_release(&full);
}

static void assert_same(const struct mp_mapped *a, const struct mp_mapped *b)
{
    assert_int_equal(a->gate_limit, b->gate_limit);
    assert_int_equal(a->net_limit, b->net_limit);
    assert_int_equal(a->gate_count, b->gate_count);
    assert_int_equal(a->net_count, b->net_count);
    assert_int_equal(a->inner->free_gate, b->inner->free_gate);
    assert_int_equal(a->inner->free_net, b->inner->free_net);
    assert_int_equal(a->inner->position_limit, b->inner->position_limit);
    assert_int_equal(a->inner->flop_count, b->inner->flop_count);
    assert_int_equal(a->inner->area, b->inner->area);
    assert_memory_equal(a->gates, b->gates, a->gate_limit * sizeof *a->gates);
    assert_memory_equal(a->sinks, b->sinks, a->gate_limit * MP_MAPPED_PINS * sizeof *a->sinks);
    assert_memory_equal(a->nets, b->nets, a->net_limit * sizeof *a->nets);
    assert_memory_equal(a->timing, b->timing, a->net_limit * sizeof *a->timing);
    assert_memory_equal(a->outputs, b->outputs, a->output_count * sizeof *a->outputs);
    assert_memory_equal(a->inner->order, b->inner->order,
                        a->inner->position_limit * sizeof *a->inner->order);
    assert_memory_equal(&a->delay_s, &b->delay_s, sizeof a->delay_s);
    assert_true(!(a->area_um2 < b->area_um2) && !(a->area_um2 > b->area_um2));
}

static void resize(struct bench *b)
{
    uint32_t gate = random_gate(b), type = b->m.gates[gate].type;
    uint32_t family = b->nldm.cells[type].family, first = b->nldm.family_first[family];
    uint32_t count = b->nldm.family_first[family + 1] - first;
    mp_mapped_set_type(&b->m, gate, b->nldm.family_cells[first + below(b, count)]);
}

static void reconnect(struct bench *b)
{
    uint32_t gate = random_gate(b), inputs = mp_mapped_cell(&b->m, gate)->input_count;
    uint32_t net = random_net(b), out = b->m.gates[gate].outputs[0];
    uint32_t sink = out == MP_NONE ? MP_NONE : b->m.nets[out].first_sink;
    if (sink != MP_NONE && below(b, 4) == 0) /* often a loop */
        net = b->m.gates[mp_mapped_pin_gate(sink)].outputs[0];
    if (inputs > 0 && net != MP_NONE)
        mp_mapped_connect(&b->m, gate, below(b, inputs), net);
}

static void swap(struct bench *b)
{
    uint32_t gate = random_gate(b), inputs = mp_mapped_cell(&b->m, gate)->input_count;
    if (inputs > 1)
        mp_mapped_swap_inputs(&b->m, gate, below(b, inputs), below(b, inputs));
}

/* A buffer behind a net takes its sinks. */
static void insert_buffer(struct bench *b)
{
    uint32_t net = random_net(b), new = mp_mapped_add_net(&b->m);
    mp_mapped_move_sinks(&b->m, net, new);
    mp_mapped_add_gate(&b->m, b->nldm.of_library_cell[b->f.roles.buffer], &net, &new);
}

static void remove_some_gate(struct bench *b)
{
    uint32_t gate = random_gate(b);
    struct mp_mapped_gate g = b->m.gates[gate];
    mp_mapped_remove_gate(&b->m, gate);
    for (uint32_t o = 0; o < MP_NLDM_OUTPUTS; o++) {
        if (g.outputs[o] == MP_NONE)
            continue;
        mp_mapped_move_sinks(&b->m, g.outputs[o], g.inputs[0] == MP_NONE ? 1 : g.inputs[0]);
        if (b->m.nets[g.outputs[o]].first_sink == MP_NONE &&
            b->m.nets[g.outputs[o]].output_count == 0)
            mp_mapped_remove_net(&b->m, g.outputs[o]);
    }
}

static void move_driver(struct bench *b)
{
    uint32_t gate = random_gate(b), old = b->m.gates[gate].outputs[0];
    if (old == MP_NONE)
        return;
    uint32_t new = mp_mapped_add_net(&b->m);
    mp_mapped_connect_output(&b->m, gate, 0, new);
    mp_mapped_move_sinks(&b->m, old, new);
}

static void edit(struct bench *b)
{
    switch (below(b, 10)) {
    case 0:
    case 1:
        resize(b);
        break;
    case 2:
    case 3:
        reconnect(b);
        break;
    case 4:
        swap(b);
        break;
    case 5:
        insert_buffer(b);
        break;
    case 6:
        remove_some_gate(b);
        break;
    case 7:
        move_driver(b);
        break;
    case 8:
        mp_mapped_move_output(&b->m, below(b, b->m.output_count), random_net(b));
        break;
    default:
        for (uint32_t k = below(b, 4); k < 4; k++)
            add_gate(b, below(b, 6) ? MP_NLDM_GATE : MP_NLDM_FLIP_FLOP, b->m.net_limit);
    }
}

static void random_edits(struct bench *b, uint32_t rounds)
{
    uint32_t cycles = 0, kept = 0, late = 0;
    for (uint32_t round = 0; round < rounds; round++) {
        struct mp_mapped before;
        mp_mapped_copy(&before, &b->m);
        uint32_t mark = mp_mapped_checkpoint(&b->m);
        for (uint32_t k = below(b, 5); k < 5; k++)
            edit(b);
        enum mp_mapped_status status = below(b, 3)
                                           ? mp_mapped_update(&b->m)
                                           : mp_mapped_update_limit(&b->m, before.delay_s * 0.9f);
        late += status == MP_MAPPED_OVER_LIMIT;
        if (status == MP_MAPPED_OVER_LIMIT && below(b, 2)) /* go on after all, edits between */
            resize(b);
        if (status == MP_MAPPED_OVER_LIMIT && below(b, 2))
            status = mp_mapped_update(&b->m);
        if (status == MP_MAPPED_OK)
            check_timing(&b->m);
        if (status == MP_MAPPED_CYCLE) {
            struct mp_mapped copy;
            mp_mapped_copy(&copy, &b->m);
            assert_int_equal(mp_mapped_time_full(&copy), MP_MAPPED_CYCLE);
            mp_mapped_release(&copy);
            cycles++;
        }
        if (status == MP_MAPPED_OK && below(b, 2)) {
            uint32_t inner = mp_mapped_checkpoint(&b->m);
            edit(b);
            if (mp_mapped_update(&b->m) == MP_MAPPED_OK && below(b, 2))
                mp_mapped_commit(&b->m, inner);
            else
                mp_mapped_rollback(&b->m, inner);
            check_timing(&b->m);
        }
        if (status == MP_MAPPED_OK && below(b, 3)) {
            kept++;
            mp_mapped_commit(&b->m, mark);
        } else {
            mp_mapped_rollback(&b->m, mark);
            assert_same(&b->m, &before);
        }
        mp_mapped_release(&before);
    }
    mp_mapped_touch_all(&b->m);
    assert_int_equal(mp_mapped_update(&b->m), MP_MAPPED_OK);
    check_timing(&b->m);
    print_message("%u rounds: %u kept, %u cycles, %u over the limit, %u gates at the end\n", rounds,
                  kept, cycles, late, b->m.gate_count);
    assert_true(cycles > 0 && kept > 0 && late > 0);
}

static void edits_osu018(void **state)
{
    (void)state;
    struct bench b = {0};
    open_bench(&b, 0, "constant:2fF", 60);
    random_edits(&b, 1500);
    close_bench(&b);
}

/* With wire resistance. */
static void edits_sky130hd(void **state)
{
    (void)state;
    struct bench b = {0};
    open_bench(&b, 2, "library", 60);
    random_edits(&b, 1000);
    close_bench(&b);
}

static void edits_nangate45(void **state)
{
    (void)state;
    struct bench b = {0};
    open_bench(&b, 1, "none", 300);
    random_edits(&b, 300);
    close_bench(&b);
}

/* The path's arrivals rise to the delay, and slack is 0 along it and nowhere less. */
static void paths(void **state)
{
    (void)state;
    struct bench b = {0};
    struct mp_mapped_step steps[400], last[2];
    open_bench(&b, 0, "constant:2fF", 200);
    struct mp_mapped *m = &b.m;
    float *slack_s = mp_alloc(m->net_limit, sizeof *slack_s);
    mp_mapped_slacks(m, m->delay_s, slack_s);
    uint32_t length = mp_mapped_critical_path(m, steps, 400), worst = 0;
    assert_true(length > 2 && length < 400);
    for (uint32_t k = 0; k < length; k++) {
        float arrival = m->timing[steps[k].net].edge[steps[k].edge].arrival_s;
        assert_true(steps[k].arrival_s >= arrival && steps[k].arrival_s <= arrival);
        assert_true(fabsf(slack_s[steps[k].net]) < 1e-14f);
        if (k == 0)
            continue;
        assert_true(steps[k].arrival_s > steps[k - 1].arrival_s);
        assert_int_equal(m->gates[steps[k].gate].inputs[steps[k].input], steps[k - 1].net);
        assert_int_equal(steps[k].from, steps[k - 1].edge);
    }
    for (uint32_t n = 0; n < m->net_limit; n++)
        worst = slack_s[n] < slack_s[worst] ? n : worst;
    assert_true(slack_s[worst] > -1e-14f);
    assert_int_equal(mp_mapped_critical_path(m, last, 2), length);
    assert_memory_equal(last, steps + length - 2, sizeof last);
    uint32_t *order = mp_alloc(m->gate_count, sizeof *order);
    mp_mapped_order(m, order);
    free(order);
    free(slack_s);
    close_bench(&b);
}

/* A loop is found wherever it is closed, and breaking it is enough to go on. */
static void cycles(void **state)
{
    (void)state;
    struct bench b = {0};
    open_bench(&b, 0, "none", 0);
    uint32_t inverter = b.nldm.of_library_cell[b.f.roles.inverter], gates[40];
    uint32_t net = mp_mapped_add_input(&b.m), first = net;
    for (uint32_t k = 0; k < 40; k++) {
        uint32_t next = mp_mapped_add_net(&b.m);
        gates[k] = mp_mapped_add_gate(&b.m, inverter, &net, &next);
        net = next;
    }
    mp_mapped_add_output(&b.m, net);
    assert_int_equal(mp_mapped_update(&b.m), MP_MAPPED_OK);
    uint32_t mark = mp_mapped_checkpoint(&b.m);
    mp_mapped_connect(&b.m, gates[10], 0, b.m.gates[gates[30]].outputs[0]);
    assert_int_equal(mp_mapped_update(&b.m), MP_MAPPED_CYCLE);
    mp_mapped_connect(&b.m, gates[20], 0, first);
    assert_int_equal(mp_mapped_update(&b.m), MP_MAPPED_OK);
    check_timing(&b.m);
    mp_mapped_rollback(&b.m, mark);
    mp_mapped_connect(&b.m, gates[5], 0, b.m.gates[gates[5]].outputs[0]);
    assert_int_equal(mp_mapped_update(&b.m), MP_MAPPED_CYCLE);
    mp_mapped_connect(&b.m, gates[5], 0, MP_MAPPED_ONE);
    assert_int_equal(mp_mapped_update(&b.m), MP_MAPPED_OK);
    check_timing(&b.m);
    close_bench(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(edits_osu018), cmocka_unit_test(edits_sky130hd),
        cmocka_unit_test(edits_nangate45), cmocka_unit_test(paths), cmocka_unit_test(cycles)};
    return cmocka_run_group_tests_name("mapped", tests, NULL, NULL);
}
