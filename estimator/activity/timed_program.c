#include "estimator/activity/lanes.h"
#include <stdlib.h>
#include <string.h>

unsigned mp_timed_kernels(struct mp_timed_kernel out[MP_TIMED_KERNEL_COUNT])
{
    unsigned count = 0;
    out[count++] = (struct mp_timed_kernel){"plain", mp_timed_run_plain, NULL};
    out[count++] = (struct mp_timed_kernel){"lanes-plain", mp_timed_run_plain, &mp_lanes_plain};
#ifdef MP_SIMD
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt")) {
        out[count++] = (struct mp_timed_kernel){"avx2", mp_timed_run_avx2, NULL};
        out[count++] = (struct mp_timed_kernel){"lanes-avx2", mp_timed_run_avx2, &mp_lanes_avx2};
    }
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vpopcntdq")) {
        out[count++] = (struct mp_timed_kernel){"avx512", mp_timed_run_avx512, NULL};
        out[count++] =
            (struct mp_timed_kernel){"lanes-avx512", mp_timed_run_avx512, &mp_lanes_avx512};
    }
#endif
    return count;
}

static int by_delay(const void *a, const void *b)
{
    const struct mp_timed_choice *x = a, *y = b;
    return x->delay < y->delay ? -1 : x->delay > y->delay;
}

/* The exclusive-or sum of products that the function of up to four inputs is. */
static void find_normal_form(struct mp_timed_gate *g, const struct mp_timed_input *inputs)
{
    bool x[16] = {false};
    for (unsigned i = 0; i < 16; i++) {
        uint64_t pins = 0;
        for (unsigned k = 0; k < g->input_count; k++)
            pins |= (uint64_t)(i >> k & 1) << inputs[k].pin;
        x[i] = mp_expr_eval(&g->function, pins);
    }
    for (unsigned k = 1; k < 16; k *= 2)
        for (unsigned i = 0; i < 16; i++)
            if (i & k)
                x[i] ^= x[i ^ k];
    for (unsigned i = 0; i < 16; i++)
        g->normal_form[i] = x[i] ? ~(uint64_t)0 : 0;
}

static void add_gate(struct mp_timed_program *p, uint32_t output, uint32_t *inputs,
                     uint32_t *choices)
{
    const struct mp_timed_model *m = p->model;
    const struct mp_timed_output *o = &m->outputs[output];
    struct mp_timed_gate *g = &p->gates[p->gate_count++];
    uint64_t reads = mp_expr_support(&o->function);
    uint32_t largest = 0;
    *g = (struct mp_timed_gate){.output = output,
                                .net = o->net,
                                .function = o->function,
                                .first_input = *inputs,
                                .any = {MP_NONE, MP_NONE}};
    for (int v = 0; v < 2; v++) {
        g->first_choice[v] = *choices;
        for (uint32_t k = 0; k < o->arc_count; k++) {
            const struct mp_timed_arc *a = &m->arcs[o->first_arc + k];
            reads |= (uint64_t)1 << a->from | mp_expr_support(&a->when);
            if (a->delay[v] == MP_NONE)
                continue;
            p->choices[(*choices)++] =
                (struct mp_timed_choice){a->delay[v], a->from, a->edge, a->when};
            g->choice_count[v]++;
            largest = a->delay[v] > largest ? a->delay[v] : largest;
        }
        if (g->choice_count[v] == 0)
            continue;
        qsort(p->choices + g->first_choice[v], g->choice_count[v], sizeof *p->choices, by_delay);
        g->any[v] = p->choices[g->first_choice[v]].delay;
    }
    for (uint32_t k = 0; reads >> k; k++)
        if (reads >> k & 1)
            p->inputs[(*inputs)++] = (struct mp_timed_input){
                m->n->pin_net[m->n->cell_first_pin[o->cell] + k], (uint8_t)k};
    g->input_count = *inputs - g->first_input;
    if (g->input_count <= 4)
        find_normal_form(g, p->inputs + g->first_input);
    if (g->input_count <= MP_TIMED_TABLE_INPUTS)
        mp_timed_tables_add(p, g);
    for (g->ring = 64; g->ring <= largest;)
        g->ring *= 2;
    p->ring = g->ring > p->ring ? g->ring : p->ring;
}

static void add_sources(struct mp_timed_program *p)
{
    const struct mp_timed_model *m = p->model;
    const struct mp_netlist *n = m->n;
    for (uint32_t i = 0; i < n->port_count; i++)
        for (uint32_t b = 0; b < n->ports[i].width; b++)
            if (n->ports[i].direction == MP_DIR_INPUT && n->ports[i].nets[b] != n->clock_net)
                p->sources[p->source_count++] = (struct mp_timed_source){
                    n->ports[i].nets[b], MP_NONE, {m->input_delay, m->input_delay}};
    for (uint32_t i = 0; i < m->output_count; i++)
        if (m->outputs[i].is_register)
            p->sources[p->source_count++] = (struct mp_timed_source){
                m->outputs[i].net, i, {m->outputs[i].clock_delay[0], m->outputs[i].clock_delay[1]}};
}

