#include "estimator/store/internal.h"

#include <math.h>
#include <string.h>

/* ON CONFLICT ... DO NOTHING and never OR IGNORE, which would swallow failed CHECKs as well. */
static const char *const texts[MP_SQL_STATEMENTS] = {
    [MP_SQL_BEGIN] = "BEGIN IMMEDIATE",
    [MP_SQL_COMMIT] = "COMMIT",
    [MP_SQL_ROLLBACK] = "ROLLBACK",
    [MP_SQL_INSERT_CONTEXT] =
        "INSERT INTO context (macppa_version, git_commit, host, yosys_version, opensta_version,"
        " generator_version, recipe_version) VALUES (?,?,?,?,?,?,?) RETURNING context_id",
    [MP_SQL_FIND_CONTEXT] =
        "SELECT context_id FROM context WHERE macppa_version=? AND git_commit=? AND host=?"
        " AND yosys_version=? AND opensta_version=? AND generator_version=? AND recipe_version=?",
    [MP_SQL_INSERT_LIBRARY] =
        "INSERT INTO library (library, library_hash, corner, voltage_v, temperature_c)"
        " VALUES (?,?,?,?,?) RETURNING library_id",
    [MP_SQL_FIND_LIBRARY] =
        "SELECT library_id FROM library WHERE library=? AND library_hash=? AND corner=?"
        " AND voltage_v=? AND temperature_c=?",
    [MP_SQL_INSERT_DESIGN] =
        "INSERT INTO design (design, weight_format, activation_format, unit, multiplier,"
        " weight_bits, activation_bits, accumulator_bits, adder, form, sign, shift, shifter,"
        " alignment, rounding, low_power, terms, stages, drop_bits, guard_bits, registers)"
        " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
        " RETURNING design_id",
    [MP_SQL_FIND_DESIGN] =
        "SELECT design_id FROM design WHERE design=? AND weight_format=? AND activation_format=?"
        " AND unit=? AND multiplier=? AND weight_bits=? AND activation_bits=?"
        " AND accumulator_bits=? AND adder=? AND form=? AND sign=? AND shift=? AND shifter=?"
        " AND alignment=? AND rounding=? AND low_power=? AND terms=? AND stages=?"
        " AND drop_bits=? AND guard_bits=? AND registers=?",
    [MP_SQL_INSERT_NETWORK] =
        "INSERT INTO network (network, network_hash) VALUES (?,?) RETURNING network_id",
    [MP_SQL_FIND_NETWORK] = "SELECT network_id FROM network WHERE network=? AND network_hash=?",
    [MP_SQL_PUT_NETWORK] =
        "INSERT INTO network (network, network_hash, whole_macs, weight_count, note)"
        " VALUES (?,?,?,?,?) ON CONFLICT (network, network_hash) DO UPDATE SET"
        " whole_macs = coalesce(whole_macs, excluded.whole_macs),"
        " weight_count = coalesce(weight_count, excluded.weight_count),"
        " note = CASE WHEN excluded.note = '' THEN note ELSE excluded.note END",
    [MP_SQL_INSERT_PART] = "INSERT INTO part (scope, part) VALUES (?,?) RETURNING part_id",
    [MP_SQL_FIND_PART] = "SELECT part_id FROM part WHERE scope=? AND part=?",
    [MP_SQL_FIND_PPA] = "SELECT ppa_id FROM ppa_point WHERE ppa_key=?",
    [MP_SQL_FIND_TRACE] = "SELECT trace_id FROM trace WHERE trace_hash=?",
    [MP_SQL_FIND_ACCURACY] = "SELECT accuracy_id FROM accuracy WHERE accuracy_key=?",
    [MP_SQL_FIND_ESTIMATE] = "SELECT estimate_id FROM estimate WHERE estimate_key=?",
    [MP_SQL_INSERT_PPA] =
        "INSERT INTO ppa_point (ppa_key, design_id, library_id, context_id, clock_period_s,"
        " wire_load, recipe, keep_blocks, synthesis_runs, best_variant, area_um2, critical_path_s,"
        " slack_s, area_median_um2, area_max_um2, critical_path_median_s, critical_path_max_s,"
        " cell_count, register_count, proof_rtl, proof_netlist, proof_rtl_vectors,"
        " proof_netlist_vectors, equivalence, yosys_wall_s, opensta_wall_s, block_origin,"
        " implementation, objective, max_delay_s, max_area_um2, max_power_w, budget_s,"
        " evaluations, resized, driving_cell, output_load_f)"
        " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
        " RETURNING ppa_id",
    [MP_SQL_INSERT_PPA_TEXT] =
        "INSERT INTO ppa_text (ppa_id, verilog_bytes, verilog_zlib, netlist_bytes, netlist_zlib)"
        " VALUES (?,?,?,?,?)",
    [MP_SQL_INSERT_PPA_RUN] =
        "INSERT INTO ppa_run (ppa_id, run_index, seed, area_um2, critical_path_s, power_w,"
        " glitch_w, evaluations, wall_s) VALUES (?,?,?,?,?,?,?,?,?)",
    [MP_SQL_INSERT_FRONT] =
        "INSERT INTO front (ppa_id, place, seed, area_um2, critical_path_s, power_w, confirmed,"
        " proof_netlist, netlist_bytes, netlist_zlib) VALUES (?,?,?,?,?,?,?,?,?,?)",
    [MP_SQL_PUT_PEER] =
        "INSERT INTO peer (peer, library, unit, weight_format, activation_format,"
        " accumulator_bits, terms, registers, area_um2, critical_path_s, power_w, runs,"
        " median_area_path, worst_area_path)"
        " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT (library, unit, weight_format,"
        " activation_format, accumulator_bits, terms, registers, peer) DO UPDATE SET"
        " area_um2 = excluded.area_um2, critical_path_s = excluded.critical_path_s,"
        " power_w = excluded.power_w, runs = excluded.runs,"
        " median_area_path = excluded.median_area_path,"
        " worst_area_path = excluded.worst_area_path",
    [MP_SQL_INSERT_TRACE] =
        "INSERT INTO trace (trace_hash, source, dataflow, weight_format, activation_format, seed,"
        " stretches, stretch_length, zero_weights_share, zero_activations_share, network_id, layer,"
        " macs, mac_share, synthetic, weight_scope, activation_scope)"
        " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
    [MP_SQL_COMPLETE_TRACE] =
        "UPDATE trace SET network_id=?1, layer=?2, macs=?3, mac_share=?4, synthetic=?5,"
        " weight_scope=?6, activation_scope=?7 WHERE trace_hash=?8 AND network_id IS NULL",
    [MP_SQL_KNOWN_ACCURACY] =
        "SELECT a.accuracy_id, a.images, a.ranks IS NOT NULL,"
        " EXISTS (SELECT 1 FROM accuracy_layer l WHERE l.accuracy_id = a.accuracy_id)"
        " FROM accuracy a WHERE a.accuracy_key=?",
    [MP_SQL_INSERT_ACCURACY] =
        "INSERT INTO accuracy (accuracy_key, network_id, context_id, dataset_hash, weight_format,"
        " activation_format, weight_scope, activation_scope, calibration, weight_calibration,"
        " activation_calibration, overrides, engine, images, planned_images, top1, top5,"
        " weight_count, network_weight_bits, network_accumulator_bits, ranks)"
        " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) RETURNING accuracy_id",
    [MP_SQL_UPDATE_ACCURACY] =
        "UPDATE accuracy SET network_id=?2, context_id=?3, created_unix_s=unixepoch(),"
        " dataset_hash=?4, weight_format=?5, activation_format=?6, weight_scope=?7,"
        " activation_scope=?8, calibration=?9, weight_calibration=?10,"
        " activation_calibration=?11, overrides=?12, engine=?13, images=?14, planned_images=?15,"
        " top1=?16, top5=?17, weight_count=?18, network_weight_bits=?19,"
        " network_accumulator_bits=?20, ranks=?21 WHERE accuracy_key=?1 RETURNING accuracy_id",
    [MP_SQL_DELETE_LAYERS] = "DELETE FROM accuracy_layer WHERE accuracy_id=?",
    [MP_SQL_INSERT_LAYER] =
        "INSERT INTO accuracy_layer (accuracy_id, layer_index, layer, kind, weight_format,"
        " activation_format, weight_count, zero_weights, distinct_weights, code_bits, scale_bits,"
        " table_bits, zero_skipping_bits, skipping_index_bits, macs,"
        " smallest_weight_unit_exponent, largest_weight_unit_exponent, activation_unit_exponent,"
        " accumulator_bits) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
    [MP_SQL_INSERT_ESTIMATE] =
        "INSERT INTO estimate (estimate_key, ppa_id, trace_id, accuracy_id, context_id, cycles,"
        " unsettled_cycles, activity_source, annotated_share, propagated_share, internal_w,"
        " switching_w, leakage_w, glitch_w, energy_per_mac_j, power_mode, exact_internal_w,"
        " exact_leakage_w, exact_glitch_w, batches, power_half_width_w, glitch_half_width_w,"
        " energy_half_width_j, total_half_width_w, engine, engine_internal_w, engine_switching_w,"
        " engine_leakage_w)"
        " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) RETURNING estimate_id",
    [MP_SQL_INSERT_POWER_ROW] =
        "INSERT INTO power_row (estimate_id, part_id, internal_w, switching_w, leakage_w, glitch_w,"
        " exact_internal_w, exact_leakage_w, exact_glitch_w, half_width_w, cell_count)"
        " VALUES (?,?,?,?,?,?,?,?,?,?,?)",
    [MP_SQL_INSERT_RUN] = "INSERT INTO run (config_name, config_text, context_id) VALUES (?,?,?)"
                          " RETURNING run_id",
    [MP_SQL_END_RUN] = "UPDATE run SET ended_unix_s = unixepoch(), wall_s = ? WHERE run_id = ?"
                       " RETURNING run_id",
    [MP_SQL_INSERT_RUN_ESTIMATE] = "INSERT INTO run_estimate (run_id, estimate_id) VALUES (?,?)"
                                   " ON CONFLICT (run_id, estimate_id) DO NOTHING",
    [MP_SQL_GET_PPA] =
        "SELECT d.design, d.weight_format, d.activation_format, d.unit, d.multiplier,"
        " l.library, l.library_hash, l.corner, p.wire_load, p.recipe, p.proof_rtl,"
        " p.proof_netlist, p.equivalence, p.block_origin, d.adder, d.form, d.sign, d.shift,"
        " d.shifter, d.alignment, d.rounding, d.low_power, p.implementation, p.objective, "
        "p.driving_cell, d.weight_bits,"
        " d.activation_bits, d.accumulator_bits, d.terms, d.stages, d.drop_bits, d.guard_bits,"
        " d.registers = 0, p.evaluations, p.resized,"
        " p.keep_blocks, p.synthesis_runs, p.best_variant, p.cell_count, p.register_count,"
        " p.proof_rtl_vectors, p.proof_netlist_vectors, l.voltage_v, l.temperature_c,"
        " p.clock_period_s, p.area_um2, p.critical_path_s, p.slack_s, p.area_median_um2,"
        " p.area_max_um2, p.critical_path_median_s, p.critical_path_max_s, p.yosys_wall_s,"
        " p.opensta_wall_s, p.max_delay_s, p.max_area_um2, p.max_power_w, p.budget_s,"
        " p.output_load_f, x.verilog_bytes, x.verilog_zlib, x.netlist_bytes, x.netlist_zlib"
        " FROM ppa_point p JOIN design d ON d.design_id = p.design_id"
        " JOIN library l ON l.library_id = p.library_id"
        " JOIN ppa_text x ON x.ppa_id = p.ppa_id WHERE p.ppa_key=?",
    [MP_SQL_GET_ACCURACY] =
        "SELECT n.network, n.network_hash, a.dataset_hash, a.weight_format, a.activation_format,"
        " a.weight_scope, a.activation_scope, a.calibration, a.weight_calibration,"
        " a.activation_calibration, a.overrides, a.engine, a.images, a.planned_images, a.top1,"
        " a.top5, a.weight_count, a.network_weight_bits, a.network_accumulator_bits, a.ranks"
        " FROM accuracy a JOIN network n ON n.network_id = a.network_id WHERE a.accuracy_key=?",
    [MP_SQL_GET_LAYERS] =
        "SELECT l.layer_index, l.layer, l.kind, l.weight_format, l.activation_format,"
        " l.weight_count, l.zero_weights, l.distinct_weights, l.code_bits, l.scale_bits,"
        " l.table_bits, l.zero_skipping_bits, l.skipping_index_bits, l.macs,"
        " l.smallest_weight_unit_exponent, l.largest_weight_unit_exponent,"
        " l.activation_unit_exponent, l.accumulator_bits"
        " FROM accuracy a JOIN accuracy_layer l ON l.accuracy_id = a.accuracy_id"
        " WHERE a.accuracy_key=? ORDER BY l.layer_index"};

