#include "estimator/netlist/netlist.h"
#include "estimator/netlist/verilog.h"
#include "estimator/util/file.h"
#include <math.h>
#include <string.h>

int mp_netlist_read_text(struct mp_netlist *n, const struct mp_library *library, const char *text,
                         size_t size, const char *file_name, const char *top, struct mp_error *err)
{
    struct mp_verilog v = {0};
    memset(n, 0, sizeof *n);
    int rc = mp_verilog_parse(&v, text, size, file_name, err);
    if (rc == MP_OK)
        rc = mp_verilog_flatten(n, library, &v, top, err);
    mp_verilog_release(&v);
    if (rc < 0)
        mp_netlist_release(n);
    else
        n->clock_net = MP_NONE;
    return rc;
}

int mp_netlist_read(struct mp_netlist *n, const struct mp_library *library, const char *path,
                    const char *top, struct mp_error *err)
{
    struct mp_text text = {0};
    memset(n, 0, sizeof *n);
    int rc = mp_file_read(&text, path, (size_t)256 << 20, err);
    if (rc == MP_OK)
        rc =
            mp_netlist_read_text(n, library, text.data ? text.data : "", text.size, path, top, err);
    mp_text_release(&text);
    return rc;
}

void mp_netlist_release(struct mp_netlist *n)
{
    mp_arena_release(&n->arena);
    memset(n, 0, sizeof *n);
}

uint32_t mp_netlist_port(const struct mp_netlist *n, const char *name)
{
    for (uint32_t i = 0; i < n->port_count; i++)
        if (strcmp(n->ports[i].name, name) == 0)
            return i;
    return MP_NONE;
}

double mp_netlist_area_um2(const struct mp_netlist *n)
{
    double area = 0;
    for (uint32_t c = 0; c < n->cell_count; c++)
        area += mp_netlist_cell_area_um2(n, c);
    return area;
}

double mp_netlist_cell_area_um2(const struct mp_netlist *n, uint32_t cell)
{
    double area = n->library->cells[n->cell_type[cell]].area_um2;
    return isnan(area) ? 0 : area;
}

double mp_netlist_load_f(const struct mp_netlist *n, uint32_t net, const double *wire_cap_f)
{
    double load = wire_cap_f ? wire_cap_f[net] : 0;
    for (uint32_t i = n->net_fanout_first[net]; i < n->net_fanout_first[net + 1]; i++) {
        uint32_t p = n->net_fanout[i], c = n->pin_cell[p];
        const struct mp_lib_cell *cell = &n->library->cells[n->cell_type[c]];
        const struct mp_lib_pin *pin =
            &n->library->pins[cell->first_pin + (p - n->cell_first_pin[c])];
        load += 0.5 * (pin->rise_capacitance_f + pin->fall_capacitance_f);
    }
    return load;
}

const char *mp_netlist_clock_port(const struct mp_netlist *n)
{
    for (uint32_t k = 0; n->clock_net != MP_NONE && k < n->port_count; k++)
        if (n->ports[k].direction == MP_DIR_INPUT && n->ports[k].width == 1 &&
            n->ports[k].nets[0] == n->clock_net)
            return n->ports[k].name;
    return NULL;
}
