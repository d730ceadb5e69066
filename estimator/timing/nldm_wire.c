/*
 * Slews as OpenSTA has them where wires have resistance. Its delay calculator (Dartu, Menezes and
 * Pileggi, Performance computation for precharacterized CMOS gates with RC loads, 1996) takes
 * the driver for a ramp behind a resistance, fits it to the table's delay and to the first part of
 * the table's slew, and then reports the slew of that waveform. With a little resistance behind it
 * that is a function of slew, and of driver resistance times load, alone: a curve made once.
 */
#include "estimator/timing/nldm_parts.h"

#include <math.h>

#define WIRE         0.05  /* small wire resistance, in units of the driver's */
#define LONGEST_RAMP 200.0 /* in time constants; beyond it the waveform is the ramp */

/* Response of a time constant of 1 to a ramp of duration q, the load behind a wire of a resistance
 * in units of the driver's. */
static double response(double t, double q, double wire)
{
    double c = 1 + wire;
    if (t <= 0)
        return 0;
    return t <= q ? (t + expm1(-t / c)) / q : 1 - (exp((q - t) / c) - exp(-t / c)) / q;
}

static double crossing(double level, double q, double wire)
{
    double low = 0, high = q + 40;
    for (int k = 0; k < 60; k++) {
        double middle = 0.5 * (low + high);
        if (response(middle, q, wire) < level)
            low = middle;
        else
            high = middle;
    }
    return low;
}

void mp_nldm_curve_make(struct mp_nldm_curve *c, const struct mp_thresholds *t)
{
    c->measured_share = (t->output - t->slew_lower) / (t->slew_upper - t->slew_lower);
    for (int k = 0; k < MP_NLDM_CURVE; k++) {
        double q = 1e-3 * pow(LONGEST_RAMP / 1e-3, k / (MP_NLDM_CURVE - 1.0));
        double low = crossing(t->slew_lower, q, 0), middle = crossing(t->output, q, 0);
        double wired_low = crossing(t->slew_lower, q, WIRE);
        c->part[k] = middle - low;
        c->slew[k] = crossing(t->slew_upper, q, 0) - low;
        c->shield[k][0] = (crossing(t->output, q, WIRE) - middle) / WIRE;
        c->shield[k][1] = (crossing(t->slew_upper, q, WIRE) - wired_low - c->slew[k]) / WIRE;
    }
}

/* The point of the curve up to which parts are no longer. */
static int find(const struct mp_nldm_curve *c, double part)
{
    int k = 0;
    for (int step = MP_NLDM_CURVE / 2; step > 0; step /= 2)
        if (k + step < MP_NLDM_CURVE && c->part[k + step] <= part)
            k += step;
    return k;
}

void mp_nldm_curve_shield(const struct mp_nldm_curve *c, double slew_s, double constant_s,
                          float shield[2])
{
    double part = constant_s > 0 ? slew_s * c->measured_share / constant_s : INFINITY;
    int k = find(c, part);
    shield[0] = (float)c->shield[k][0];
    shield[1] = (float)c->shield[k][1];
}

double mp_nldm_curve_slew(const struct mp_nldm_curve *c, double slew_s, double constant_s)
{
    if (!(constant_s > 0) || !(slew_s > 0))
        return slew_s;
    double part = slew_s * c->measured_share / constant_s;
    int last = MP_NLDM_CURVE - 1, k = find(c, part);
    if (part <= c->part[0])
        return c->slew[0] * constant_s;
    if (part >= c->part[last])
        return slew_s;
    double u = (part - c->part[k]) / (c->part[k + 1] - c->part[k]);
    return (c->slew[k] + u * (c->slew[k + 1] - c->slew[k])) * constant_s;
}
