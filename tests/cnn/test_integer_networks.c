/*
 * The integer engine on real networks and images, where they are: a thousand dot products of each
 * network against the golden MAC, and both engines against each other.
 */
#include "tests/cnn/integer_check.h"
#include "tests/cnn/real_networks.h"
#include "tests/util/cmocka_all.h"

#define IMAGES 4

static void check(const struct real_network *r, const char *weight, const char *activation)
{
    struct mp_quantisation q;

    integer_calibrate(&q, &r->network, &r->images, weight, activation);
    integer_compare(&r->network, &q, &r->images, IMAGES, false);
    integer_check_products(&r->network, &q, &r->images, IMAGES);
    mp_quantisation_release(&q);
}

/* int8 x int8, and wide formats where both. */
static void check_network(enum real_network_id id, bool both)
{
    struct real_network r;

    if (!real_network_open(&r, id, IMAGES)) {
        real_network_close(&r);
        skip();
        return;
    }
    check(&r, "int8", "int8");
    if (both)
        check(&r, "e5m3", "int10");
    real_network_close(&r);
}

static void squeezenet_pruned(void **state)
{
    (void)state;
    check_network(REAL_SQUEEZENET_PRUNED, false);
}

static void squeezenet(void **state)
{
    (void)state;
    check_network(REAL_SQUEEZENET, true);
}

static void googlenet(void **state)
{
    (void)state;
    check_network(REAL_GOOGLENET, true);
}

static void alexnet(void **state)
{
    (void)state;
    check_network(REAL_ALEXNET, false);
}

static void vgg16(void **state)
{
    (void)state;
    check_network(REAL_VGG16, false);
}

/* No input is negative here. */
static void lenet(void **state)
{
    struct real_network r;

    (void)state;
    if (!real_network_open(&r, REAL_LENET, 200)) {
        real_network_close(&r);
        skip();
        return;
    }
    check(&r, "int8", "uint8");
    check(&r, "e4m3", "uint8");
    real_network_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(squeezenet_pruned),
        cmocka_unit_test(squeezenet),
        cmocka_unit_test(googlenet),
        cmocka_unit_test(alexnet),
        cmocka_unit_test(vgg16),
        cmocka_unit_test(lenet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
