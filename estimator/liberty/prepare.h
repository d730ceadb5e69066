/*
 * Inside mp_library_write_prepared(): prepare.c reads the sources again and chooses the cells,
 * prepare_copy.c copies groups and attributes from the syntax tree. What is copied is on lists of
 * names; the rest (power, wire loads, noise, current sources, checks of pulse width) is left out.
 */
#ifndef MP_LIBERTY_PREPARE_H
#define MP_LIBERTY_PREPARE_H

#include "estimator/liberty/ast.h"
#include "estimator/liberty/library.h"

struct mp_prepare {
    struct mp_text out;
    const struct mp_library *lib;
    const struct mp_ast *ast; /* of the file being copied */
    uint32_t library, file;   /* its library group; its number from 0 */
    /* Units of this file in units of the first; 1: numbers are copied as they are written. */
    double time, capacitance;
    struct mp_error *err;
};

/* The first file's library group, open, with its attributes and operating conditions. */
int mp_prepare_head(struct mp_prepare *w);
int mp_prepare_template(struct mp_prepare *w, uint32_t node);
/* cell: id in w->lib; node: its group. */
int mp_prepare_cell(struct mp_prepare *w, uint32_t cell, uint32_t node);

#endif