static const char *advice(int sqlite_rc)
{
    switch (sqlite_rc & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return "; another process has held it for too long: end that one, or use another --db";
    case SQLITE_FULL:
        return "; make room on the disk, nothing of this result was stored";
    case SQLITE_IOERR:
        return "; the disk may be full or failing, nothing of this result was stored";
    case SQLITE_READONLY:
        return "; give write permission on it and its folder, or use another --db";
    case SQLITE_CORRUPT:
        return "; restore a copy, or save what can be read: sqlite3 FILE .recover | sqlite3 NEW";
    case SQLITE_NOTADB:
        return "; name a database of macppa, or a new file";
    default:
        return "";
    }
}

int mp_store_fail(const struct mp_store *s, int sqlite_rc, const char *what, struct mp_error *err)
{
    const char *said =
        sqlite3_errcode(s->db) == SQLITE_OK ? sqlite3_errstr(sqlite_rc) : sqlite3_errmsg(s->db);
    int rc = mp_fail(err, MP_E_DATABASE, "%s: %s: %s%s", s->path, what, said, advice(sqlite_rc));
    /* SQLite may quote the schema or the query, of several lines. */
    for (char *p = err ? err->message : NULL; p && *p; p++)
        if ((unsigned char)*p < 0x20)
            *p = ' ';
    return rc;
}

