#include "tests/techmap/toy.h"

#include "estimator/util/random.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/util/cmocka_all.h"

struct kind {
    const char *name, *inputs; /* one letter each */
    const char *functions[2], *outputs[2];
    double area;
};

static const struct kind kinds[] = {
    {"INV", "A", {"!A", NULL}, {"Y", NULL}, 2},
    {"BUF", "A", {"A", NULL}, {"Y", NULL}, 3},
    {"NAND2", "AB", {"!(A&B)", NULL}, {"Y", NULL}, 3},
    {"AND2", "AB", {"A&B", NULL}, {"Y", NULL}, 4},
    {"NOR2", "AB", {"!(A|B)", NULL}, {"Y", NULL}, 3},
    {"OR2", "AB", {"A|B", NULL}, {"Y", NULL}, 4},
    {"XOR2", "AB", {"A^B", NULL}, {"Y", NULL}, 6},
    {"XNOR2", "AB", {"!(A^B)", NULL}, {"Y", NULL}, 6},
    {"AOI21", "ABC", {"!((A&B)|C)", NULL}, {"Y", NULL}, 4},
    {"NAND2B", "AB", {"!((!A)&B)", NULL}, {"Y", NULL}, 4},
    {"AND4", "ABCD", {"A&B&C&D", NULL}, {"Y", NULL}, 6},
    {"FA", "ABC", {"A^B^C", "(A&B)|(A&C)|(B&C)"}, {"S", "CO"}, 12},
};
#define KINDS (sizeof kinds / sizeof *kinds)

/* In one drive alone, and not in random netlists: nothing may take its place; too many inputs. */
static const struct kind single_kinds[] = {
    {"ONLY", "ABC", {"(A&B&!C)|(!A&C)", NULL}, {"Y", NULL}, 5},
    {"SEVEN", "ABCDEFG", {"A&B&C&D&E&F&G", NULL}, {"Y", NULL}, 9},
};

static void add_table(struct mp_text *t, const char *name, double base, double slope, double drive)
{
    static const double slews[] = {0, 100}, loads[] = {0, 10};

    mp_text_printf(t, "%s (t) { index_1 (\"0, 100\"); index_2 (\"0, 10\"); values (", name);
    for (unsigned s = 0; s < 2; s++) {
        mp_text_add(t, s > 0 ? ", \"" : "\"");
        for (unsigned l = 0; l < 2; l++)
            mp_text_printf(t, "%s%.6f", l > 0 ? ", " : "",
                           base * (10 + loads[l] * 4 / drive) + slope * slews[s]);
        mp_text_add(t, "\"");
    }
    mp_text_add(t, "); }\n");
}

static void add_timing(struct mp_text *t, char input, double drive)
{
    mp_text_printf(t, "timing () { related_pin : \"%c\";\n", input);
    add_table(t, "cell_rise", 1, 0.1, drive);
    add_table(t, "cell_fall", 1, 0.1, drive);
    add_table(t, "rise_transition", 0.5, 0, drive);
    add_table(t, "fall_transition", 0.5, 0, drive);
    mp_text_add(t, "}\n");
}

static void add_cell(struct mp_text *t, const struct kind *k, unsigned drive, bool dont_use)
{
    mp_text_printf(t, "cell (%s_X%u) { area : %.3f; %s\n", k->name, drive,
                   k->area * (1 + drive) / 2, dont_use ? "dont_use : true;" : "");
    for (const char *in = k->inputs; *in != '\0'; in++)
        mp_text_printf(t, "pin (%c) { direction : input; capacitance : %u; }\n", *in, drive);
    for (unsigned o = 0; o < 2 && k->functions[o] != NULL; o++) {
        mp_text_printf(t,
                       "pin (%s) { direction : output; max_capacitance : %u; function : \"%s\";\n",
                       k->outputs[o], 60 * drive, k->functions[o]);
        for (const char *in = k->inputs; *in != '\0'; in++)
            add_timing(t, *in, drive);
        mp_text_add(t, "}\n");
    }
    mp_text_add(t, "}\n");
}

static void add_flop(struct mp_text *t, unsigned drive)
{
    mp_text_printf(t,
                   "cell (DFF_X%u) { area : %u; ff (IQ, IQN) { next_state : \"D\"; "
                   "clocked_on : \"CK\"; }\n"
                   "pin (CK) { direction : input; clock : true; capacitance : 1; }\n"
                   "pin (D) { direction : input; capacitance : 1; }\n"
                   "pin (Q) { direction : output; function : \"IQ\";\n"
                   "timing () { related_pin : \"CK\"; timing_type : rising_edge;\n",
                   drive, 10 + drive);
    add_table(t, "cell_rise", 1, 0, drive);
    add_table(t, "cell_fall", 1, 0, drive);
    add_table(t, "rise_transition", 0.5, 0, drive);
    add_table(t, "fall_transition", 0.5, 0, drive);
    mp_text_add(t, "} } }\n");
}

