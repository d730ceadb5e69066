#include "estimator/power/opensta_power.h"
#include "estimator/interchange/saif.h"

#include "estimator/util/file.h"
#include "estimator/util/number.h"
#include "estimator/util/process.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *mp_opensta_power_caveat(enum mp_opensta_power_method method)
{
    return method == MP_OPENSTA_SAIF
               ? ""
               : "this OpenSTA has no read_saif: its switching power is to be believed; its "
                 "internal "
                 "power adds rise and fall energies and every related-pin group instead of "
                 "averaging them, and its leakage is cell_leakage_power whatever the state";
}

/* ---- report ---- */

struct reading {
    struct mp_opensta_power *out;
    const struct mp_netlist *n;
    struct mp_map cells;
    bool *seen;
    bool begun, ended;
    uint64_t lines;
    int line;
};

/* Cut the next word out of *at; names lose OpenSTA's backslashes. */
static char *next_word(char **at)
{
    char *s = *at + strspn(*at, " "), *end = s, *to = s;

    for (; *end != '\0' && *end != ' '; end++)
        if (*end != '\\')
            *to++ = *end;
    *at = *end != '\0' ? end + 1 : end;
    *to = '\0';
    return s;
}

static int read_power(struct reading *r, char *rest, struct mp_error *err)
{
    const char *name = next_word(&rest);
    uint32_t cell = mp_map_get(&r->cells, name);
    double parts[3];

    if (cell == MP_MAP_NONE)
        return mp_fail_at(err, MP_E_INPUT, NULL, r->line, "instance %s is not in the netlist",
                          name);
    for (unsigned i = 0; i < 3; i++)
        if (!mp_parse_double(next_word(&rest), &parts[i]))
            return mp_fail_at(err, MP_E_INPUT, NULL, r->line, "the power of %s is no number", name);
    r->seen[cell] = true;
    r->lines++;
    r->out->cells[cell] = (struct mp_power_parts){parts[0], parts[1], parts[2]};
    r->out->total.internal_w += parts[0];
    r->out->total.switching_w += parts[1];
    r->out->total.leakage_w += parts[2];
    return MP_OK;
}

static int read_annotation(const struct reading *r, char *rest, struct mp_error *err)
{
    uint64_t count;

    if (mp_parse_u64(next_word(&rest), &count) && count > 0)
        return mp_fail_at(err, MP_E_INPUT, NULL, r->line, "%llu pins are without activity",
                          (unsigned long long)count);
    return MP_OK;
}

static int read_line(struct reading *r, char *line, struct mp_error *err)
{
    uint64_t count;

    if (strncmp(line, "Error", 5) == 0 || strstr(line, "black box") != NULL)
        return mp_fail_at(err, MP_E_INPUT, NULL, r->line, "%.300s", line);
    if (strncmp(line, "macppa-begin ", 13) == 0) {
        r->begun = true;
        r->out->method = strcmp(line + 13, "saif") == 0 ? MP_OPENSTA_SAIF : MP_OPENSTA_PINS;
    }
    if (!r->begun || r->ended)
        return MP_OK;
    if (strncmp(line, "unannotated ", 12) == 0)
        return read_annotation(r, line + 12, err);
    if (strncmp(line, "power ", 6) == 0)
        return read_power(r, line + 6, err);
    if (strncmp(line, "macppa-end ", 11) != 0)
        return MP_OK;
    if (!mp_parse_u64(line + 11, &count) || count != r->lines)
        return mp_fail_at(err, MP_E_INPUT, NULL, r->line, "%llu cells instead of %.40s",
                          (unsigned long long)r->lines, line + 11);
    r->ended = true;
    return MP_OK;
}

static int check_complete(const struct reading *r, struct mp_error *err)
{
    const struct mp_power_parts *t = &r->out->total;

    if (!r->ended)
        return mp_fail_at(err, MP_E_INPUT, NULL, r->line, "the report is cut off");
    for (uint32_t c = 0; c < r->n->cell_count; c++)
        if (!r->seen[c])
            return mp_fail_at(err, MP_E_INPUT, NULL, r->line, "no power for cell %s",
                              r->n->cell_name[c]);
    if (!(t->switching_w > 0))
        return mp_fail_at(err, MP_E_INPUT, NULL, r->line,
                          "the switching power is %g W: the activity did not arrive",
                          t->switching_w);
    return MP_OK;
}

