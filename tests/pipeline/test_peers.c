/* Peers' figures: what is read, and where mistakes are. */
#include "estimator/pipeline/peers.h"
#include <math.h>
#include <string.h>

#include "tests/util/cmocka_all.h"

#define HEADING                                                                                    \
    "peer,library,unit,weight,activation,accumulator_bits,terms,registers,area_um2,delay_ns\n"

static void good(void **state)
{
    static const char text[] =
        "# measured by hand\n\nnote,area_um2 ,delay_ns,peer,library,unit,weight,activation,"
        "registers,power_uw,accumulator_bits,runs,median_area_delay,worst_area_delay\r\n"
        "x, 308.8,1.052,Yosys 0.55 booth,nangate45,multiplier,uint8,uint8,0,,,3,330.5,340\r\n"
        "# another\n"
        ",506.5,0.698,by hand,sky130hd,mac,int8,int8,1,12.5,32,,,";
    struct mp_peers p = {0};
    struct mp_error err = MP_ERROR_INIT;

    (void)state;
    if (mp_peers_read_text(&p, text, sizeof text - 1, "peers.csv", &err) < 0)
        fail_msg("line %d: %s", err.line, err.message);
    assert_int_equal(p.count, 2);
    assert_string_equal(p.records[0].peer, "Yosys 0.55 booth");
    assert_string_equal(p.records[0].activation_format, "uint8");
    assert_true(p.records[0].area_um2 == 308.8 && isnan(p.records[0].power_w));
    assert_true(p.records[0].critical_path_s > 1.0519e-9 &&
                p.records[0].critical_path_s < 1.0521e-9);
    assert_true(p.records[0].is_combinational && p.records[0].terms == 1);
    assert_int_equal(p.records[0].runs, 3);
    assert_true(p.records[0].median_area_path == 330.5 && p.records[0].worst_area_path == 340);
    assert_string_equal(p.records[1].library, "sky130hd");
    assert_true(p.records[1].runs == 0 && isnan(p.records[1].median_area_path));
    assert_int_equal(p.records[1].accumulator_bits, 32);
    assert_true(!p.records[1].is_combinational && p.records[1].power_w > 1.2e-5);
    mp_peers_release(&p);
}

static void mistakes(void **state)
{
    static const struct {
        const char *text;
        int line;
        const char *says;
    } all[] = {
        {"", 0, "no heading"},
        {"# nothing\n", 0, "no heading"},
        {"a,b\n", 1, "`peer`"},
        {HEADING "x,l,multiplier,int8,int8,0,1,none,1\n", 2, "9 values where the heading has 10"},
        {HEADING "x,l,adder,int8,int8,0,1,none,1,1\n", 2, "adder"},
        {HEADING "x,l,mac,in8,int8,0,1,none,1,1\n", 2, "weight"},
        {HEADING "x,l,mac,int8,byte,0,1,none,1,1\n", 2, "activation"},
        {HEADING ",l,mac,int8,int8,0,1,none,1,1\n", 2, "peer is empty"},
        {HEADING "x,l,mac,int8,int8,200,1,none,1,1\n", 2, "accumulator_bits"},
        {HEADING "x,l,mac,int8,int8,0,0,none,1,1\n", 2, "terms"},
        {HEADING "\nx,l,mac,int8,int8,0,1,some,1,1\n", 3, "none, both, 0, 1"},
        {HEADING "x,l,mac,int8,int8,0,1,none,,1\n", 2, "area_um2"},
        {HEADING "x,l,mac,int8,int8,0,1,none,0,1\n", 2, "area_um2"},
        {HEADING "x,l,mac,int8,int8,0,1,none,1,nan\n", 2, "delay_ns"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct mp_peers p = {0};
        struct mp_error err = MP_ERROR_INIT;
        int rc = mp_peers_read_text(&p, all[i].text, strlen(all[i].text), "peers.csv", &err);
        if (rc != MP_E_INPUT || err.line != all[i].line || !strstr(err.message, all[i].says))
            fail_msg("%s: code %d, line %d: %s", all[i].text, rc, err.line, err.message);
        assert_string_equal(err.file, "peers.csv");
        mp_peers_release(&p);
    }
}

/* Cut anywhere, with a NUL anywhere: read or refused. */
static void hostile(void **state)
{
    static const char text[] = HEADING "x,l,mac,int8,int8,0,1,none,1,1\n";
    char copy[sizeof text];
    struct mp_error err = MP_ERROR_INIT;
    char wide[200];

    (void)state;
    for (size_t n = 0; n < sizeof text; n++) {
        struct mp_peers p = {0};
        int rc = mp_peers_read_text(&p, text, n, "peers.csv", &err);
        assert_true(rc == MP_OK || rc == MP_E_INPUT);
        mp_peers_release(&p);
        memcpy(copy, text, sizeof text);
        copy[n] = '\0';
        rc = mp_peers_read_text(&p, copy, sizeof text - 1, "peers.csv", &err);
        assert_true(n == sizeof text - 1 ? rc == MP_OK : rc == MP_E_INPUT);
        mp_peers_release(&p);
    }
    memset(wide, ',', sizeof wide);
    struct mp_peers p = {0};
    assert_int_equal(mp_peers_read_text(&p, wide, sizeof wide, "peers.csv", &err), MP_E_INPUT);
    mp_peers_release(&p);
    assert_int_equal(mp_peers_read(&p, "/nowhere/peers.csv", &err), MP_E_NOT_FOUND);
    mp_peers_release(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(good), cmocka_unit_test(mistakes),
                                       cmocka_unit_test(hostile)};
    return cmocka_run_group_tests_name("peers", tests, NULL, NULL);
}
