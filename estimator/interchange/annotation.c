#include "estimator/interchange/annotation.h"
#include "estimator/interchange/saif.h"
#include "estimator/interchange/vcd.h"
#include "estimator/util/number.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLOCK_TOLERANCE 0.02
#define NAMES_LISTED    5

void mp_annotation_init(struct mp_annotation *a, const struct mp_netlist *n)
{
    *a = (struct mp_annotation){.activity.net_count = n->net_count};
    a->activity.transitions = mp_alloc(n->net_count, sizeof *a->activity.transitions);
    a->activity.ones = mp_alloc(n->net_count, sizeof *a->activity.ones);
    a->transitions_per_cycle = mp_alloc(n->net_count, sizeof *a->transitions_per_cycle);
    a->duty = mp_alloc(n->net_count, sizeof *a->duty);
    a->net_annotated = mp_alloc(n->net_count, sizeof *a->net_annotated);
    a->duty[1] = 1;
    a->net_annotated[0] = a->net_annotated[1] = true;
}

void mp_annotation_release(struct mp_annotation *a)
{
    mp_activity_release(&a->activity);
    free(a->transitions_per_cycle);
    free(a->duty);
    free(a->net_annotated);
    *a = (struct mp_annotation){0};
}

/* Nets that a pin or a port is on. */
static bool *used_nets(const struct mp_netlist *n)
{
    bool *used = mp_alloc(n->net_count, sizeof *used);
    for (uint32_t p = 0; p < n->pin_count; p++)
        if (n->pin_net[p] != MP_NONE)
            used[n->pin_net[p]] = true;
    for (uint32_t i = 0; i < n->port_count; i++)
        for (uint32_t b = 0; b < n->ports[i].width; b++)
            used[n->ports[i].nets[b]] = true;
    return used;
}

static void count_shares(struct mp_annotation *a, const struct mp_netlist *n)
{
    bool *used = used_nets(n);
    size_t length = 0;
    for (uint32_t net = 2; net < n->net_count; net++) {
        if (!used[net])
            continue;
        a->net_count++;
        if (a->net_annotated[net])
            continue;
        a->transitions_per_cycle[net] = a->duty[net] = NAN; /* no zero that power could take */
        if (a->missing_nets++ >= NAMES_LISTED || length >= sizeof a->missing)
            continue;
        int more = snprintf(a->missing + length, sizeof a->missing - length, "%s%s",
                            length ? ", " : "", n->net_name[net]);
        length += more > 0 ? (size_t)more : 0;
    }
    for (uint32_t p = 0; p < n->pin_count; p++)
        if (n->pin_net[p] != MP_NONE) {
            a->connected_pins++;
            a->annotated_pins += a->net_annotated[n->pin_net[p]];
        }
    free(used);
}

static int check_missing(const struct mp_annotation *a, const char *file,
                         const struct mp_annotation_options *options, struct mp_error *err)
{
    if (a->missing_nets == 0 || (options->allow_missing && a->missing_nets < a->net_count))
        return MP_OK;
    return mp_fail_at(err, MP_E_INPUT, file, 0,
                      "only %u of %u nets (%.1f %% of the pins) are under scope %s; missing: %s%s; "
                      "dump every net of the design, as $dumpvars(0, dut) does, or have missing "
                      "ones propagated (--allow-missing)",
                      a->net_count - a->missing_nets, a->net_count,
                      a->connected_pins ? 100.0 * a->annotated_pins / a->connected_pins : 0.0,
                      a->scope, a->missing, a->missing_nets > NAMES_LISTED ? ", ..." : "");
}

static int check_clock(const struct mp_annotation *a, const struct mp_netlist *n, const char *file,
                       double period_s, unsigned slack, struct mp_error *err)
{
    char seen[32], given[32], window[32];
    uint32_t clock = n->clock_net;
    mp_print_engineering(a->window_s, 4, "s", window, sizeof window);
    mp_print_engineering(period_s, 4, "s", given, sizeof given);
    if (!(a->window_s / period_s >= 0.5))
        return mp_fail_at(err, MP_E_INPUT, file, 0,
                          "0 clock cycles: %s of activity at a clock period of %s; dump more, or "
                          "give the period and the timescale that were simulated",
                          window, given);
    if (n->register_count == 0 || clock < 2 || clock >= n->net_count || !a->net_annotated[clock])
        return MP_OK;
    double moves = (double)a->activity.transitions[clock], expected = 2 * a->window_s / period_s;
    if (moves == 0)
        return mp_fail_at(err, MP_E_INPUT, file, 0,
                          "the clock %s does not move in %s of activity (period %s); choose a "
                          "window in which it runs",
                          n->net_name[clock], window, given);
    mp_print_engineering(2 * a->window_s / moves, 4, "s", seen, sizeof seen);
    if (fabs(moves - expected) > slack + CLOCK_TOLERANCE * expected)
        return mp_fail_at(err, MP_E_INPUT, file, 0,
                          "the clock %s has a period of %s in the file (%.0f transitions in %s), "
                          "not %s; give that clock period, or a file with the right timescale",
                          n->net_name[clock], seen, moves, window, given);
    return MP_OK;
}