int mp_opensta_power_parse(struct mp_opensta_power *out, const struct mp_netlist *n,
                           const char *text, size_t size, struct mp_error *err)
{
    struct reading r = {.out = out, .n = n, .seen = mp_alloc(n->cell_count, sizeof(bool))};
    char *copy = mp_strndup(text, size), *at = copy;
    int rc = MP_OK;

    out->cell_count = n->cell_count;
    out->cells = mp_alloc(n->cell_count, sizeof *out->cells);
    out->total = (struct mp_power_parts){0};
    for (uint32_t c = 0; c < n->cell_count; c++)
        mp_map_put(&r.cells, n->cell_name[c], c);
    while (rc == MP_OK && at != NULL) {
        char *line = at, *end = strchr(at, '\n');
        at = end != NULL ? end + 1 : NULL;
        if (end != NULL)
            *end = '\0';
        r.line++;
        rc = read_line(&r, line, err);
    }
    if (rc == MP_OK)
        rc = check_complete(&r, err);
    free(copy);
    free(r.seen);
    mp_map_release(&r.cells);
    return rc;
}

/* ---- running ---- */

static int write_text(const char *dir, const char *name, struct mp_text *t, struct mp_error *err)
{
    char *path = mp_path_join(dir, name);
    int rc = mp_file_write(path, t->data != NULL ? t->data : "", t->size, err);

    free(path);
    mp_text_release(t);
    return rc;
}

static int write_liberty(const struct mp_opensta_power_job *job, struct mp_error *err)
{
    int rc = MP_OK;

    for (size_t i = 0; i < job->liberty_count && rc == MP_OK; i++) {
        struct mp_text text = {0};
        char name[40];
        snprintf(name, sizeof name, "cells%zu.lib", i);
        if ((rc = mp_file_read(&text, job->liberty_paths[i], 0, err)) == MP_OK) {
            mp_opensta_power_hide_wire_load(text.data);
            rc = write_text(job->temp_dir, name, &text, err);
        }
        mp_text_release(&text);
    }
    return rc;
}

/* Rates as counts of so many cycles, which is as exact as OpenSTA's floats. */
#define SAIF_CYCLES 100000000u

static int write_saif(const struct mp_opensta_power_job *job, struct mp_error *err)
{
    const struct mp_power_input *in = job->in;
    uint32_t nets = in->netlist->net_count;
    struct mp_activity a = {.net_count = nets,
                            .cycles = SAIF_CYCLES,
                            .transitions = mp_alloc(nets, sizeof *a.transitions),
                            .ones = mp_alloc(nets, sizeof *a.ones)};
    const struct mp_saif_options o = {.period_s = in->period_s, .with_pins = true};
    char *path = mp_path_join(job->temp_dir, "activity.saif");
    int rc;

    for (uint32_t i = 0; i < nets; i++) {
        a.transitions[i] = (uint64_t)llround(in->transitions_per_cycle[i] * SAIF_CYCLES);
        a.ones[i] = (uint64_t)llround(in->duty[i] * SAIF_CYCLES);
    }
    rc = mp_saif_write(path, in->netlist, &a, &o, err);
    mp_activity_release(&a);
    free(path);
    return rc;
}

static int write_wires(const struct mp_opensta_power_job *job, struct mp_error *err)
{
    struct mp_text text = {0};

    if (job->wire_load == NULL || job->wire_load->is_none)
        return MP_OK;
    mp_wire_load_liberty(&text, job->wire_load);
    return write_text(job->temp_dir, MP_OPENSTA_POWER_WIRES, &text, err);
}

