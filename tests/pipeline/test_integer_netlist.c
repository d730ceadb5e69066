/*
 * The integer engine against mapped MAC netlists: a thousand dot products of each network at hand,
 * their operands driven cycle by cycle through the netlist that Yosys mapped to osu018, give the
 * same bits in its accumulator; so does an accumulator that is too narrow, in which sums wrap.
 */
#include "estimator/pipeline/operands.h"
#include "estimator/synth/yosys.h"
#include "tests/cnn/real_networks.h"
#include "tests/cnn/scheme_check.h"
#include "tests/fake_tools/fixture.h"
#include "tests/pipeline/dot_products.h"
#include "tests/util/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

enum { IMAGES = 4, LEAST = 1000, LONGEST = 9216, LANES = MP_DRIVER_LANES };

/* A MAC netlist with an accumulator that no sum of LONGEST terms wraps in, and with a narrow one.
 */
struct pair {
    const char *weight, *activation;
    unsigned narrow;
    struct mp_format formats[2];
    unsigned bits[2];
    struct mp_netlist netlists[2];
};

struct bench {
    struct fixture fixture;
    struct pair pairs[2];
};

static void check(int code, const struct mp_error *err)
{
    char text[1400];

    if (code < 0)
        fail_msg("%s", mp_error_text(err, text, sizeof text));
}

static void map(struct mp_netlist *n, const struct fixture *f, const struct pair *p, unsigned bits)
{
    struct mp_design design = {.weight = p->formats[0],
                               .activation = p->formats[1],
                               .unit = MP_UNIT_MAC,
                               .accumulator_bits = bits};
    struct mp_error err = MP_ERROR_INIT;
    struct mp_yosys_result mapped = {0};
    struct mp_text verilog = {0};
    char name[MP_DESIGN_NAME_SIZE];

    check(mp_design_resolve(&design, &err), &err);
    check(mp_design_generate(&design, &verilog, &err), &err);
    const struct mp_yosys_job job = {.program = "yosys",
                                     .verilog = verilog.data,
                                     .top = mp_design_name(&design, name),
                                     .liberty_path = f->prepared,
                                     .library = &f->library,
                                     .roles = &f->roles,
                                     .clock_period_s = 20e-9,
                                     .temp_dir = f->dir.path};
    check(mp_yosys_synthesise(&mapped, &job, &err), &err);
    check(mp_netlist_read_text(n, &f->library, mapped.netlist_verilog,
                               strlen(mapped.netlist_verilog), "mapped.v", name, &err),
          &err);
    check(mp_netlist_levelise(n, &err), &err);
    print_message("%s: %u cells\n", name, n->cell_count);
    mp_yosys_result_release(&mapped);
    mp_text_release(&verilog);
}

static int open_bench(void **state)
{
    static struct bench b = {.pairs = {{.weight = "int8", .activation = "uint8", .narrow = 12},
                                       {.weight = "e4m3", .activation = "uint8", .narrow = 20}}};
    struct mp_error err = MP_ERROR_INIT;

    fixture_open(&b.fixture, 0);
    for (unsigned k = 0; k < 2; k++) {
        struct pair *p = &b.pairs[k];
        check(mp_format_parse(&p->formats[0], p->weight, &err), &err);
        check(mp_format_parse(&p->formats[1], p->activation, &err), &err);
        p->bits[0] = mp_golden_accumulator_bits(&p->formats[0], &p->formats[1], LONGEST);
        p->bits[1] = p->narrow;
        for (unsigned i = 0; i < 2; i++)
            map(&p->netlists[i], &b.fixture, p, p->bits[i]);
    }
    *state = &b;
    return 0;
}

static int close_bench(void **state)
{
    struct bench *b = *state;

    for (unsigned k = 0; k < 2; k++)
        for (unsigned i = 0; i < 2; i++)
            mp_netlist_release(&b->pairs[k].netlists[i]);
    fixture_close(&b->fixture);
    return 0;
}

/* One dot product a stretch, then zeros, which leave the sum as it is, until the pipeline is empty.
 */
static void lay_out(struct mp_trace *t, const struct pair *p, const struct dot_product *items,
                    uint32_t count)
{
    uint32_t longest = 0;

    for (uint32_t i = 0; i < count; i++)
        longest = items[i].terms > longest ? items[i].terms : longest;
    *t = (struct mp_trace){.weight = p->formats[0],
                           .activation = p->formats[1],
                           .stretches = LANES,
                           .length = longest + MP_UNIT_LATENCY};
    size_t cycles = (size_t)t->stretches * t->length;
    t->weights = mp_alloc(cycles, sizeof *t->weights);
    t->activations = mp_alloc(cycles, sizeof *t->activations);
    t->firsts = mp_alloc(cycles, sizeof *t->firsts);
    for (uint32_t i = 0; i < count; i++) {
        size_t at = (size_t)i * t->length;
        memcpy(t->weights + at, items[i].weights, items[i].terms * sizeof *t->weights);
        memcpy(t->activations + at, items[i].activations, items[i].terms * sizeof *t->weights);
        t->firsts[at] = 1;
    }
}

static mp_u128 read_lane(const struct mp_simulator *s, const struct mp_netlist *n,
                         const struct mp_port *port, uint32_t lane)
{
    mp_u128 code = 0;

    for (uint32_t bit = 0; bit < port->width; bit++) {
        uint32_t net = port->nets[bit];
        assert_true(net < n->net_count);
        code |= (mp_u128)(mp_simulator_net(s, net)[lane / 64] >> (lane % 64) & 1) << bit;
    }
    return code;
}

