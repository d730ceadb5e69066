/* How long it takes to choose the scales of a scheme, and what accuracy comes out. Not a test:
 *
 *     bench_cnn_schemes PROTOTXT CAFFEMODEL IMAGES [FORMAT...]
 *
 * prints a line a weight format, scope and calibration, with float32 activations, and the time of
 * collecting what activations need and of choosing their scales. IMAGES 0: times alone. */
#include "estimator/cnn/infer.h"
#include "estimator/util/log.h"

#include <stdio.h>
#include <string.h>

static int show(const struct mp_network *n, const struct mp_dataset *d, struct mp_scheme *s,
                struct mp_error *err)
{
    struct mp_quantisation q = {0};
    struct mp_accuracy a = {0, 0, 0};
    char name[MP_FORMAT_NAME_SIZE], how[MP_CALIBRATION_NAME_SIZE];
    double start = mp_clock_s(), made;
    int rc = mp_quantisation_make(&q, n, s, NULL, err);

    made = mp_clock_s();
    if (rc == MP_OK && d->count > 0)
        rc = mp_network_accuracy(&a, n, &q, d, 0, err);
    if (rc < 0)
        return rc;
    printf("%-8s %-8s %-16s %4u %4u of %u, %12llu bits, made in %.3f s, scored in %.1f s\n",
           mp_format_name(&s->weight, name), mp_scope_name(s->weight_scope),
           mp_calibration_name(&s->weight_calibration, how), a.top1, a.top5, a.images,
           (unsigned long long)mp_quantisation_weight_bits(&q, n), made - start,
           mp_clock_s() - made);
    fflush(stdout);
    mp_quantisation_release(&q);
    return MP_OK;
}

static int show_all(const struct mp_network *n, const struct mp_dataset *d, const char *format,
                    struct mp_error *err)
{
    static const char *const calibrations[] = {"mse", "max", "percentile:99.9"};
    struct mp_scheme s = MP_SCHEME_INIT;
    int rc = mp_format_parse(&s.weight, format, err);

    for (int scope = 0; scope < 3 && rc == MP_OK; scope++)
        for (size_t c = 0; c < 3 && rc == MP_OK; c++) {
            s.weight_scope = (enum mp_scope)scope;
            rc = mp_calibration_parse(&s.weight_calibration, calibrations[c], err);
            if (s.weight.kind == MP_FORMAT_TABLE && (c > 0 || scope == MP_SCOPE_CHANNEL))
                continue;
            if (rc == MP_OK)
                rc = show(n, d, &s, err);
        }
    return rc;
}

/* Activations, with float32 weights. */
static int show_activations(const struct mp_network *n, const struct mp_dataset *d,
                            struct mp_error *err)
{
    struct mp_calibration_data c;
    struct mp_scheme s = MP_SCHEME_INIT;
    double start = mp_clock_s();
    int rc = mp_calibration_data_collect(&c, n, d, d->count < 60 ? d->count : 60, 0, err);

    printf("collected in %.2f s\n", mp_clock_s() - start);
    mp_format_parse(&s.activation, "fixed8", NULL);
    for (int scope = 0; scope < 2 && rc == MP_OK; scope++) {
        struct mp_quantisation q;
        s.activation_scope = (enum mp_scope)scope;
        start = mp_clock_s();
        rc = mp_quantisation_make(&q, n, &s, &c, err);
        printf("activations fixed8, scope %s: made in %.3f s\n", mp_scope_name(s.activation_scope),
               mp_clock_s() - start);
        mp_quantisation_release(&q);
    }
    mp_calibration_data_release(&c);
    return rc;
}

int main(int argc, char **argv)
{
    static const char *const usual[] = {"int8", "e4m3", "int6"};
    struct mp_network n = {0};
    struct mp_dataset d = {0};
    struct mp_preprocess p = MP_PREPROCESS_INIT;
    struct mp_error err = MP_ERROR_INIT;
    char text[1400];

    if (argc < 4) {
        printf("bench_cnn_schemes PROTOTXT CAFFEMODEL IMAGES [FORMAT...]\n");
        return 0;
    }
    struct mp_network_source source = {.weights = argv[2], .missing = MP_MISSING_CUT};
    int rc = mp_network_read(&n, argv[1], &source, &err);
    if (rc == MP_OK && strcmp(argv[3], "0") != 0) {
        struct mp_image_options o = {.path = argv[3]};
        rc = mp_preprocess_set(&p, "preset", "caffe", &err);
        if (rc == MP_OK)
            rc = mp_dataset_open_images(&d, &o, &p, &n.shapes[n.input_tensor], &err);
    }
    for (int i = 4; i < argc && rc == MP_OK; i++)
        rc = show_all(&n, &d, argv[i], &err);
    for (size_t i = 0; argc == 4 && i < sizeof usual / sizeof *usual && rc == MP_OK; i++)
        rc = show_all(&n, &d, usual[i], &err);
    if (rc == MP_OK && d.count > 0)
        rc = show_activations(&n, &d, &err);
    if (rc < 0)
        fprintf(stderr, "%s\n", mp_error_text(&err, text, sizeof text));
    mp_preprocess_release(&p);
    mp_dataset_release(&d);
    mp_network_release(&n);
    return rc < 0;
}
