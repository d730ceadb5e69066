#include "estimator/cli/commands.h"
#include "estimator/util/file.h"
#include "netlists/adder.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIXED_OPTIONS = 10, FIELDS_MAX = 24, HELP_SIZE = 200 };

/* What the command line says. */
struct request {
    const char *weight, *activation, *unit, *multiplier, *output, *yosys;
    uint64_t accumulator_bits;
    bool check, reference;
    const char *fields[FIELDS_MAX];   /* by index of mp_design_option_at(); NULL: not given */
    char help[FIELDS_MAX][HELP_SIZE]; /* their lines of --help */
    struct mp_option options[FIXED_OPTIONS + FIELDS_MAX];
    size_t option_count;
};

static int parse_design(struct mp_design *d, const struct request *r, struct mp_error *err)
{
    int rc = MP_OK;

    if (r->weight == NULL || r->activation == NULL)
        return mp_fail(err, MP_E_USAGE,
                       "--weight and --activation are needed, e.g. --weight e4m2 "
                       "--activation uint8");
    if (r->accumulator_bits > 128)
        return mp_fail(err, MP_E_USAGE, "--accumulator-bits: at most 128");
    *d = (struct mp_design){.unit = MP_UNIT_MULTIPLIER,
                            .multiplier = r->multiplier,
                            .accumulator_bits = (unsigned)r->accumulator_bits};
    for (size_t i = 0; i < mp_design_option_count() && rc == MP_OK; i++)
        if (r->fields[i] != NULL)
            rc = mp_design_set(d, mp_design_option_at(i)->name, r->fields[i], err);
    if (rc < 0 || (rc = mp_format_parse(&d->weight, r->weight, err)) < 0 ||
        (rc = mp_format_parse(&d->activation, r->activation, err)) < 0 ||
        (r->unit != NULL && (rc = mp_unit_parse(&d->unit, r->unit, err)) < 0))
        return rc;
    return mp_design_resolve(d, err);
}

/* "where a mac's accumulator is added: adder (default), row, carry-save" */
static void write_field_help(char out[HELP_SIZE], const struct mp_design_option *o)
{
    int n = snprintf(out, HELP_SIZE, "%s", o->summary);

    for (size_t i = 0; i < o->choice_count && n > 0 && n < HELP_SIZE; i++)
        n += snprintf(out + n, HELP_SIZE - (size_t)n, "%s%s%s", i == 0 ? ": " : ", ",
                      o->choices[i].name, i == 0 ? " (default)" : "");
}

static void add_option(struct request *r, struct mp_option option)
{
    r->options[r->option_count++] = option;
}

static void make_options(struct request *r)
{
    const struct mp_option fixed[] = {
        {"weight", "FORMAT", MP_OPTION_TEXT, &r->weight, "number format, see docs/formats.md"},
        {"activation", "FORMAT", MP_OPTION_TEXT, &r->activation, "number format"},
        {"unit", "UNIT", MP_OPTION_TEXT, &r->unit, "multiplier (default) or mac"},
        {"multiplier", "NAME", MP_OPTION_TEXT, &r->multiplier, "architecture, see below"},
        {"accumulator-bits", "N", MP_OPTION_COUNT, &r->accumulator_bits,
         "mac: width (default: enough for 1024 terms)"},
        {"check", NULL, MP_OPTION_FLAG, &r->check, "prove the Verilog against the golden model"},
        {"reference", NULL, MP_OPTION_FLAG, &r->reference,
         "write the behavioural reference instead"},
        {"output", "FILE", MP_OPTION_TEXT, &r->output, "where to write (default: stdout)"},
        {"yosys", "PATH", MP_OPTION_TEXT, &r->yosys, "this Yosys for --check"},
        {"Forms", NULL, MP_OPTION_HEADING, NULL, NULL},
    };

    r->option_count = 0;
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        add_option(r, fixed[i]);
    for (size_t i = 0; i < mp_design_option_count() && i < FIELDS_MAX; i++) {
        const struct mp_design_option *o = mp_design_option_at(i);
        bool is_number = o->choice_count == 0 && o->most > 0;

        write_field_help(r->help[i], o);
        add_option(r, (struct mp_option){o->name, is_number ? "N" : "NAME", MP_OPTION_TEXT,
                                         &r->fields[i], r->help[i]});
    }
}