void toy_open(struct toy *t)
{
    struct mp_error err = MP_ERROR_INIT;
    struct mp_text text = {0};

    *t = (struct toy){0};
    mp_text_add(&text,
                "library (toy) { time_unit : \"1ps\"; capacitive_load_unit (1, ff);\n"
                "voltage_unit : \"1V\"; current_unit : \"1mA\"; leakage_power_unit : \"1nW\";\n"
                "nom_voltage : 1; nom_temperature : 25; nom_process : 1;\n"
                "lu_table_template (t) { variable_1 : input_net_transition; variable_2 : "
                "total_output_net_capacitance; index_1 (\"0, 100\"); index_2 (\"0, 10\"); }\n");
    for (size_t k = 0; k < KINDS; k++)
        for (unsigned drive = 1; drive <= (k == 0 ? 8u : 4u); drive *= 2)
            add_cell(&text, &kinds[k], drive, drive == 8);
    for (size_t k = 0; k < sizeof single_kinds / sizeof *single_kinds; k++)
        add_cell(&text, &single_kinds[k], 1, false);
    add_flop(&text, 1);
    add_flop(&text, 2);
    mp_text_add(&text, "}\n");
    if (mp_library_read_text(&t->library, text.data, text.size, "toy.lib", &err) < 0 ||
        mp_nldm_compile(&t->nldm, &t->library, &err) < 0)
        fail_msg("%s:%d: %s", err.file, err.line, err.message);
    mp_families_init(&t->families, &t->nldm);
    mp_text_release(&text);
}

void toy_close(struct toy *t)
{
    mp_families_release(&t->families);
    mp_nldm_release(&t->nldm);
    mp_library_release(&t->library);
}

uint32_t toy_cell(const struct toy *t, const char *name)
{
    uint32_t cell = mp_library_cell(&t->library, name);

    assert_int_not_equal(cell, MP_NONE);
    assert_int_not_equal(t->nldm.of_library_cell[cell], MP_NONE);
    return t->nldm.of_library_cell[cell];
}

void toy_random(struct mp_mapped *m, const struct toy *t, uint64_t seed, uint32_t inputs,
                uint32_t gates, uint32_t flops)
{
    const struct mp_mapped_environment environment = {
        .wire = NULL, .driving_cell = MP_NONE, .output_load_f = 2e-15};
    uint32_t *nets = mp_alloc(inputs + 2 * gates, sizeof *nets), count = 0, clock = 0;
    struct mp_random r;

    mp_random_seed(&r, seed);
    mp_mapped_init(m, &t->nldm, &environment);
    if (flops > 0)
        clock = mp_mapped_add_input(m);
    for (uint32_t k = 0; k < inputs; k++)
        nets[count++] = mp_mapped_add_input(m);
    for (uint32_t g = 0; g < gates; g++) {
        char name[32];
        const struct kind *k = &kinds[mp_random_below(&r, KINDS)];
        uint32_t in[4], out[2];
        bool is_flop = g % 7 == 3 && flops > 0;

        snprintf(name, sizeof name, "%s_X%u", is_flop ? "DFF" : k->name,
                 is_flop ? 1u : 1u << mp_random_below(&r, 3));
        for (uint32_t i = 0; i < 4; i++)
            in[i] = nets[mp_random_below(&r, count)];
        out[0] = mp_mapped_add_net(m);
        if (is_flop) {
            flops--;
            mp_mapped_add_gate(m, toy_cell(t, name), (uint32_t[]){clock, in[0]}, out);
        } else {
            out[1] = k->functions[1] != NULL ? mp_mapped_add_net(m) : MP_NONE;
            mp_mapped_add_gate(m, toy_cell(t, name), in, out);
            if (out[1] != MP_NONE)
                nets[count++] = out[1];
        }
        nets[count++] = out[0];
    }
    for (uint32_t k = 0; k < count; k++)
        if (m->nets[nets[k]].sink_count == 0)
            mp_mapped_add_output(m, nets[k]);
    assert_int_equal(mp_mapped_update(m), MP_MAPPED_OK);
    free(nets);
}

void toy_assert_same(const struct mp_mapped *a, const struct mp_mapped *b)
{
    assert_int_equal(a->gate_count, b->gate_count);
    assert_int_equal(a->net_count, b->net_count);
    assert_int_equal(a->output_count, b->output_count);
    assert_memory_equal(a->outputs, b->outputs, a->output_count * sizeof *a->outputs);
    assert_memory_equal(&a->area_um2, &b->area_um2, sizeof a->area_um2);
    assert_memory_equal(&a->delay_s, &b->delay_s, sizeof a->delay_s);
    for (uint32_t g = 0; g < a->gate_limit; g++) {
        const struct mp_nldm_cell *cell;

        assert_true(g < b->gate_limit);
        assert_int_equal(a->gates[g].type, b->gates[g].type);
        if (a->gates[g].type == MP_NONE)
            continue;
        cell = &a->nldm->cells[a->gates[g].type];
        assert_memory_equal(a->gates[g].inputs, b->gates[g].inputs,
                            cell->input_count * sizeof(uint32_t));
        assert_memory_equal(a->gates[g].outputs, b->gates[g].outputs,
                            cell->output_count * sizeof(uint32_t));
    }
    for (uint32_t n = 0; n < a->net_limit; n++) {
        assert_int_equal(a->nets[n].is_used, b->nets[n].is_used);
        if (!a->nets[n].is_used)
            continue;
        assert_int_equal(a->nets[n].driver, b->nets[n].driver);
        assert_int_equal(a->nets[n].sink_count, b->nets[n].sink_count);
        assert_memory_equal(a->nets[n].pin_cap, b->nets[n].pin_cap, sizeof a->nets[n].pin_cap);
        assert_memory_equal(&a->timing[n], &b->timing[n], sizeof a->timing[n]);
    }
}