/* An output that reads a pin of its own cell that is no input would need an order among them. */
static int check_reads(const struct mp_timed_program *p, const struct mp_timed_gate *g,
                       struct mp_error *err)
{
    const struct mp_netlist *n = p->model->n;
    const struct mp_lib_cell *type =
        &n->library->cells[n->cell_type[p->model->outputs[g->output].cell]];
    for (uint32_t k = 0; k < g->input_count; k++) {
        uint8_t pin = p->inputs[g->first_input + k].pin;
        if (pin >= type->pin_count ||
            n->library->pins[type->first_pin + pin].direction != MP_DIR_INPUT)
            return mp_fail(err, MP_E_UNSUPPORTED,
                           "cell %s (%s): net %s or its delays depend on more than input pins",
                           n->cell_name[p->model->outputs[g->output].cell], type->name,
                           n->net_name[g->net]);
    }
    return MP_OK;
}

int mp_timed_program_make(struct mp_timed_program *p, const struct mp_timed_model *m,
                          struct mp_error *err)
{
    uint32_t inputs = 0, choices = 0, ports = 0;
    int rc = MP_OK;
    size_t arcs = 0;
    for (uint32_t i = 0; i < m->output_count; i++)
        arcs += m->outputs[i].arc_count;
    for (uint32_t i = 0; i < m->n->port_count; i++)
        ports += m->n->ports[i].width;
    *p = (struct mp_timed_program){.model = m, .ring = 64};
    p->gates = mp_alloc((size_t)m->output_count + 1, sizeof *p->gates);
    /* Every output may read every pin of its cell. */
    size_t pins = 1;
    for (uint32_t i = 0; i < m->output_count; i++)
        pins += m->n->cell_first_pin[m->outputs[i].cell + 1] -
                m->n->cell_first_pin[m->outputs[i].cell] + 2;
    p->inputs = mp_alloc(pins, sizeof *p->inputs);
    p->choices = mp_alloc(2 * arcs + 1, sizeof *p->choices);
    p->sources = mp_alloc((size_t)ports + m->output_count + 1, sizeof *p->sources);
    add_sources(p);
    for (uint32_t i = 0; i < m->output_count && rc == MP_OK; i++)
        if (!m->outputs[i].is_register) {
            add_gate(p, i, &inputs, &choices);
            rc = check_reads(p, &p->gates[p->gate_count - 1], err);
        }
    if (rc < 0)
        mp_timed_program_release(p);
    return rc;
}

void mp_timed_program_release(struct mp_timed_program *p)
{
    free(p->gates);
    free(p->inputs);
    free(p->choices);
    free(p->tables);
    free(p->groups);
    free(p->cubes);
    free(p->sources);
    *p = (struct mp_timed_program){0};
}

void mp_timed_scratch_make(struct mp_timed_scratch *s, const struct mp_timed_program *p)
{
    *s = (struct mp_timed_scratch){.capacity = 0};
    s->lists = mp_alloc_aligned(p->model->n->net_count, sizeof *s->lists);
    s->transitions = mp_alloc_aligned(p->model->n->net_count, sizeof *s->transitions);
    s->ring = mp_alloc_aligned((size_t)p->ring * MP_TIMED_WORDS, sizeof *s->ring);
    s->occupied = mp_alloc_aligned(p->ring / 64, sizeof *s->occupied);
    mp_timed_scratch_reserve(s, 0, 4096);
    s->times[0] = UINT32_MAX;
}

void mp_timed_scratch_release(struct mp_timed_scratch *s)
{
    free(s->lists);
    free(s->transitions);
    free(s->ring);
    free(s->occupied);
    free(s->times);
    free(s->rows);
    *s = (struct mp_timed_scratch){0};
}

void mp_timed_scratch_reserve(struct mp_timed_scratch *s, size_t used, size_t count)
{
    if (used + count <= s->capacity)
        return;
    size_t capacity = 2 * (used + count);
    uint32_t *times = mp_alloc_aligned(capacity, sizeof *times);
    uint64_t *rows = mp_alloc_aligned(capacity * MP_TIMED_WORDS, sizeof *rows);
    if (used > 0) {
        memcpy(times, s->times, used * sizeof *times);
        memcpy(rows, s->rows, used * MP_TIMED_WORDS * sizeof *rows);
    }
    free(s->times);
    free(s->rows);
    s->times = times;
    s->rows = rows;
    s->capacity = capacity;
}
