#include "estimator/pipeline/circuit.h"
#include <stdlib.h>

double mp_circuit_driven_share(const struct mp_netlist *n)
{
    uint8_t *driven = mp_alloc(n->net_count, 1);
    uint64_t connected = 0, annotated = 0;

    driven[0] = driven[1] = 1;
    for (uint32_t i = 0; i < n->port_count; i++)
        for (uint32_t b = 0; b < n->ports[i].width; b++)
            driven[n->ports[i].nets[b]] |= n->ports[i].direction == MP_DIR_INPUT;
    for (uint32_t p = 0; p < n->pin_count; p++)
        if (n->pin_net[p] != MP_NONE) {
            connected++;
            annotated += n->net_driver[n->pin_net[p]] != MP_NONE || driven[n->pin_net[p]];
        }
    free(driven);
    return connected > 0 ? (double)annotated / (double)connected : 0;
}

void mp_circuit_rates(double *transitions, double *duty, const struct mp_activity *activity)
{
    for (uint32_t i = 0; i < activity->net_count; i++) {
        transitions[i] = (double)activity->transitions[i] / (double)activity->cycles;
        duty[i] = (double)activity->ones[i] / (double)activity->cycles;
    }
}

void mp_circuit_power_input(struct mp_power_input *in, const struct mp_circuit *c,
                            const double *transitions, const double *duty)
{
    *in = (struct mp_power_input){.netlist = c->netlist,
                                  .period_s = c->clock_period_s,
                                  .transitions_per_cycle = transitions,
                                  .duty = duty,
                                  .slew_rise_s = c->timing->slew_rise_s,
                                  .slew_fall_s = c->timing->slew_fall_s,
                                  .wire_cap_f = c->wire_cap_f,
                                  .blocks = c->blocks};
}

int mp_circuit_power(struct mp_power *power, const struct mp_circuit *c, const double *transitions,
                     const double *duty, struct mp_error *err)
{
    struct mp_power_input in;
    int rc;

    mp_circuit_power_input(&in, c, transitions, duty);
    rc = mp_power_compute(power, &in, err);
    if (rc == MP_OK && power->total.internal_w <= 0)
        rc = mp_fail_at(err, MP_E_INPUT, c->target->library.files[0], 0,
                        "the library gives no internal power for the cells of this design: power "
                        "cannot be estimated from it");
    return rc;
}
