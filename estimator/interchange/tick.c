#include "estimator/interchange/tick.h"
#include <math.h>
#include <stdbool.h>

int mp_tick_choose(struct mp_tick *out, double period_s, double finest_s, struct mp_error *err)
{
    static const struct mp_tick units[] = {{1e-12, "ps", "1ps", 0}, {1e-15, "fs", "1fs", 0}};
    if (!(period_s >= 2e-15 && period_s <= 1))
        return mp_fail(err, MP_E_USAGE,
                       "a clock period of 2 fs to 1 s is needed to write activity, not %g s",
                       period_s);
    for (unsigned i = 0; i < 2; i++) {
        bool is_last = i == 1;
        double halves = period_s / units[i].tick_s / 2;
        bool is_whole = round(halves) >= 1 && fabs(halves - round(halves)) <= 1e-9 * halves;
        if (!is_last && (units[i].tick_s > finest_s * 1.000001 || !is_whole))
            continue;
        *out = units[i];
        out->period = 2 * (uint64_t)llround(halves);
        break;
    }
    return MP_OK;
}