/* Up to LANES dot products side by side. */
static void simulate(const struct mp_netlist *n, const struct pair *p,
                     const struct dot_product *items, uint32_t count, mp_u128 *codes)
{
    struct mp_error err = MP_ERROR_INIT;
    struct mp_simulator *s = NULL;
    struct mp_driver *d = NULL;
    struct mp_bindings b = {0};
    struct mp_trace t;
    uint32_t stretch[LANES], cycle[LANES], out = mp_netlist_port(n, "accumulator");

    assert_int_not_equal(out, MP_NONE);
    lay_out(&t, p, items, count);
    check(mp_simulator_create(&s, n, MP_DRIVER_WORDS, MP_KERNEL_AUTO, &err), &err);
    check(mp_bindings_generated(&b, n, &p->formats[0], &p->formats[1], &err), &err);
    check(mp_driver_create(&d, n, s, &b, &t, &err), &err);
    assert_int_equal(mp_driver_cycles(d), t.length);
    for (uint32_t c = 0; c < t.length; c++) {
        for (uint32_t l = 0; l < LANES; l++) {
            stretch[l] = l;
            cycle[l] = c;
        }
        mp_simulator_step(s, mp_driver_inputs(d, LANES, stretch, cycle), NULL);
    }
    for (uint32_t l = 0; l < count; l++)
        codes[l] = read_lane(s, n, &n->ports[out], l);
    mp_driver_destroy(d);
    mp_bindings_release(&b);
    mp_simulator_destroy(s);
    mp_trace_release(&t);
}

static mp_u128 low_bits(mp_u128 x, unsigned bits)
{
    return bits >= 128 ? x : x & (((mp_u128)1 << bits) - 1);
}

/* Returns how many sums the narrow accumulator has no room for. */
static uint32_t compare(const struct pair *p, const struct dot_products *products,
                        const struct mp_network *n)
{
    mp_u128 codes[LANES];
    uint32_t wrapped = 0;

    for (unsigned k = 0; k < 2; k++)
        for (uint32_t from = 0; from < products->count; from += LANES) {
            const struct dot_product *items = products->items + from;
            uint32_t left = products->count - from, count = left < LANES ? left : LANES;
            simulate(&p->netlists[k], p, items, count, codes);
            for (uint32_t i = 0; i < count; i++)
                if (codes[i] != items[i].accumulator[k])
                    fail_msg("%s x %s, accumulator of %u bits: image %u, layer %s, output %llu of "
                             "%u terms differs",
                             p->weight, p->activation, p->bits[k], items[i].image,
                             n->layers[items[i].layer].name, (unsigned long long)items[i].output,
                             items[i].terms);
        }
    for (uint32_t i = 0; i < products->count; i++) {
        const mp_u128 *a = products->items[i].accumulator;
        mp_u128 sign = (mp_u128)1 << (p->narrow - 1);
        mp_u128 extended = low_bits((a[1] ^ sign) - sign, p->bits[0]);
        assert_true(a[1] == low_bits(a[0], p->narrow));
        wrapped += extended != a[0];
    }
    return wrapped;
}

/* The comparison can fail: one bit of one operand shows. */
static void notice(const struct pair *p, const struct dot_products *products)
{
    for (uint32_t i = 0; i < products->count; i++) {
        struct dot_product *x = &products->items[i];
        for (uint32_t t = 0; t < x->terms; t++)
            if (x->activations[t] != 0) {
                mp_u128 code;
                x->weights[t] ^= 1;
                simulate(&p->netlists[0], p, x, 1, &code);
                x->weights[t] ^= 1;
                assert_true(code != x->accumulator[0]);
                return;
            }
    }
    fail_msg("no activation but zeros");
}

static void check_network(void **state, enum real_network_id id)
{
    const struct bench *b = *state;
    struct real_network r;

    if (!real_network_open(&r, id, IMAGES)) {
        skip();
        return;
    }
    for (unsigned k = 0; k < 2; k++) {
        const struct pair *p = &b->pairs[k];
        struct mp_scheme s = scheme_of(p->weight, p->activation, "max");
        struct mp_quantisation q = {0};
        struct dot_products products;
        scheme_apply(&q, &r.network, &r.images, IMAGES, &s);
        dot_products_draw(&products, &r.network, &q, &r.images, LEAST, p->bits, 1 + id);
        assert_true(products.count >= LEAST);
        uint32_t wrapped = compare(p, &products, &r.network);
        notice(p, &products);
        print_message("%s, %s x %s: %u dot products, %u of them wrap in %u bits\n", r.name,
                      p->weight, p->activation, products.count, wrapped, p->narrow);
        assert_true(wrapped > 0);
        dot_products_release(&products);
        mp_quantisation_release(&q);
    }
    real_network_close(&r);
}

#define NETWORK(name, id)                                                                          \
    static void name(void **state)                                                                 \
    {                                                                                              \
        check_network(state, id);                                                                  \
    }
NETWORK(fashion, REAL_FASHION)
NETWORK(lenet, REAL_LENET)
NETWORK(squeezenet_pruned, REAL_SQUEEZENET_PRUNED)
NETWORK(squeezenet, REAL_SQUEEZENET)
NETWORK(googlenet, REAL_GOOGLENET)
NETWORK(alexnet, REAL_ALEXNET)
NETWORK(vgg16, REAL_VGG16)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fashion),
        cmocka_unit_test(lenet),
        cmocka_unit_test(squeezenet_pruned),
        cmocka_unit_test(squeezenet),
        cmocka_unit_test(googlenet),
        cmocka_unit_test(alexnet),
        cmocka_unit_test(vgg16),
    };

    return cmocka_run_group_tests(tests, open_bench, close_bench);
}