/* Where the period is not a whole number of the file's ticks, the clock knows better. */
static double count_cycles(const struct mp_annotation *a, const struct mp_netlist *n,
                           double period_s)
{
    double cycles = a->window_s / period_s;
    uint32_t clock = n->clock_net;
    if (n->register_count > 0 && clock >= 2 && clock < n->net_count && a->net_annotated[clock]) {
        double by_clock = (double)a->activity.transitions[clock] / 2;
        if (fabs(by_clock - cycles) <= 1e-6 * cycles)
            return by_clock;
    }
    return cycles;
}

int mp_annotation_finish(struct mp_annotation *a, const struct mp_netlist *n, const char *file,
                         const struct mp_annotation_options *options, unsigned slack,
                         struct mp_error *err)
{
    count_shares(a, n);
    int rc = check_missing(a, file, options, err);
    if (rc == MP_OK)
        rc = check_clock(a, n, file, options->period_s, slack, err);
    if (rc < 0)
        return rc;
    double cycles = count_cycles(a, n, options->period_s);
    if (cycles > 9e15)
        return mp_fail_at(err, MP_E_INPUT, file, 0,
                          "more than 9e15 clock cycles; are timescale and clock period right?");
    a->activity.cycles = (uint64_t)llround(cycles);
    for (uint32_t net = 0; net < n->net_count; net++)
        if (a->net_annotated[net])
            a->activity.ones[net] =
                (uint64_t)ceil(a->duty[net] * (double)a->activity.cycles - 0.5 - 1e-9);
    return MP_OK;
}

static int check_options(const struct mp_annotation_options *o, struct mp_error *err)
{
    if (!(o->period_s > 0) || !isfinite(o->period_s))
        return mp_fail(err, MP_E_USAGE, "a clock period above 0 is needed to read activity");
    if (!(o->begin_s >= 0) || !(o->end_s >= 0) || (o->end_s > 0 && o->end_s <= o->begin_s))
        return mp_fail(err, MP_E_USAGE, "the window of activity must begin before it ends");
    return MP_OK;
}

/* A VCD begins with a $section, a SAIF with a parenthesis or a comment. */
static int read_source(struct mp_annotation *out, const struct mp_netlist *n, struct mp_source *s,
                       const struct mp_annotation_options *options, struct mp_error *err)
{
    switch (mp_source_peek(s)) {
    case '$':
        return mp_vcd_read(out, n, s, options, err);
    case '(':
    case '/':
        return mp_saif_read(out, n, s, options, err);
    case '\0':
        return mp_source_bad(s, "the file is empty; a VCD or SAIF is needed");
    default:
        return mp_source_bad(s, "neither a VCD, which begins with a $section, nor a SAIF, which "
                                "begins with (SAIFILE");
    }
}

int mp_annotation_read_text(struct mp_annotation *out, const struct mp_netlist *n, const char *text,
                            size_t size, const char *file_name,
                            const struct mp_annotation_options *options, struct mp_error *err)
{
    struct mp_source s;
    *out = (struct mp_annotation){0};
    int rc = check_options(options, err);
    if (rc < 0)
        return rc;
    mp_source_from_text(&s, text, size, file_name, err);
    rc = read_source(out, n, &s, options, err);
    mp_source_close(&s);
    if (rc < 0)
        mp_annotation_release(out);
    return rc;
}

int mp_annotation_read(struct mp_annotation *out, const struct mp_netlist *n, const char *path,
                       const struct mp_annotation_options *options, struct mp_error *err)
{
    struct mp_source s;
    *out = (struct mp_annotation){0};
    int rc = check_options(options, err);
    if (rc == MP_OK)
        rc = mp_source_open(&s, path, err);
    if (rc < 0)
        return rc;
    rc = read_source(out, n, &s, options, err);
    mp_source_close(&s);
    if (rc < 0)
        mp_annotation_release(out);
    return rc;
}
