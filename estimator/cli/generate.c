#include "estimator/cli/commands.h"
#include "estimator/util/file.h"
#include <stdio.h>

static int parse_design(struct mp_design *d, const char *weight, const char *activation,
                        const char *unit, const char *multiplier, uint64_t accumulator_bits,
                        struct mp_error *err)
{
    int rc;

    if (weight == NULL || activation == NULL)
        return mp_fail(err, MP_E_USAGE,
                       "--weight and --activation are needed, e.g. --weight e4m2 "
                       "--activation uint8");
    if (accumulator_bits > 128)
        return mp_fail(err, MP_E_USAGE, "--accumulator-bits: at most 128");
    *d = (struct mp_design){.unit = MP_UNIT_MULTIPLIER,
                            .multiplier = multiplier,
                            .accumulator_bits = (unsigned)accumulator_bits};
    if ((rc = mp_format_parse(&d->weight, weight, err)) < 0 ||
        (rc = mp_format_parse(&d->activation, activation, err)) < 0 ||
        (unit != NULL && (rc = mp_unit_parse(&d->unit, unit, err)) < 0))
        return rc;
    return mp_design_resolve(d, err);
}

static int run(const struct mp_command *command, int argc, char **argv, struct mp_error *err)
{
    const char *weight = NULL, *activation = NULL, *unit = NULL, *multiplier = NULL;
    const char *output = "-", *yosys = NULL;
    bool help = false, check = false, reference = false;
    uint64_t accumulator_bits = 0;
    const struct mp_option options[] = {
        {"weight", "FORMAT", MP_OPTION_TEXT, &weight, "int<W>, uint<W>, e<E>m<M> or e<E>m<M>z"},
        {"activation", "FORMAT", MP_OPTION_TEXT, &activation, "int<W> or uint<W>"},
        {"unit", "UNIT", MP_OPTION_TEXT, &unit, "multiplier (default) or mac"},
        {"multiplier", "NAME", MP_OPTION_TEXT, &multiplier,
         "architecture, see `macppa doctor` (default: dadda)"},
        {"accumulator-bits", "N", MP_OPTION_COUNT, &accumulator_bits,
         "mac: width (default: enough for 1024 terms)"},
        {"check", NULL, MP_OPTION_FLAG, &check, "prove the Verilog against the golden model"},
        {"reference", NULL, MP_OPTION_FLAG, &reference, "write the behavioural reference instead"},
        {"output", "FILE", MP_OPTION_TEXT, &output, "where to write (default: stdout)"},
        {"yosys", "PATH", MP_OPTION_TEXT, &yosys, "this Yosys for --check"},
    };
    struct mp_option_list arguments;
    struct mp_design d;
    struct mp_tools tools = {0};
    struct mp_text verilog = {0};
    char proof[96], name[MP_DESIGN_NAME_SIZE];
    int rc = mp_options_parse(command, options, sizeof options / sizeof *options, argc, argv,
                              &arguments, &help, err);

    if (rc < 0 || help)
        return rc;
    if (arguments.count > 0)
        return mp_fail(err, MP_E_USAGE, "unexpected argument `%s`", arguments.items[0]);
    if (check && reference)
        return mp_fail(err, MP_E_USAGE, "--check proves the structural design, not --reference");
    mp_cli_catch_signals();
    if ((rc = parse_design(&d, weight, activation, unit, multiplier, accumulator_bits, err)) < 0 ||
        (check && (rc = mp_tools_find_yosys(&tools, yosys, err)) < 0))
        goto out;
    rc = reference
             ? mp_design_reference(&d, &verilog, err)
             : mp_pipeline_generate(&d, check ? &tools : NULL, &verilog, proof, sizeof proof, err);
    if (rc < 0 || (rc = mp_file_write(output, verilog.data, verilog.size, err)) < 0)
        goto out;
    if (check)
        fprintf(stderr, "%s: equal to the golden model (%s)\n", mp_design_name(&d, name), proof);
out:
    mp_text_release(&verilog);
    mp_tools_release(&tools);
    return rc;
}

const struct mp_command mp_command_generate = {
    "generate", NULL, "write the Verilog of one design, proven if asked",
    "Writes structural Verilog-2001 of a multiplier or MAC with registered operands and result.\n"
    "With --check the text is elaborated by Yosys and every operand combination (above 2^24 of\n"
    "them: corners and random ones) is compared with the golden model; nothing is written when\n"
    "they differ.\n\n"
    "  macppa generate --weight e4m2 --activation uint8 --unit multiplier --check -o mul.v",
    run};
