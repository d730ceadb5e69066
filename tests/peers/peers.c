/*
 * What others reach: the same functions through Yosys as it comes, a newer Yosys with Booth
 * multipliers, and both with our recipe `balanced`, side by side on this machine, every netlist
 * simulated and timed by OpenSTA. Not part of the test suite: it takes minutes a library.
 */
#include "tests/peers/flow.h"

#include "estimator/util/file.h"
#include "estimator/util/number.h"
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "Usage: peers [options]\n"
    "\n"
    "Area and delay that other tools reach, as CSV: one line a library, function and way.\n"
    "\n"
    "  --library NAME   cell library, see macppa libs (default: osu018)\n"
    "  --design NAME    only this function: u8x8, s8x8, s8x11, s16x16, s8x8+32, e4m2xint8\n"
    "  --yowasp FOLDER  where a newer Yosys is: npm install --prefix FOLDER "
    "@yowasp/yosys@0.55.944\n"
    "                   (default: without it)\n"
    "  --runner FILE    yowasp.mjs (default: that of the source tree)\n"
    "  --variants N     runs of each that differ in names and order only (default: 3)\n"
    "  --no-header      for more lines to a file that has some\n"
    "  --verbose        every netlist's figures on stderr\n";

struct options {
    const char *library, *design, *yowasp, *runner;
    unsigned variants;
    bool header, verbose;
};

/* All netlists of one way. */
struct tally {
    const struct options *options;
    const struct peer_design *design;
    const struct mp_target *target;
    const char *dir, *label;
    struct peer_figures *items;
    size_t count, capacity;
};

static double product(const struct peer_figures *f)
{
    return f->area_um2 * f->delay_s * 1e9;
}

static int by_product(const void *a, const void *b)
{
    double x = product(a), y = product(b);
    return (x > y) - (x < y);
}

static int take(void *context, const char *verilog, struct mp_error *err)
{
    struct tally *t = context;
    struct peer_figures f;
    int code = peer_measure(&f, t->design, verilog, "m", t->target, t->dir, err);
    if (code < 0)
        return code;
    if (t->options->verbose)
        fprintf(stderr, "%s %s %s: %.1f um2, %.3f ns, %.1f\n", t->target->name, t->design->name,
                t->label, f.area_um2, f.delay_s * 1e9, product(&f));
    mp_grow(&t->items, t->count, &t->capacity, sizeof f);
    t->items[t->count++] = f;
    return MP_OK;
}

static void print_header(void)
{
    printf("peer,library,unit,weight,activation,accumulator_bits,terms,registers,area_um2,"
           "delay_ns,area_delay,median_area_delay,worst_area_delay,least_area_um2,least_delay_ns,"
           "runs,design,driving_cell,output_load_ff,wire_load\n");
}

static void print_tally(struct tally *t)
{
    const struct peer_design *d = t->design;
    double area = INFINITY, delay = INFINITY;
    qsort(t->items, t->count, sizeof *t->items, by_product);
    for (size_t k = 0; k < t->count; k++) {
        area = fmin(area, t->items[k].area_um2);
        delay = fmin(delay, t->items[k].delay_s);
    }
    double median = (product(&t->items[(t->count - 1) / 2]) + product(&t->items[t->count / 2])) / 2;
    printf("%s,%s,%s,%s,%s,%u,1,none,%.2f,%.4f,%.1f,%.1f,%.1f,%.2f,%.4f,%zu,%s,%s,%.3f,%s\n",
           t->label, t->target->name, d->unit, d->weight, d->activation, d->accumulator_bits,
           t->items[0].area_um2, t->items[0].delay_s * 1e9, product(&t->items[0]), median,
           product(&t->items[t->count - 1]), area, delay * 1e9, t->count, d->name,
           peer_driving_cell(t->target), peer_output_load_f(t->target) * 1e15,
           t->target->library.default_wire_load ? "library" : "none");
    fflush(stdout);
}

static int run_way(struct tally *t, struct peer_flow *flow, struct mp_error *err)
{
    int code = MP_OK;
    t->count = 0;
    for (const char *const *v = t->design->verilog; code == MP_OK && *v; v++)
        for (flow->variant = 0; code == MP_OK && flow->variant < t->options->variants;
             flow->variant++)
            code = peer_flow_run(flow, *v, t->target, t->dir, take, t, err);
    if (code == MP_OK && t->count)
        print_tally(t);
    return code;
}

/* Delay targets around what comes out without haste. */
static int find_targets(struct tally *t, const struct peer_tool *tool, double targets[5],
                        struct mp_error *err)
{
    static const double shares[5] = {0.5, 0.7, 0.85, 1, 1.3};
    const double loose = 1e-6;
    struct peer_flow flow = {.tool = tool,
                             .front = "synth -flatten",
                             .recipe = "yosys-default",
                             .targets_s = &loose,
                             .target_count = 1};
    t->count = 0;
    int code = peer_flow_run(&flow, t->design->verilog[0], t->target, t->dir, take, t, err);
    for (unsigned k = 0; k < 5 && code == MP_OK; k++)
        targets[k] = shares[k] * t->items[0].delay_s;
    return code;
}

