#include "estimator/pipeline/pipeline.h"
#include "estimator/synth/yosys.h"
#include "estimator/timing/opensta.h"
#include "estimator/util/file.h"
#include "estimator/util/process.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef MP_VERSION
#error "MP_VERSION comes from meson.build"
#endif
#ifndef MP_GIT_COMMIT
#define MP_GIT_COMMIT ""
#endif

static int find(char **out, const char *given, const char *variable, const char *name,
                const char *package, struct mp_error *err)
{
    const char *from_env = getenv(variable);
    const char *wanted = given != NULL                             ? given
                         : from_env != NULL && from_env[0] != '\0' ? from_env
                                                                   : name;

    *out = mp_process_find(wanted, err);
    if (*out == NULL)
        return mp_fail(err, MP_E_NOT_FOUND,
                       "program `%s` was not found: install Debian's package %s, or set %s", wanted,
                       package, variable);
    if (**out != '/') {
        /* Tools run in folders of their own. */
        char *here = realpath(".", NULL), *full = mp_path_join(here != NULL ? here : ".", *out);
        free(here);
        free(*out);
        *out = full;
    }
    return MP_OK;
}

int mp_tools_find_yosys(struct mp_tools *t, const char *yosys, struct mp_error *err)
{
    int rc = find(&t->yosys, yosys, "MACPPA_YOSYS", "yosys", "yosys", err);

    if (rc < 0)
        return rc;
    if (gethostname(t->host, sizeof t->host - 1) != 0)
        t->host[0] = '\0';
    return mp_yosys_version(t->yosys, t->yosys_version, sizeof t->yosys_version, err);
}

int mp_tools_find(struct mp_tools *t, const char *yosys, const char *opensta, struct mp_error *err)
{
    int rc = mp_tools_find_yosys(t, yosys, err);

    if (rc < 0 || (rc = find(&t->opensta, opensta, "MACPPA_STA", "sta", "opensta", err)) < 0)
        return rc;
    return mp_opensta_version(t->opensta, t->opensta_version, sizeof t->opensta_version, err);
}

void mp_tools_release(struct mp_tools *t)
{
    free(t->yosys);
    free(t->opensta);
    memset(t, 0, sizeof *t);
}

void mp_tools_context(const struct mp_tools *t, struct mp_store_context *c)
{
    c->macppa_version = MP_VERSION;
    c->git_commit = MP_GIT_COMMIT;
    c->host = t->host;
    c->yosys_version = t->yosys_version;
    c->opensta_version = t->opensta_version;
    c->generator_version = MP_GENERATOR_VERSION;
    c->recipe_version = MP_SYNTH_RECIPE_VERSION;
}
