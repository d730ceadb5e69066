#include "estimator/pipeline/dump.h"
#include "estimator/interchange/saif.h"
#include "estimator/interchange/vcd_write.h"
#include "estimator/pipeline/circuit.h"
#include "estimator/util/file.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int check_folder(const char *path, struct mp_error *err)
{
    char *folder = mp_path_dir(path);
    int rc = MP_OK;

    if (access(folder, W_OK) < 0)
        rc = mp_fail(err, MP_E_IO, "cannot write %s: %s", path, strerror(errno));
    free(folder);
    return rc;
}

int mp_dump_check(const struct mp_dump *d, struct mp_error *err)
{
    int rc = MP_OK;

    if (d->vcd != NULL && d->cycles == 0)
        return mp_fail(err, MP_E_USAGE, "--dump-cycles: 0 cycles are nothing to dump");
    if (d->vcd != NULL)
        rc = check_folder(d->vcd, err);
    return rc == MP_OK && d->saif != NULL ? check_folder(d->saif, err) : rc;
}

int mp_dump_saif(const struct mp_dump *d, const struct mp_circuit *c,
                 const struct mp_timed_result *activity, struct mp_error *err)
{
    const struct mp_saif_options o = {.period_s = c->clock_period_s, .with_pins = true};

    return mp_saif_write(d->saif, c->netlist, &activity->timed, &o, err);
}

struct dumper {
    const struct mp_circuit *circuit;
    const struct mp_sdf *sdf;
    struct mp_simulator *simulator; /* for the order of its inputs */
    struct mp_driver *driver;
    struct mp_vcd_writer *writer;
    uint32_t input_count, cycles, warmup; /* of a stretch */
    uint8_t *inputs;                      /* [cycle][input] */
    uint8_t *values;                      /* [cycle][net] */
};

static void read_inputs(struct dumper *d, uint32_t stretch)
{
    for (uint32_t c = 0; c < d->cycles; c++) {
        const uint64_t *planes = mp_driver_inputs(d->driver, 1, &stretch, &c);
        for (uint32_t i = 0; i < d->input_count; i++)
            d->inputs[(size_t)c * d->input_count + i] = planes[(size_t)i * MP_DRIVER_WORDS] & 1;
    }
}

static int write_stretch(struct dumper *d, uint32_t stretch, struct mp_error *err)
{
    const struct mp_netlist *n = d->circuit->netlist;
    struct mp_activity activity = {0};
    struct mp_timed_result timed = {0};
    const struct mp_timed_options o = {.period_s = d->circuit->clock_period_s};
    int rc;

    read_inputs(d, stretch);
    if ((rc = mp_reference_simulate(n, d->cycles, d->warmup, d->inputs, &activity, d->values,
                                    err)) < 0)
        return rc;
    mp_activity_release(&activity);
    mp_vcd_writer_begin(d->writer, d->values + (size_t)(d->warmup - 1) * n->net_count, d->warmup);
    rc = mp_timed_reference(&timed, n, d->sdf, &o, d->cycles, d->warmup, d->inputs,
                            mp_vcd_writer_observe, d->writer, err);
    mp_timed_result_release(&timed);
    return rc < 0 ? rc : mp_vcd_writer_end(d->writer, d->cycles - d->warmup, err);
}

int mp_dump_vcd(const struct mp_dump *dump, const struct mp_circuit *c, const struct mp_sdf *sdf,
                const struct mp_bindings *bindings, const struct mp_trace *trace,
                struct mp_error *err)
{
    const struct mp_vcd_write_options o = {
        .period_s = c->clock_period_s, .words = MP_DRIVER_WORDS, .lane = 0, .with_pins = true};
    struct dumper d = {.circuit = c, .sdf = sdf};
    struct mp_bindings own = {0};
    uint64_t written = 0;
    int rc = MP_OK;

    if (bindings == NULL) {
        rc = mp_bindings_generated(&own, c->netlist, &trace->weight, &trace->activation, err);
        bindings = &own;
    }
    if (rc < 0 ||
        (rc = mp_simulator_create(&d.simulator, c->netlist, MP_DRIVER_WORDS, MP_KERNEL_AUTO, err)) <
            0 ||
        (rc = mp_driver_create(&d.driver, c->netlist, d.simulator, bindings, trace, err)) < 0 ||
        (rc = mp_vcd_writer_create(&d.writer, c->netlist, dump->vcd, &o, err)) < 0)
        goto out;
    d.input_count = mp_simulator_input_count(d.simulator);
    d.cycles = mp_driver_cycles(d.driver);
    d.warmup = mp_driver_uncounted(d.driver);
    d.inputs = mp_alloc((size_t)d.cycles * d.input_count + 1, 1);
    d.values = mp_alloc((size_t)d.cycles * c->netlist->net_count, 1);
    for (uint32_t s = 0; s < trace->stretches && written < dump->cycles && rc == MP_OK; s++) {
        rc = write_stretch(&d, s, err);
        written += d.cycles - d.warmup;
    }
    if (rc == MP_OK)
        rc = mp_vcd_writer_finish(d.writer, err);
out:
    mp_vcd_writer_destroy(d.writer);
    mp_driver_destroy(d.driver);
    mp_simulator_destroy(d.simulator);
    mp_bindings_release(&own);
    free(d.inputs);
    free(d.values);
    return rc;
}
