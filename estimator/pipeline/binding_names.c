#include "estimator/pipeline/bindings.h"
#include <ctype.h>
#include <string.h>

struct known {
    const char *name; /* with '*' at its end: begins with it */
    enum mp_role role;
};
static const struct known known[] = {
    {"a", MP_ROLE_ACTIVATION},      {"x", MP_ROLE_ACTIVATION},      {"act*", MP_ROLE_ACTIVATION},
    {"pixel*", MP_ROLE_ACTIVATION}, {"ifmap*", MP_ROLE_ACTIVATION}, {"b", MP_ROLE_WEIGHT},
    {"w", MP_ROLE_WEIGHT},          {"y", MP_ROLE_WEIGHT},          {"wt*", MP_ROLE_WEIGHT},
    {"weight*", MP_ROLE_WEIGHT},    {"coef*", MP_ROLE_WEIGHT},      {"filter*", MP_ROLE_WEIGHT},
    {"kernel*", MP_ROLE_WEIGHT},    {"first", MP_ROLE_FIRST},       {"clear", MP_ROLE_FIRST},
    {"clr", MP_ROLE_FIRST},         {"start", MP_ROLE_FIRST},       {"init", MP_ROLE_FIRST},
    {"en", MP_ROLE_CONSTANT},       {"ena", MP_ROLE_CONSTANT},      {"enable", MP_ROLE_CONSTANT},
    {"ce", MP_ROLE_CONSTANT},       {"clken", MP_ROLE_CONSTANT},    {"clk_en", MP_ROLE_CONSTANT},
    {"valid", MP_ROLE_CONSTANT},    {"in_valid", MP_ROLE_CONSTANT}, {"valid_in", MP_ROLE_CONSTANT},
};

static bool matches(const char *name, const char *pattern)
{
    size_t n = strlen(pattern);

    if (pattern[n - 1] == '*')
        return strncmp(name, pattern, n - 1) == 0;
    return strcmp(name, pattern) == 0;
}

static bool cut_end(char *name, const char *end)
{
    size_t n = strlen(name), m = strlen(end);

    if (n <= m || strcmp(name + n - m, end) != 0)
        return false;
    name[n - m] = '\0';
    return true;
}

static void cut_start(char *name, const char *start)
{
    size_t m = strlen(start);

    if (strncmp(name, start, m) == 0 && name[m] != '\0')
        memmove(name, name + m, strlen(name + m) + 1);
}

/* rst, aresetn, nrst, ... */
static bool is_reset(const char *name, bool *active_low)
{
    static const char *const stems[] = {"rst",    "reset", "arst", "areset", "srst",
                                        "sreset", "set",   "aset", "preset"};
    static const char *const low[] = {"_ni", "_n", "_b", "n", "b"};
    char stem[64];

    memcpy(stem, name, sizeof stem);
    *active_low = false;
    for (size_t i = 0; i < sizeof low / sizeof *low && !*active_low; i++)
        *active_low = cut_end(stem, low[i]);
    if (!*active_low)
        cut_end(stem, "_i");
    for (unsigned without = 0; without < 2; without++) {
        for (size_t i = 0; i < sizeof stems / sizeof *stems; i++)
            if (strcmp(stem, stems[i]) == 0)
                return true;
        if (stem[0] != 'n')
            break;
        cut_start(stem, stem[1] == '_' ? "n_" : "n");
        *active_low = true;
    }
    return false;
}

void mp_port_name_read(struct mp_port_name *out, const char *name)
{
    char whole[64];
    size_t n = strlen(name), digits = 0;

    *out = (struct mp_port_name){.role = MP_ROLE_NONE};
    if (n >= sizeof whole)
        return;
    memset(whole, 0, sizeof whole);
    for (size_t i = 0; i < n; i++)
        whole[i] = (char)tolower((unsigned char)name[i]);
    memcpy(out->base, whole, sizeof whole);
    if (is_reset(whole, &out->active_low)) {
        out->role = MP_ROLE_RESET;
        return;
    }
    out->active_low = false;
    for (size_t pass = 0; pass < 2 && out->role == MP_ROLE_NONE; pass++) {
        if (pass == 1) { /* the name as it is goes before the name without its trimmings */
            cut_start(out->base, "in_");
            cut_start(out->base, "i_");
            if (!cut_end(out->base, "_i"))
                cut_end(out->base, "_in");
            n = strlen(out->base);
            while (digits < n && digits < 6 && isdigit((unsigned char)out->base[n - 1 - digits]))
                digits++;
            if (digits > 0 && digits < n) {
                for (size_t i = n - digits; i < n; i++)
                    out->number = 10 * out->number + (uint32_t)(out->base[i] - '0');
                out->base[n - digits] = '\0';
                cut_end(out->base, "_");
            }
        }
        for (size_t i = 0; i < sizeof known / sizeof *known && out->role == MP_ROLE_NONE; i++)
            if (matches(out->base, known[i].name))
                out->role = known[i].role;
        if (pass == 0 && strpbrk(whole, "0123456789") != NULL)
            out->role = MP_ROLE_NONE; /* act0: its number counts */
    }
}