static void keep_sqlite(struct mp_bound *b, int sqlite_rc)
{
    if (b->rc == MP_OK && sqlite_rc != SQLITE_OK)
        b->rc = mp_store_fail(b->store, sqlite_rc, b->what, b->err);
}

static void refuse(struct mp_bound *b, const char *field, const char *why)
{
    if (b->rc == MP_OK)
        b->rc = mp_fail(b->err, MP_E_DATABASE, "%s: %s: %s %s; the result is not stored",
                        b->store->path, b->what, field, why);
}

void mp_bound_init(struct mp_bound *b, struct mp_store *s, enum mp_statement id, const char *what,
                   struct mp_error *err)
{
    memset(b, 0, sizeof *b);
    b->store = s;
    b->what = what;
    b->err = err;
    if (!s->statements[id])
        keep_sqlite(b, sqlite3_prepare_v3(s->db, texts[id], -1, SQLITE_PREPARE_PERSISTENT,
                                          &s->statements[id], NULL));
    b->statement = s->statements[id];
}

void mp_bind_text(struct mp_bound *b, const char *field, const char *text)
{
    b->index++;
    if (!text)
        refuse(b, field, "is missing");
    if (b->rc == MP_OK)
        keep_sqlite(b, sqlite3_bind_text(b->statement, b->index, text, -1, SQLITE_STATIC));
}