static int write_inputs(const struct mp_opensta_power_job *job, struct mp_error *err)
{
    struct mp_text script = {0}, pins = {0};
    char *netlist = realpath(job->netlist_path, NULL);
    int rc = netlist == NULL ? mp_fail_errno(err, "cannot find %s", job->netlist_path)
                             : write_liberty(job, err);

    if (rc == MP_OK)
        rc = mp_opensta_power_script(&script, job, netlist, err);
    if (rc == MP_OK)
        rc = write_text(job->temp_dir, "power.tcl", &script, err);
    mp_opensta_power_pins(&pins, job->in);
    if (rc == MP_OK)
        rc = write_text(job->temp_dir, "activity.txt", &pins, err);
    if (rc == MP_OK && (rc = write_saif(job, err)) == MP_OK)
        rc = write_wires(job, err);
    mp_text_release(&script);
    mp_text_release(&pins);
    free(netlist);
    return rc;
}

/* Of an old OpenSTA alone: a port that feeds logic, whose propagated activity would replace what
 * was set behind it. */
static int check_ports(const struct mp_netlist *n, struct mp_error *err)
{
    for (uint32_t p = 0; p < n->port_count; p++) {
        const struct mp_port *port = &n->ports[p];
        for (uint32_t b = 0; port->direction == MP_DIR_INPUT && b < port->width; b++) {
            uint32_t net = port->nets[b];
            if (net == n->clock_net)
                continue;
            for (uint32_t f = n->net_fanout_first[net]; f < n->net_fanout_first[net + 1]; f++) {
                uint32_t cell = n->pin_cell[n->net_fanout[f]];
                if (n->library->cells[n->cell_type[cell]].sequential != MP_FLIP_FLOP)
                    return mp_fail(err, MP_E_UNSUPPORTED,
                                   "this OpenSTA propagates default activity from input port %s "
                                   "over what is simulated, since the port feeds logic (cell %s): "
                                   "use OpenSTA 2.6 or newer, or a design with input registers",
                                   port->name, n->cell_name[cell]);
            }
        }
    }
    return MP_OK;
}

static int parse_output(struct mp_opensta_power *out, const struct mp_opensta_power_job *job,
                        const struct mp_process_result *r, struct mp_error *err)
{
    struct mp_error cause = MP_ERROR_INIT;
    struct mp_text all = {0};
    int rc;

    mp_text_add_bytes(&all, r->err.data != NULL ? r->err.data : "", r->err.size);
    mp_text_add(&all, "\n");
    mp_text_add_bytes(&all, r->out.data != NULL ? r->out.data : "", r->out.size);
    rc = mp_opensta_power_parse(out, job->in->netlist, all.data, all.size, &cause);
    mp_text_release(&all);
    if (rc < 0) {
        char *why = mp_asprintf("%s (line %d of its report)", cause.message, cause.line);
        rc = mp_process_fail_output(r, "sta", job->keep_dir, why, err);
        free(why);
    }
    return rc;
}

int mp_opensta_power_run(struct mp_opensta_power *out, const struct mp_opensta_power_job *job,
                         struct mp_error *err)
{
    const char *const argv[] = {job->program, "-no_splash", "-no_init", "-exit", "power.tcl", NULL};
    const struct mp_process_options o = {
        .argv = argv, .cwd = job->temp_dir, .timeout_s = job->timeout_s > 0 ? job->timeout_s : 120};
    struct mp_process_result r = {0};
    int rc;

    *out = (struct mp_opensta_power){0};
    if ((rc = write_inputs(job, err)) < 0 || (rc = mp_process_run(&r, &o, err)) < 0)
        goto out;
    out->wall_s = r.wall_s;
    if (r.how != MP_EXITED || r.status != 0)
        rc = mp_process_fail(&r, "sta", job->keep_dir, err);
    else
        rc = parse_output(out, job, &r, err);
    if (rc == MP_OK && out->method == MP_OPENSTA_PINS)
        rc = check_ports(job->in->netlist, err);
out:
    if (rc < 0)
        mp_opensta_power_release(out);
    mp_process_result_release(&r);
    return rc;
}

void mp_opensta_power_release(struct mp_opensta_power *p)
{
    free(p->cells);
    *p = (struct mp_opensta_power){0};
}
