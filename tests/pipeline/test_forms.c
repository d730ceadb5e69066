/* Through Yosys: the generated Verilog of every form, and its behavioural reference, which shares
 * nothing with it, against the golden model. */
#include "estimator/netlist/gates.h"
#include "estimator/pipeline/prove.h"
#include "estimator/synth/yosys.h"
#include "estimator/util/file.h"

#include "tests/netlists/forms_table.h"

enum {
    EVERY = 8
}; /* rows: all take minutes (MP_FORMS_EVERY=1); tests/netlists has the graphs of all */

static void prove(const struct mp_design *d, const char *verilog, const struct mp_library *gates,
                  const char *dir, const char *what)
{
    struct mp_error err = MP_ERROR_INIT;
    struct mp_yosys_result r = {0};
    struct mp_netlist n = {0};
    struct mp_proof proof = {0};
    char name[MP_DESIGN_NAME_SIZE];

    mp_design_name(d, name);
    if (mp_yosys_elaborate(&r, "yosys", verilog, name, dir, NULL, &err) < 0 ||
        mp_netlist_read_text(&n, gates, r.netlist_verilog, strlen(r.netlist_verilog), name, name,
                             &err) < 0 ||
        mp_netlist_levelise(&n, &err) < 0 || mp_prove(&proof, &n, d, &err) < 0)
        fail_msg("%s, %s: %s", name, what, err.message);
    mp_netlist_release(&n);
    mp_yosys_result_release(&r);
}

static void every_form(void **state)
{
    struct mp_error err = MP_ERROR_INIT;
    struct mp_library gates = {0};
    struct mp_tempdir dir = {0};
    unsigned references = 0, count = 0;
    const char *every = getenv("MP_FORMS_EVERY");

    (void)state;
    assert_int_equal(mp_gates_library(&gates, &err), MP_OK);
    assert_int_equal(mp_tempdir_create(&dir, &err), MP_OK);
    for (size_t i = 0; i < FORM_ROWS; i += every != NULL ? strtoul(every, NULL, 10) : EVERY) {
        struct mp_text verilog = {0}, reference = {0};
        struct mp_design d;
        char options[256];

        form_design(&d, &form_rows[i], options);
        assert_int_equal(mp_design_resolve(&d, &err), MP_OK);
        assert_int_equal(mp_design_generate(&d, &verilog, &err), MP_OK);
        prove(&d, verilog.data, &gates, dir.path, "generated");
        count++;
        if (d.form != MP_FORM_CARRY_SAVE) {
            assert_int_equal(mp_design_reference(&d, &reference, &err), MP_OK);
            prove(&d, reference.data, &gates, dir.path, "reference");
            references++;
        } else {
            assert_int_equal(mp_design_reference(&d, &reference, &err), MP_E_UNSUPPORTED);
        }
        mp_text_release(&verilog);
        mp_text_release(&reference);
    }
    print_message("%u designs, %u references\n", count, references);
    mp_tempdir_remove(&dir);
    mp_library_release(&gates);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form),
    };

    return cmocka_run_group_tests_name("forms", tests, NULL, NULL);
}