void mp_bind_real(struct mp_bound *b, const char *field, double x)
{
    b->index++;
    if (!isfinite(x))
        refuse(b, field, isnan(x) ? "is not a number" : "is infinite");
    if (b->rc == MP_OK)
        keep_sqlite(b, sqlite3_bind_double(b->statement, b->index, x));
}

void mp_bind_count(struct mp_bound *b, const char *field, uint64_t x)
{
    b->index++;
    if (x > INT64_MAX)
        refuse(b, field, "is above 2^63-1");
    if (b->rc == MP_OK)
        keep_sqlite(b, sqlite3_bind_int64(b->statement, b->index, (int64_t)x));
}

static void bind_null(struct mp_bound *b)
{
    b->index++;
    if (b->rc == MP_OK)
        keep_sqlite(b, sqlite3_bind_null(b->statement, b->index));
}

void mp_bind_known_text(struct mp_bound *b, const char *field, const char *text)
{
    if (text)
        mp_bind_text(b, field, text);
    else
        bind_null(b);
}

void mp_bind_plain_text(struct mp_bound *b, const char *field, const char *text)
{
    mp_bind_text(b, field, text ? text : "");
}

void mp_bind_known_real(struct mp_bound *b, const char *field, double x)
{
    if (isnan(x))
        bind_null(b);
    else
        mp_bind_real(b, field, x);
}

