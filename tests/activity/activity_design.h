/*
 * The design that the tests of activity files read about, levelised:
 *
 *     a[0], a[1] --NAND2 g-- w[0] --DFF f-- y        clk
 */
#ifndef MP_TESTS_ACTIVITY_DESIGN_H
#define MP_TESTS_ACTIVITY_DESIGN_H

#include "estimator/interchange/annotation.h"
#include "tests/netlist/small_library.h"
#include "tests/util/cmocka_all.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct mp_library library;
static struct mp_netlist netlist;

static inline int make_netlist(void **state)
{
    (void)state;
    static const char text[] = "module d(input clk, input [1:0] a, output y);\n wire \\w[0] ;\n"
                               " NAND2 g(.A(a[0]), .B(a[1]), .Y(\\w[0] ));\n"
                               " DFF f(.CK(clk), .D(\\w[0] ), .Q(y));\nendmodule\n";
    if (mp_library_read_text(&library, small_library, strlen(small_library), "s", NULL) < 0 ||
        mp_netlist_read_text(&netlist, &library, text, strlen(text), "t.v", NULL, NULL) < 0)
        return -1;
    return mp_netlist_levelise(&netlist, NULL);
}

static inline int drop_netlist(void **state)
{
    (void)state;
    mp_netlist_release(&netlist);
    mp_library_release(&library);
    return 0;
}

static inline uint32_t net_named(const char *name)
{
    for (uint32_t i = 0; i < netlist.net_count; i++)
        if (strcmp(netlist.net_name[i], name) == 0)
            return i;
    fail_msg("no net %s", name);
    return 0;
}

static inline void assert_net(const struct mp_annotation *v, const char *name, unsigned transitions,
                              double duty)
{
    uint32_t net = net_named(name);
    assert_true(v->net_annotated[net]);
    assert_int_equal(v->activity.transitions[net], transitions);
    if (fabs(v->duty[net] - duty) > 1e-12)
        fail_msg("%s: duty %g, not %g", name, v->duty[net], duty);
}

/* text must be refused with that code, at that line, with those words in the message. */
static inline void refuse_with(const char *text, const char *name,
                               const struct mp_annotation_options *o, enum mp_code code, int line,
                               const char *words)
{
    struct mp_error err = MP_ERROR_INIT;
    struct mp_annotation v;
    int rc = mp_annotation_read_text(&v, &netlist, text, strlen(text), name, o, &err);
    if (rc != (int)code || err.line != line || strstr(err.message, words) == NULL)
        fail_msg("%s\ngave %d at line %d: %s", text, rc, err.line, err.message);
    if (code != MP_E_USAGE)
        assert_string_equal(err.file, name);
}

#endif
