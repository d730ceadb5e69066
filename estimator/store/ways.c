/* What hangs on a way to a netlist: its runs, its front, and what others reach. */
#include "estimator/store/internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void mp_ppa_run_init(struct mp_ppa_run *r)
{
    *r = (struct mp_ppa_run){
        .power_w = NAN, .glitch_w = NAN, .evaluations = MP_UNKNOWN_COUNT, .wall_s = 0};
}

static int insert_run(struct mp_store *s, int64_t ppa, uint32_t index, const struct mp_ppa_run *r,
                      struct mp_error *err)
{
    struct mp_bound b;
    mp_bound_init(&b, s, MP_SQL_INSERT_PPA_RUN, "run of a PPA point", err);
    mp_bind_id(&b, ppa);
    mp_bind_count(&b, "run_index", index);
    mp_bind_bits(&b, r->seed);
    mp_bind_real(&b, "area_um2", r->area_um2);
    mp_bind_real(&b, "critical_path_s", r->critical_path_s);
    mp_bind_known_real(&b, "power_w", r->power_w);
    mp_bind_known_real(&b, "glitch_w", r->glitch_w);
    mp_bind_known_count(&b, "evaluations", r->evaluations);
    mp_bind_real(&b, "wall_s", r->wall_s);
    return mp_bound_run(&b);
}

static int insert_front(struct mp_store *s, int64_t ppa, uint32_t place,
                        const struct mp_front_point *p, struct mp_error *err)
{
    unsigned char *netlist = NULL;
    size_t size = 0;
    struct mp_bound b;
    if (!p->netlist)
        return mp_fail(err, MP_E_DATABASE,
                       "%s: point of a front: netlist is missing; the result is not stored",
                       s->path);
    int rc = mp_blob_compress(p->netlist, &netlist, &size, err);
    if (rc != MP_OK)
        return rc;
    mp_bound_init(&b, s, MP_SQL_INSERT_FRONT, "point of a front", err);
    mp_bind_id(&b, ppa);
    mp_bind_count(&b, "place", place);
    mp_bind_bits(&b, p->seed);
    mp_bind_real(&b, "area_um2", p->area_um2);
    mp_bind_real(&b, "critical_path_s", p->critical_path_s);
    mp_bind_known_real(&b, "power_w", p->power_w);
    mp_bind_count(&b, "confirmed", p->is_confirmed);
    mp_bind_text(&b, "proof_netlist", p->proof_netlist);
    mp_bind_count(&b, "netlist_bytes", strlen(p->netlist));
    mp_bind_blob(&b, netlist, size);
    rc = mp_bound_run(&b);
    free(netlist);
    return rc;
}

int mp_store_put_runs(struct mp_store *s, int64_t ppa, const struct mp_ppa_record *r,
                      struct mp_error *err)
{
    int rc = MP_OK;
    for (uint32_t i = 0; rc == MP_OK && i < r->run_count; i++)
        rc = insert_run(s, ppa, i, &r->runs[i], err);
    for (uint32_t i = 0; rc == MP_OK && i < r->front_count; i++)
        rc = insert_front(s, ppa, i, &r->front[i], err);
    return rc;
}

static int put_peer(struct mp_store *s, const struct mp_peer_record *r, struct mp_error *err)
{
    struct mp_bound b;
    mp_bound_init(&b, s, MP_SQL_PUT_PEER, "peer", err);
    mp_bind_text(&b, "peer", r->peer);
    mp_bind_text(&b, "library", r->library);
    mp_bind_text(&b, "unit", r->unit);
    mp_bind_text(&b, "weight_format", r->weight_format);
    mp_bind_text(&b, "activation_format", r->activation_format);
    mp_bind_count(&b, "accumulator_bits", r->accumulator_bits);
    mp_bind_count(&b, "terms", r->terms > 0 ? r->terms : 1);
    mp_bind_count(&b, "registers", !r->is_combinational);
    mp_bind_real(&b, "area_um2", r->area_um2);
    mp_bind_real(&b, "critical_path_s", r->critical_path_s);
    mp_bind_known_real(&b, "power_w", r->power_w);
    mp_bind_known_count(&b, "runs", r->runs > 0 ? r->runs : MP_UNKNOWN_COUNT);
    mp_bind_known_real(&b, "median_area_path", r->median_area_path);
    mp_bind_known_real(&b, "worst_area_path", r->worst_area_path);
    return mp_bound_run(&b);
}

int mp_store_put_peers(struct mp_store *s, const struct mp_peer_record *records, size_t count,
                       struct mp_error *err)
{
    pthread_mutex_lock(&s->mutex);
    int rc = mp_store_begin(s, err);
    if (rc == MP_OK) {
        for (size_t i = 0; rc == MP_OK && i < count; i++)
            rc = put_peer(s, &records[i], err);
        rc = mp_store_end(s, rc, err);
    }
    pthread_mutex_unlock(&s->mutex);
    return rc;
}
