#include "reports/internal.h"

#include <stdlib.h>
#include <string.h>

/* Everything as text first: widths are known only then. */
struct grid {
    size_t columns, rows;  /* rows counts the lines of headings and units */
    struct mp_text *cells; /* cells[row * columns + column] */
    size_t *widths;
};

/* Headings of several words are broken into lines, the last one just above the units. */
enum { HEADING_LINES = 3, UNIT_LINE = HEADING_LINES, FIRST_ROW };

/* Characters, not bytes: alignment of names that are not ASCII. */
static size_t width_of(const struct mp_text *t)
{
    size_t width = 0;
    for (size_t i = 0; i < t->size; i++)
        width += ((unsigned char)t->data[i] & 0xc0) != 0x80;
    return width;
}

/* A name from a file must not steer the terminal. */
static void add_printable(struct mp_text *out, const struct mp_text *t)
{
    for (size_t i = 0; i < t->size; i++) {
        unsigned char c = (unsigned char)t->data[i];
        mp_text_add_bytes(out, c < 0x20 || c == 0x7f ? "?" : &t->data[i], 1);
    }
}

/* Break words into lines of up to `width`; returns the number of lines, which may be too many. */
static size_t break_words(const char *words, size_t width, struct mp_text lines[HEADING_LINES])
{
    size_t count = 0;

    while (*words != '\0') {
        size_t length = strcspn(words, " ");
        struct mp_text *line = count > 0 && count <= HEADING_LINES ? &lines[count - 1] : NULL;
        if (line == NULL || line->size + 1 + length > width) {
            if (count++ >= HEADING_LINES)
                return count;
            line = &lines[count - 1];
        } else {
            mp_text_add(line, " ");
        }
        mp_text_add_bytes(line, words, length);
        words += length;
        words += strspn(words, " ");
    }
    return count;
}

static void set_heading(struct grid *g, size_t column, const char *heading)
{
    struct mp_text lines[HEADING_LINES] = {{0}};
    size_t count;

    /* As narrow as the values allow; wider until three lines are enough. */
    for (size_t width = g->widths[column];; width++) {
        for (size_t i = 0; i < HEADING_LINES; i++)
            mp_text_release(&lines[i]);
        count = break_words(heading, width, lines);
        if (count <= HEADING_LINES)
            break;
    }
    for (size_t i = 0; i < count; i++) {
        g->cells[(HEADING_LINES - count + i) * g->columns + column] = lines[i];
        if (width_of(&lines[i]) > g->widths[column])
            g->widths[column] = width_of(&lines[i]);
    }
}

static void grid_init(struct grid *g, const struct mp_report *r)
{
    g->columns = r->column_count;
    g->rows = r->row_count + FIRST_ROW;
    g->cells = mp_alloc(g->rows * g->columns + 1, sizeof *g->cells);
    g->widths = mp_alloc(g->columns + 1, sizeof *g->widths);
    for (size_t column = 0; column < g->columns; column++) {
        struct mp_column_style style;
        mp_report_style(r, column, &style);
        mp_text_add(&g->cells[UNIT_LINE * g->columns + column], style.unit);
        for (size_t row = 0; row < r->row_count; row++)
            mp_report_cell(r, row, column, &style,
                           &g->cells[(FIRST_ROW + row) * g->columns + column]);
        for (size_t row = 0; row < g->rows; row++) {
            size_t width = width_of(&g->cells[row * g->columns + column]);
            if (width > g->widths[column])
                g->widths[column] = width;
        }
        set_heading(g, column, r->columns[column].heading);
    }
}

static void grid_release(struct grid *g)
{
    for (size_t i = 0; i < g->rows * g->columns; i++)
        mp_text_release(&g->cells[i]);
    free(g->cells);
    free(g->widths);
}

static void add_repeated(struct mp_text *out, const char *s, size_t count)
{
    for (size_t i = 0; i < count; i++)
        mp_text_add(out, s);
}

static void add_line(struct mp_text *out, const struct grid *g, size_t row,
                     const struct mp_report *r)
{
    size_t pending = 0;
    for (size_t column = 0; column < g->columns; column++) {
        const struct mp_text *cell = &g->cells[row * g->columns + column];
        size_t padding = g->widths[column] - width_of(cell);
        bool left = r->columns[column].kind == MP_COLUMN_TEXT;
        if (!left)
            pending += padding;
        /* Blanks are written when something follows: no line ends in one. */
        if (cell->size > 0) {
            add_repeated(out, " ", pending);
            pending = 0;
            add_printable(out, cell);
        }
        pending += (left ? padding : 0) + 2;
    }
    mp_text_add(out, "\n");
}

static bool is_empty(const struct grid *g, size_t line)
{
    for (size_t column = 0; column < g->columns; column++)
        if (g->cells[line * g->columns + column].size > 0)
            return false;
    return true;
}

void mp_render_text(const struct mp_report *r, struct mp_text *out)
{
    struct grid g;
    grid_init(&g, r);
    if (*r->title)
        mp_text_printf(out, "%s\n\n", r->title);
    if (g.columns > 0) {
        for (size_t line = 0; line <= UNIT_LINE; line++)
            if (!is_empty(&g, line))
                add_line(out, &g, line, r);
        for (size_t column = 0; column < g.columns; column++) {
            add_repeated(out, " ", column > 0 ? 2 : 0);
            add_repeated(out, "-", g.widths[column]);
        }
        mp_text_add(out, "\n");
    }
    for (size_t row = FIRST_ROW; row < g.rows; row++)
        add_line(out, &g, row, r);
    if (r->row_count == 0)
        mp_text_add(out, "(no rows)\n");
    for (size_t i = 0; i < r->note_count; i++)
        mp_text_printf(out, "%s%s\n", i == 0 ? "\n" : "", r->notes[i]);
    grid_release(&g);
}
