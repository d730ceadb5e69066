/*
 * Adder trees by name: columns of any height to two bits a column. To add one: write
 * netlists/tree_NAME.c with a `const struct mp_tree mp_tree_NAME`, name it here, in tree.c and in
 * meson.build.
 */
#ifndef MP_NETLISTS_TREE_H
#define MP_NETLISTS_TREE_H

#include "netlists/columns.h"

struct mp_tree {
    const char *name;    /* "dadda" */
    const char *summary; /* one line for --help and docs */
    void (*reduce)(struct mp_graph *g, struct mp_columns *c);
};

extern const struct mp_tree mp_tree_array, mp_tree_wallace, mp_tree_dadda, mp_tree_tdm,
    mp_tree_compressor;

size_t mp_tree_count(void);
const struct mp_tree *mp_tree_at(size_t index);
/* NULL: there is none of that name. */
const struct mp_tree *mp_tree_find(const char *name);

/* The same rounds: mp_columns_begin, the tree, at most two bits a column. */
void mp_tree_reduce(struct mp_graph *g, const struct mp_tree *tree, struct mp_columns *c);

#endif
