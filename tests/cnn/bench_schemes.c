/* How long it takes to choose the scales of a scheme, and what accuracy comes out. Not a test:
 *
 *     bench_cnn_schemes PROTOTXT CAFFEMODEL IMAGES [FORMAT...]
 *
 * prints a line a weight format, scope and calibration, with float32 activations, then one an
 * activation format with float32 weights. IMAGES 0: times of the weights alone. */
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

static int open_part(struct mp_dataset *d, const struct mp_network *n, const char *path,
                     struct mp_split split, struct mp_error *err)
{
    struct mp_image_options o = {.path = path, .split = split};
    struct mp_preprocess p = MP_PREPROCESS_INIT;
    int rc = mp_preprocess_set(&p, "preset", "caffe", err);

    if (rc == MP_OK)
        rc = mp_dataset_open_images(d, &o, &p, &n->shapes[n->input_tensor], err);
    mp_preprocess_release(&p);
    return rc;
}

static int show_activation(const struct mp_network *n, const struct mp_calibration_data *c,
                           const struct mp_dataset *d, const struct mp_scheme *s,
                           struct mp_error *err)
{
    struct mp_quantisation q = {0};
    struct mp_accuracy a = {0, 0, 0};
    char name[MP_FORMAT_NAME_SIZE], how[MP_CALIBRATION_NAME_SIZE];
    double start = mp_clock_s();
    int rc = mp_quantisation_make(&q, n, s, c, err);
    double made = mp_clock_s();

    if (rc == MP_OK)
        rc = mp_network_accuracy(&a, n, &q, d, 0, err);
    if (rc == MP_OK)
        printf("activations %-8s %-8s %-16s %4u %4u of %u, made in %.3f s\n",
               mp_format_name(&s->activation, name), mp_scope_name(s->activation_scope),
               mp_calibration_name(&s->activation_calibration, how), a.top1, a.top5, a.images,
               made - start);
    fflush(stdout);
    mp_quantisation_release(&q);
    return rc;
}

/* Activations with float32 weights, calibrated on every sixth image, scored on the others. */
static int show_activations(const struct mp_network *n, const char *path, struct mp_error *err)
{
    static const char *const formats[] = {"float32", "fixed8", "fixed7", "fixed6"};
    static const char *const calibrations[] = {"mse", "max", "percentile:99.9"};
    struct mp_calibration_data c = {0};
    struct mp_dataset apart = {0}, kept = {0};
    struct mp_scheme s = MP_SCHEME_INIT;
    int rc = open_part(&apart, n, path, (struct mp_split){6, MP_PART_SET_APART}, err);

    if (rc == MP_OK)
        rc = open_part(&kept, n, path, (struct mp_split){6, MP_PART_KEPT}, err);
    double start = mp_clock_s();
    if (rc == MP_OK)
        rc = mp_calibration_data_collect(&c, n, &apart, apart.count, 0, err);
    printf("collected in %.2f s\n", mp_clock_s() - start);
    for (size_t f = 0; f < 4 && rc == MP_OK; f++)
        for (int scope = 0; scope < (f == 0 ? 1 : 2) && rc == MP_OK; scope++)
            for (size_t k = 0; k < (f == 0 ? 1 : 3) && rc == MP_OK; k++) {
                s.activation_scope = (enum mp_scope)scope;
                rc = mp_format_parse(&s.activation, formats[f], err);
                if (rc == MP_OK)
                    rc = mp_calibration_parse(&s.activation_calibration, calibrations[k], err);
                if (rc == MP_OK)
                    rc = show_activation(n, &c, &kept, &s, err);
            }
    mp_calibration_data_release(&c);
    mp_dataset_release(&apart);
    mp_dataset_release(&kept);
    return rc;
}

int main(int argc, char **argv)
{
    static const char *const usual[] = {"int8", "e4m3", "int6"};
    struct mp_network n = {0};
    struct mp_dataset d = {0};
    struct mp_error err = MP_ERROR_INIT;
    char text[1400];

    if (argc < 4) {
        printf("bench_cnn_schemes PROTOTXT CAFFEMODEL IMAGES [FORMAT...]\n");
        return 0;
    }
    struct mp_network_source source = {.weights = argv[2], .missing = MP_MISSING_CUT};
    int rc = mp_network_read(&n, argv[1], &source, &err);
    bool has_images = strcmp(argv[3], "0") != 0;
    if (rc == MP_OK && has_images)
        rc = open_part(&d, &n, argv[3], (struct mp_split){0}, &err);
    for (int i = 4; i < argc && rc == MP_OK; i++)
        rc = show_all(&n, &d, argv[i], &err);
    for (size_t i = 0; argc == 4 && i < sizeof usual / sizeof *usual && rc == MP_OK; i++)
        rc = show_all(&n, &d, usual[i], &err);
    if (rc == MP_OK && has_images)
        rc = show_activations(&n, argv[3], &err);
    if (rc < 0)
        fprintf(stderr, "%s\n", mp_error_text(&err, text, sizeof text));
    mp_dataset_release(&d);
    mp_network_release(&n);
    return rc < 0;
}