void mp_bind_known_count(struct mp_bound *b, const char *field, uint64_t x)
{
    if (x == MP_UNKNOWN_COUNT)
        bind_null(b);
    else
        mp_bind_count(b, field, x);
}

void mp_bind_known_exponent(struct mp_bound *b, int x)
{
    if (x == MP_UNKNOWN_EXPONENT) {
        bind_null(b);
        return;
    }
    b->index++;
    if (b->rc == MP_OK)
        keep_sqlite(b, sqlite3_bind_int(b->statement, b->index, x));
}

void mp_bind_bits(struct mp_bound *b, uint64_t x)
{
    b->index++;
    if (b->rc == MP_OK)
        keep_sqlite(b, sqlite3_bind_int64(b->statement, b->index, (sqlite3_int64)x));
}

void mp_bind_id(struct mp_bound *b, int64_t id)
{
    b->index++;
    if (b->rc == MP_OK)
        keep_sqlite(b, id < 0 ? sqlite3_bind_null(b->statement, b->index)
                              : sqlite3_bind_int64(b->statement, b->index, id));
}

void mp_bind_blob(struct mp_bound *b, const void *p, size_t n)
{
    b->index++;
    if (b->rc == MP_OK)
        keep_sqlite(b, sqlite3_bind_blob64(b->statement, b->index, p, n, SQLITE_STATIC));
}

void mp_bound_reset(struct mp_bound *b)
{
    if (b->statement) {
        sqlite3_reset(b->statement);
        sqlite3_clear_bindings(b->statement);
    }
}

int mp_bound_step(struct mp_bound *b, bool *found)
{
    *found = false;
    if (b->rc != MP_OK)
        return b->rc;
    int rc = sqlite3_step(b->statement);
    *found = rc == SQLITE_ROW;
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        keep_sqlite(b, rc);
    return b->rc;
}

int mp_bound_run(struct mp_bound *b)
{
    bool found;
    mp_bound_step(b, &found);
    mp_bound_reset(b);
    return b->rc;
}

int mp_bound_find(struct mp_bound *b, int64_t *id)
{
    bool found;
    mp_bound_step(b, &found);
    *id = found ? sqlite3_column_int64(b->statement, 0) : -1;
    mp_bound_reset(b);
    return b->rc;
}

int mp_store_begin(struct mp_store *s, struct mp_error *err)
{
    struct mp_bound b;
    mp_bound_init(&b, s, MP_SQL_BEGIN, "starting to write", err);
    return mp_bound_run(&b);
}

int mp_store_end(struct mp_store *s, int rc, struct mp_error *err)
{
    struct mp_bound b;
    if (rc == MP_OK) {
        mp_bound_init(&b, s, MP_SQL_COMMIT, "committing", err);
        rc = mp_bound_run(&b);
    }
    /* A failed statement may have ended the transaction by itself (disk full). */
    if (rc != MP_OK && !sqlite3_get_autocommit(s->db)) {
        mp_bound_init(&b, s, MP_SQL_ROLLBACK, "rolling back", NULL);
        mp_bound_run(&b);
    }
    return rc;
}
