#include "tests/timing/small.h"

#include <string.h>

#include "tests/util/cmocka_all.h"

static const char library_text[] =
    "library (l) { time_unit : \"1ns\"; capacitive_load_unit (1, ff);\n"
    "voltage_unit : \"1V\"; current_unit : \"1mA\"; leakage_power_unit : \"1nW\";\n"
    "nom_voltage : 1; nom_temperature : 25; nom_process : 1;\n"
    "cell (INV) { area : 1; pin (A) { direction : input; capacitance : 1; }\n"
    "pin (Y) { direction : output; function : \"!A\"; } }\n"
    "cell (DFF) { area : 4; ff (IQ, IQN) { next_state : \"D\"; clocked_on : \"CK\"; }\n"
    "pin (CK) { direction : input; clock : true; capacitance : 1; }\n"
    "pin (D) { direction : input; capacitance : 1; }\n"
    "pin (Q) { direction : output; function : \"IQ\"; }\n"
    "pin (QN) { direction : output; function : \"IQN\"; } }\n"
    "cell (XOR) { area : 2; pin (A) { direction : input; capacitance : 1; }\n"
    "pin (B) { direction : input; capacitance : 1; }\n"
    "pin (Y) { direction : output; function : \"A ^ B\"; } } }\n";

static const char netlist_text[] = "module m(clk, a, q); input clk, a; output q; wire n;\n"
                                   "INV \\a.b[3] (.A(a), .Y(n));\n"
                                   "DFF r (.CK(clk), .D(n), .Q(q));\n"
                                   "endmodule\n";

void small_open(struct small *s)
{
    struct mp_error err = MP_ERROR_INIT;
    *s = (struct small){0};
    int code =
        mp_library_read_text(&s->library, library_text, strlen(library_text), "small.lib", &err);
    if (code == MP_OK)
        code = mp_netlist_read_text(&s->netlist, &s->library, netlist_text, strlen(netlist_text),
                                    "small.v", NULL, &err);
    if (code == MP_OK)
        code = mp_netlist_levelise(&s->netlist, &err);
    assert_string_equal(err.message, "");
    assert_int_equal(code, MP_OK);
}

void small_close(struct small *s)
{
    mp_netlist_release(&s->netlist);
    mp_library_release(&s->library);
}
