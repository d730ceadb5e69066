#include "reports/internal.h"

#include <string.h>

/* Escape what would be markup; a cell is one line. */
static void add_escaped(struct mp_text *out, const char *s)
{
    for (; *s; s++) {
        unsigned char c = (unsigned char)*s;
        if (strchr("|\\<*`[", *s))
            mp_text_add(out, "\\");
        mp_text_add_bytes(out, c < 0x20 || c == 0x7f ? " " : s, 1);
    }
}

static void add_heading(struct mp_text *out, const struct mp_column *c,
                        const struct mp_column_style *style)
{
    mp_text_add(out, "| ");
    add_escaped(out, c->heading);
    if (*style->unit)
        mp_text_printf(out, " (%s)", style->unit);
    mp_text_add(out, " ");
}

static void add_table(const struct mp_report *r, const struct mp_column_style *styles,
                      struct mp_text *out)
{
    for (size_t i = 0; i < r->column_count; i++)
        add_heading(out, &r->columns[i], &styles[i]);
    mp_text_add(out, "|\n");
    for (size_t i = 0; i < r->column_count; i++)
        mp_text_add(out, r->columns[i].kind == MP_COLUMN_TEXT ? "| --- " : "| ---: ");
    mp_text_add(out, "|\n");
    for (size_t row = 0; row < r->row_count; row++) {
        for (size_t i = 0; i < r->column_count; i++) {
            struct mp_text cell = {0};
            mp_report_cell(r, row, i, &styles[i], &cell);
            mp_text_add(out, "| ");
            add_escaped(out, cell.data ? cell.data : "");
            mp_text_add(out, " ");
            mp_text_release(&cell);
        }
        mp_text_add(out, "|\n");
    }
}

void mp_render_markdown(const struct mp_report *r, struct mp_text *out)
{
    struct mp_arena arena = {0};
    struct mp_column_style *styles = mp_arena_alloc(&arena, (r->column_count + 1) * sizeof *styles);
    for (size_t i = 0; i < r->column_count; i++)
        mp_report_style(r, i, &styles[i]);
    if (*r->title) {
        mp_text_add(out, "## ");
        add_escaped(out, r->title);
        mp_text_add(out, "\n\n");
    }
    if (r->column_count > 0)
        add_table(r, styles, out);
    if (r->row_count == 0)
        mp_text_add(out, "\n(no rows)\n");
    for (size_t i = 0; i < r->note_count; i++) {
        mp_text_add(out, i == 0 ? "\n- " : "- ");
        add_escaped(out, r->notes[i]);
        mp_text_add(out, "\n");
    }
    mp_arena_release(&arena);
}
