/*
 * YAML files through libcyaml, with errors that carry file and line: what is wrong, which key,
 * and, for an unknown key, which ones there are. Used for library descriptors and experiments.
 *
 *     static const cyaml_schema_value_t schema = {CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, ...)};
 *     struct thing *t = NULL;
 *     if (mp_yaml_load(path, &schema, (void **)&t, err) < 0) ...
 *     mp_yaml_free(&schema, t);
 */
#ifndef MP_LIBS_YAML_LOAD_H
#define MP_LIBS_YAML_LOAD_H

#include "estimator/util/error.h"
#include <cyaml/cyaml.h>

/* Load a file (up to 1 MiB) whose top is one mapping, schema->type CYAML_MAPPING with
 * CYAML_FLAG_POINTER. *out is the caller's, of ordinary allocated memory: mp_yaml_free() with the
 * same schema, or free() part by part. An empty file is MP_E_INPUT. */
int mp_yaml_load(const char *path, const cyaml_schema_value_t *schema, void **out,
                 struct mp_error *err);
/* The same from memory; name is used in messages. */
int mp_yaml_load_text(const char *text, size_t size, const char *name,
                      const cyaml_schema_value_t *schema, void **out, struct mp_error *err);
void mp_yaml_free(const cyaml_schema_value_t *schema, void *data); /* accepts NULL */

/* Line of the first `key:` in text at or behind line `from`, for checks that come after loading;
 * 0: there is none. */
int mp_yaml_key_line(const char *text, const char *key, int from);

#endif