static int run_design(struct tally *t, const struct peer_tool *tools, struct mp_error *err)
{
    static const struct {
        unsigned tool;
        const char *recipe, *front, *label;
    } ways[] = {/* Without Booth the newer Yosys gives the netlists of the old one. */
                {0, "yosys-default", "synth -flatten", ""},
                {1, "yosys-default", "synth -flatten -booth", " booth"},
                {0, "balanced", "synth -flatten -noabc", " recipe balanced"},
                {1, "balanced", "synth -flatten -noabc -booth", " booth recipe balanced"}};
    double targets[5];
    t->label = "targets";
    int code = find_targets(t, &tools[0], targets, err);
    for (size_t k = 0; k < sizeof ways / sizeof *ways && code == MP_OK; k++) {
        if (ways[k].tool == 1 && !t->options->yowasp)
            continue;
        char *label = mp_asprintf("%s%s", tools[ways[k].tool].label, ways[k].label);
        struct peer_flow flow = {.tool = &tools[ways[k].tool],
                                 .front = ways[k].front,
                                 .recipe = ways[k].recipe,
                                 .targets_s = k < 2 ? targets : &targets[1],
                                 .target_count = k < 2 ? 5 : 1};
        t->label = label;
        code = run_way(t, &flow, err);
        free(label);
    }
    return code;
}

static int run(const struct options *o, struct mp_error *err)
{
    struct mp_descriptors descriptors = {0};
    const struct mp_descriptor *descriptor;
    struct mp_target target = {0};
    struct mp_tempdir dir = {0};
    char version[32], *label = NULL, *yowasp = o->yowasp ? realpath(o->yowasp, NULL) : NULL;
    int code = o->yowasp && !yowasp ? mp_fail(err, MP_E_NOT_FOUND, "no folder %s", o->yowasp)
                                    : mp_descriptors_load(&descriptors, err);
    if (code == MP_OK)
        code = mp_descriptors_find(&descriptors, o->library, &descriptor, err);
    if (code == MP_OK)
        code = mp_tempdir_create(&dir, err);
    if (code == MP_OK)
        code = mp_target_open(&target, descriptor, dir.path, err);
    if (code == MP_OK)
        code = mp_yosys_version("yosys", version, sizeof version, err);
    if (code < 0)
        goto out;
    label = mp_asprintf("Yosys %s", version);
    const struct peer_tool tools[] = {{label, NULL, NULL}, {"Yosys 0.55", yowasp, o->runner}};
    struct tally tally = {.options = o, .target = &target, .dir = dir.path};
    if (o->header)
        print_header();
    for (size_t k = 0; k < peer_design_count() && code == MP_OK; k++) {
        tally.design = peer_design_at(k);
        if (!o->design || !strcmp(o->design, tally.design->name))
            code = run_design(&tally, tools, err);
    }
    free(tally.items);
out:
    free(yowasp);
    free(label);
    mp_target_release(&target);
    mp_tempdir_remove(&dir);
    mp_descriptors_release(&descriptors);
    return code;
}

static bool read_count(const char *text, unsigned *out)
{
    uint64_t x;
    if (!mp_parse_u64(text, &x) || x < 1 || x > 100)
        return false;
    *out = (unsigned)x;
    return true;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"library", 1, 0, 'l'}, {"design", 1, 0, 'd'},   {"yowasp", 1, 0, 'y'},
        {"runner", 1, 0, 'r'},  {"variants", 1, 0, 'n'}, {"no-header", 0, 0, 'H'},
        {"verbose", 0, 0, 'v'}, {"help", 0, 0, 'h'},     {0}};
    struct options o = {.library = "osu018", .variants = 3, .header = true, .runner = PEERS_RUNNER};
    char text[1400];
    struct mp_error err = MP_ERROR_INIT;
    for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        switch (c) {
        case 'l':
            o.library = optarg;
            break;
        case 'd':
            o.design = optarg;
            break;
        case 'y':
            o.yowasp = optarg;
            break;
        case 'r':
            o.runner = optarg;
            break;
        case 'n':
            if (read_count(optarg, &o.variants))
                break;
            fprintf(stderr, "peers: --variants takes a number from 1 to 100\n");
            return 2;
        case 'H':
            o.header = false;
            break;
        case 'v':
            o.verbose = true;
            break;
        case 'h':
            fputs(usage, stdout);
            return 0;
        default:
            fputs(usage, stderr);
            return 2;
        }
    }
    if (run(&o, &err) < 0) {
        fprintf(stderr, "peers: %s\n", mp_error_text(&err, text, sizeof text));
        return 1;
    }
    return 0;
}
