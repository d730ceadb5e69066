#include "estimator/util/number.h"
#include "reports/internal.h"

#include <string.h>

/* RFC 4180, section 2: quoted where needed, quotes doubled. */
static void add_field(struct mp_text *out, const char *s)
{
    size_t length = strlen(s);
    bool quoted = strpbrk(s, ",\"\r\n") || (length > 0 && (s[0] == ' ' || s[length - 1] == ' '));
    if (!quoted) {
        mp_text_add(out, s);
        return;
    }
    mp_text_add(out, "\"");
    for (; *s; s++)
        mp_text_add_bytes(out, *s == '"' ? "\"\"" : s, *s == '"' ? 2 : 1);
    mp_text_add(out, "\"");
}

static void add_value(struct mp_text *out, const struct mp_value *v, enum mp_column_kind kind)
{
    char number[40];
    if (v->is_null)
        return;
    if (kind == MP_COLUMN_TEXT)
        add_field(out, v->text);
    else if (kind == MP_COLUMN_INTEGER)
        mp_text_printf(out, "%.0f", v->number);
    else
        mp_text_add(out, mp_print_double(v->number, number, sizeof number));
}

void mp_render_csv(const struct mp_report *r, struct mp_text *out)
{
    if (r->column_count == 0)
        return;
    for (size_t column = 0; column < r->column_count; column++) {
        mp_text_add(out, column > 0 ? "," : "");
        add_field(out, r->columns[column].key);
    }
    mp_text_add(out, "\r\n");
    for (size_t row = 0; row < r->row_count; row++) {
        for (size_t column = 0; column < r->column_count; column++) {
            mp_text_add(out, column > 0 ? "," : "");
            add_value(out, &r->cells[row * r->column_count + column], r->columns[column].kind);
        }
        mp_text_add(out, "\r\n");
    }
}
