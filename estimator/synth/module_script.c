#include "estimator/synth/module_parts.h"

#include "estimator/synth/script.h"

#include <ctype.h>
#include <string.h>

static bool is_word(const char *s, const char *also)
{
    if (*s == '\0')
        return false;
    for (; *s != '\0'; s++)
        if (!isalnum((unsigned char)*s) && strchr(also, *s) == NULL)
            return false;
    return true;
}

/* What Yosys takes for a parameter and is a value: 12, 8'hff, 'sd3; no x or z, nothing below 0. */
static bool is_constant(const char *s)
{
    static const char digits[] = "0123456789_";
    const char *of_base;

    s += strspn(s, digits);
    if (*s != '\'')
        return *s == '\0';
    s++;
    if (*s == 's' || *s == 'S')
        s++;
    switch (*s) {
    case 'b':
    case 'B':
        of_base = "01_";
        break;
    case 'o':
    case 'O':
        of_base = "01234567_";
        break;
    case 'd':
    case 'D':
        of_base = digits;
        break;
    case 'h':
    case 'H':
        of_base = "0123456789abcdefABCDEF_";
        break;
    default:
        return false;
    }
    s++;
    return *s != '\0' && s[strspn(s, of_base)] == '\0';
}

bool mp_module_is_plain(const char *name, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (!isalnum((unsigned char)name[i]) && strchr("_$.", name[i]) == NULL)
            return false;
    return size > 0;
}

int mp_module_check_words(const struct mp_module_job *job, struct mp_error *err)
{
    if (job->file_count == 0)
        return mp_fail(err, MP_E_USAGE, "no Verilog file was given");
    if (job->top != NULL && !mp_module_is_plain(job->top, strlen(job->top)))
        return mp_fail(err, MP_E_USAGE,
                       "\"%s\" cannot be the name of the top: letters, digits, _ and $ only",
                       job->top);
    for (size_t i = 0; i < job->parameter_count; i++)
        if (!is_word(job->parameters[i].name, "_$") || job->parameters[i].value == NULL ||
            job->parameters[i].value[0] == '\0' || !is_constant(job->parameters[i].value))
            return mp_fail(
                err, MP_E_USAGE,
                "parameter %s=%s: an integer or a sized constant like 8'hff is expected, "
                "not below 0",
                job->parameters[i].name,
                job->parameters[i].value != NULL ? job->parameters[i].value : "");
    for (size_t i = 0; i < job->define_count; i++)
        if (!is_word(job->defines[i].name, "_$") ||
            (job->defines[i].value != NULL && !is_word(job->defines[i].value, "_'-.$")))
            return mp_fail(
                err, MP_E_USAGE, "definition %s=%s: a name and a value without blanks are expected",
                job->defines[i].name, job->defines[i].value != NULL ? job->defines[i].value : "");
    return MP_OK;
}

static void add_sources(struct mp_text *out, const struct mp_module_work *w, const char *option)
{
    for (size_t i = 0; i < w->job->file_count; i++) {
        const char *path = w->job->files[i].path;
        size_t n = strlen(path);
        bool sv = n > 3 && strcmp(path + n - 3, ".sv") == 0;
        mp_text_printf(out, "read_verilog %s%s", sv ? "-sv " : "", option);
        for (size_t k = 0; k < w->include_count; k++)
            mp_text_printf(out, " -Iinclude%zu", k);
        for (size_t k = 0; k < w->job->define_count; k++) {
            const struct mp_module_setting *d = &w->job->defines[k];
            mp_text_printf(out, " -D%s%s%s", d->name, d->value != NULL ? "=" : "",
                           d->value != NULL ? d->value : "");
        }
        mp_text_printf(out, " source%zu.%s\n", i, sv ? "sv" : "v");
    }
}

/* JSON cannot hold processes. */
static void add_json(struct mp_text *out, const char *name)
{
    mp_text_printf(out, "design -push-copy\ndelete */p:*\nwrite_json %s\ndesign -pop\n", name);
}

void mp_module_list_script(struct mp_text *out, const struct mp_module_work *w)
{
    add_sources(out, w, "");
    add_json(out, "listed.json");
    mp_text_printf(out, "log %s\n", MP_SYNTH_MARK_END);
}

/* Modules are read when they are used (-defer), with the parameters they are used with: the
 * defaults of a module need not make sense. */
void mp_module_parse_script(struct mp_text *out, const struct mp_module_work *w)
{
    add_sources(out, w, "-defer");
    mp_text_printf(out, "hierarchy -top %s", w->top);
    for (size_t i = 0; i < w->job->parameter_count; i++)
        mp_text_printf(out, " -chparam %s %s", w->job->parameters[i].name,
                       w->job->parameters[i].value);
    mp_text_add(out, "\nsetattr -mod -unset keep_hierarchy *\n");
    add_json(out, "parsed.json");
    mp_text_printf(out,
                   "proc\nwrite_rtlil raw.il\ndesign -push-copy\nflatten\nopt_clean\n"
                   "write_json flat.json\ndesign -pop\nhierarchy -check -top %s\nlog %s\n",
                   w->top, MP_SYNTH_MARK_END);
}

/* The netlist of gates is what the Verilog says; design.il gets what Yosys's own `synth` does with
 * words, sharing by SAT left out. Undefined values become 0 before they part, so that both agree.
 */
void mp_module_gates_script(struct mp_text *out, const char *input, const char *top, bool flat,
                            bool wrapped)
{
    mp_text_printf(out, "read_rtlil %s\n%shierarchy -check -top %s\nproc\nchformal -remove\n",
                   input, wrapped ? "read_verilog wrapper.v\n" : "", top);
    mp_text_printf(out,
                   "opt_expr -mux_undef\nopt_clean\nmemory\nsetundef -zero\n"
                   "setattr -set init 65536'b0 w:* a:init %%i\n"
                   "design -save words\nflatten\ntechmap\nsimplemap\nopt_clean\n"
                   "write_json gates.json\n"
                   "splitnets\nopt_clean\nwrite_verilog -noattr -noexpr elaborated.v\n"
                   "design -load words\n%sopt_expr\nopt_clean\nopt -nodffe -nosdff\nwreduce\n"
                   "peepopt\nopt_clean\nalumacc\nopt\nopt_clean\nwrite_rtlil design.il\nlog %s\n",
                   flat ? "flatten\n" : "", MP_SYNTH_MARK_END);
}
