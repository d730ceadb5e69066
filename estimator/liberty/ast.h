/*
 * Liberty syntax: text into a tree of groups and attributes that knows nothing of their meaning.
 *
 *     group:    name (argument, ...) { statement ... }
 *     simple:   name : value ;          the ';' may be missing at the end of a line
 *     complex:  name (argument, ...) ;
 *
 * Nothing is copied: names and values are slices of the text, which must outlive the tree. The
 * nodes are one flat array, linked by index; node 0 is a root whose children are the library
 * groups. Values keep what stood between the quotes as it was, escapes and continuation
 * backslashes included; whoever takes a value apart skips them.
 * Source: Liberty Reference Manual, "General Syntax".
 */
#ifndef MP_LIBERTY_AST_H
#define MP_LIBERTY_AST_H

#include "estimator/util/error.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MP_AST_NONE UINT32_MAX
/* Deepest nesting of groups; real libraries use 5. */
#define MP_AST_DEPTH_LIMIT 32
/* Largest text; nodes and values then stay below about 6 GB in the worst case, and real libraries
 * below 64 MB. */
#define MP_LIBERTY_SIZE_LIMIT ((size_t)256 << 20)

struct mp_slice {
    const char *p;
    uint32_t size;
};

struct mp_ast_value {
    struct mp_slice text; /* without the quotes */
    int line;
    bool quoted;
};

enum mp_ast_kind { MP_AST_GROUP, MP_AST_SIMPLE, MP_AST_COMPLEX };
struct mp_ast_node {
    struct mp_slice name;
    enum mp_ast_kind kind;
    int line;
    uint32_t first_value, value_count; /* in values; a simple attribute has exactly one */
    uint32_t first_child, last_child;  /* groups; MP_AST_NONE: empty */
    uint32_t next;                     /* sibling, MP_AST_NONE: last */
};

struct mp_ast {
    const char *file; /* for messages; borrowed */
    struct mp_ast_node *nodes;
    size_t node_count, node_capacity;
    struct mp_ast_value *values;
    size_t value_count, value_capacity;
};

/* Lexer. Words are runs without blanks and without ( ) { } : ; , " */
enum mp_token_kind {
    MP_TOKEN_END,
    MP_TOKEN_WORD,
    MP_TOKEN_STRING,
    MP_TOKEN_OPEN = '(',
    MP_TOKEN_CLOSE = ')',
    MP_TOKEN_BEGIN = '{',
    MP_TOKEN_FINISH = '}',
    MP_TOKEN_COLON = ':',
    MP_TOKEN_SEMICOLON = ';',
    MP_TOKEN_COMMA = ','
};
struct mp_token {
    enum mp_token_kind kind;
    struct mp_slice text;
    int line;
};
struct mp_lexer {
    const char *p, *end;
    const char *file;
    int line;
};
/* Next token; MP_E_INPUT for an open string or comment and for control characters. */
int mp_lexer_next(struct mp_lexer *lexer, struct mp_token *token, struct mp_error *err);
/* The value of a simple attribute: a string, or everything up to ';', the line's end or '}', which
 * takes unquoted expressions such as `!RN` whole. An empty value is MP_E_INPUT. */
int mp_lexer_value(struct mp_lexer *lexer, struct mp_token *token, struct mp_error *err);

/* Parse all of text; every error carries file and line. Release the tree in either case. */
int mp_ast_parse(struct mp_ast *ast, const char *text, size_t size, const char *file,
                 struct mp_error *err);
void mp_ast_release(struct mp_ast *ast);

/* Slices against C strings. */
bool mp_slice_is(struct mp_slice s, const char *word);
/* The first child of group `node` called name, MP_AST_NONE if there is none. */
uint32_t mp_ast_child(const struct mp_ast *ast, uint32_t node, const char *name);
/* Argument k of a group or complex attribute, or the value of a simple one; NULL: not there. */
const struct mp_ast_value *mp_ast_value(const struct mp_ast *ast, uint32_t node, uint32_t k);
/* The value of simple attribute `name` of a group; NULL: not there. */
const struct mp_ast_value *mp_ast_attribute(const struct mp_ast *ast, uint32_t node,
                                            const char *name);
/* "true" or "TRUE", of an attribute that may be missing (then false). */
bool mp_ast_flag(const struct mp_ast *ast, uint32_t node, const char *name);
/* The value as one number, blanks around it allowed. MP_E_INPUT, located, if it is none. */
int mp_ast_number(const struct mp_ast *ast, const struct mp_ast_value *v, double *out,
                  struct mp_error *err);
/* Parse one number at *p (before end), advance *p behind it; false: no number there or not
 * finite. Exact for up to 15 digits without the C library, which it asks for all others. */
bool mp_slice_scan_number(const char **p, const char *end, double *out);

#endif