/* Below the options of --help. */
static void print_tables(void)
{
    printf("\nArchitectures (--multiplier):\n");
    for (size_t i = 0; i < mp_architecture_count(); i++)
        printf("  %-24s %s%s\n", mp_architecture_at(i)->name, mp_architecture_at(i)->summary,
               i == 0 ? " (default)" : "");
    printf("\nAdders (--adder; default: the architecture's):\n");
    for (size_t i = 0; i < mp_adder_count(); i++)
        printf("  %-24s %s\n", mp_adder_at(i)->name, mp_adder_at(i)->summary);
}

/* How far one cycle's sum is from the exact one, where bits are cut. */
static void print_error(const struct mp_design *d)
{
    struct mp_golden_form form = mp_design_golden(d);
    double error = mp_golden_form_error(&form, &d->weight, &d->activation);
    char name[MP_DESIGN_NAME_SIZE];

    if (error > 0)
        fprintf(stderr,
                "%s: a cycle's sum is off by at most %g, which is %g of the result's last bit\n",
                mp_design_name(d, name), error, error / ldexp(1, (int)d->drop_bits));
}

static int write_design(const struct mp_design *d, const struct request *r, struct mp_error *err)
{
    struct mp_tools tools = {0};
    struct mp_text verilog = {0};
    char proof[96], name[MP_DESIGN_NAME_SIZE];
    int rc = r->check ? mp_tools_find_yosys(&tools, r->yosys, err) : MP_OK;

    if (rc < 0)
        goto out;
    rc = r->reference ? mp_design_reference(d, &verilog, err)
                      : mp_pipeline_generate(d, r->check ? &tools : NULL, &verilog, proof,
                                             sizeof proof, err);
    if (rc < 0 || (rc = mp_file_write(r->output, verilog.data, verilog.size, err)) < 0)
        goto out;
    print_error(d);
    if (r->check)
        fprintf(stderr, "%s: equal to the golden model (%s)\n", mp_design_name(d, name), proof);
out:
    mp_text_release(&verilog);
    mp_tools_release(&tools);
    return rc;
}

static int run(const struct mp_command *command, int argc, char **argv, struct mp_error *err)
{
    struct request *r = mp_alloc(1, sizeof *r);
    struct mp_option_list arguments;
    struct mp_design d;
    bool help = false;
    int rc;

    r->output = "-";
    make_options(r);
    rc = mp_options_parse(command, r->options, r->option_count, argc, argv, &arguments, &help, err);
    if (help)
        print_tables();
    if (rc < 0 || help)
        goto out;
    if (arguments.count > 0) {
        rc = mp_fail(err, MP_E_USAGE, "unexpected argument `%s`", arguments.items[0]);
        goto out;
    }
    if (r->check && r->reference) {
        rc = mp_fail(err, MP_E_USAGE, "--check proves the structural design, not --reference");
        goto out;
    }
    mp_cli_catch_signals();
    if ((rc = parse_design(&d, r, err)) == MP_OK)
        rc = write_design(&d, r, err);
out:
    free(r);
    return rc;
}

const struct mp_command mp_command_generate = {
    "generate", NULL, "write the Verilog of one design, proven if asked",
    "Writes structural Verilog-2001 of a multiplier or MAC with registered operands and result.\n"
    "With --check the text is elaborated by Yosys and every operand combination (above 2^24 of\n"
    "them: corners and random ones) is compared with the golden model; nothing is written when\n"
    "they differ.\n\n"
    "  macppa generate --weight e4m2 --activation uint8 --unit multiplier --check -o mul.v\n"
    "  macppa generate --weight int8 --activation int8 --unit mac --multiplier booth4 \\\n"
    "      --adder sklansky --form row --terms 4 --stages 1 --check -o dot4.v",
    run};
