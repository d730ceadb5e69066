-- Views for people and for queries/. Made anew by every migration, so they are edited freely
-- (together with a new schema version). Only v_estimate_si is in SI; the others are scaled, with
-- the unit in the name.

DROP VIEW IF EXISTS v_reduction;
DROP VIEW IF EXISTS v_run;
DROP VIEW IF EXISTS v_accuracy_layer;
DROP VIEW IF EXISTS v_accuracy;
DROP VIEW IF EXISTS v_layer;
DROP VIEW IF EXISTS v_power_by_kind;
DROP VIEW IF EXISTS v_power_by_group;
DROP VIEW IF EXISTS v_power_by_block;
DROP VIEW IF EXISTS v_estimate;
DROP VIEW IF EXISTS v_estimate_si;

CREATE VIEW v_estimate_si AS
SELECT e.estimate_id, d.design, d.unit, d.weight_format, d.activation_format, d.multiplier,
       d.weight_bits, d.activation_bits, d.accumulator_bits, d.adder, d.form, d.sign, d.shift,
       d.shifter, d.alignment, d.rounding, d.low_power, d.terms, d.stages, d.drop_bits, d.guard_bits,
       d.registers,
       p.implementation, p.way, p.objective, p.max_delay_s, p.max_area_um2, p.max_power_w,
       p.budget_s, p.evaluations, p.resized, p.driving_cell, p.output_load_f,
       l.library, l.corner, l.voltage_v, l.temperature_c, p.clock_period_s, p.wire_load, p.recipe,
       p.keep_blocks, p.block_origin, p.synthesis_runs, p.best_variant,
       p.area_um2, p.area_median_um2, p.area_max_um2,
       p.critical_path_s, p.critical_path_median_s, p.critical_path_max_s, p.slack_s,
       p.cell_count, p.register_count,
       e.internal_w, e.switching_w, e.leakage_w, e.power_w, e.glitch_w, e.energy_per_mac_j,
       e.exact_internal_w, e.exact_leakage_w, e.exact_power_w, e.exact_glitch_w,
       e.power_half_width_w, e.glitch_half_width_w, e.energy_half_width_j, e.total_half_width_w,
       e.batches, e.engine, e.engine_internal_w, e.engine_switching_w, e.engine_leakage_w,
       e.cycles, e.unsettled_cycles, CAST(e.unsettled_cycles AS REAL) / e.cycles AS unsettled_share,
       e.activity_source, e.annotated_share, e.propagated_share, e.power_mode,
       n.network, CASE WHEN a.is_complete THEN CAST(a.top1 AS REAL) / a.images END
         AS accuracy_share,
       CASE WHEN a.is_complete THEN CAST(a.top5 AS REAL) / a.images END AS top5_share, a.images,
       a.network_weight_bits, a.calibration, a.overrides, a.dataset_hash,
       coalesce(a.weight_scope, t.weight_scope) AS weight_scope,
       coalesce(a.activation_scope, t.activation_scope) AS activation_scope,
       t.source AS trace_source, t.dataflow, t.stretches, t.stretch_length, t.seed,
       t.zero_weights_share, t.zero_activations_share, t.layer, t.macs, t.mac_share, t.synthetic,
       p.proof_rtl, p.proof_rtl_vectors, p.proof_netlist, p.proof_netlist_vectors, p.equivalence,
       e.created_unix_s, c.macppa_version, c.git_commit, c.host, c.yosys_version,
       c.opensta_version, c.generator_version, c.recipe_version,
       l.library_hash, p.ppa_key, t.trace_hash, e.estimate_key,
       e.ppa_id, p.design_id, p.library_id, n.network_id
FROM estimate e
JOIN ppa_point p ON p.ppa_id = e.ppa_id
JOIN design d ON d.design_id = p.design_id
JOIN library l ON l.library_id = p.library_id
JOIN trace t ON t.trace_id = e.trace_id
JOIN context c ON c.context_id = e.context_id
LEFT JOIN accuracy a ON a.accuracy_id = e.accuracy_id
LEFT JOIN network n ON n.network_id = coalesce(a.network_id, t.network_id);

CREATE VIEW v_estimate AS
SELECT estimate_id, design, way, unit, weight_format, activation_format, multiplier,
       weight_bits, activation_bits, accumulator_bits, adder, form, sign, shift, shifter, alignment,
       rounding, low_power, terms, stages, drop_bits, guard_bits, registers, implementation, recipe, objective,
       1e9 * max_delay_s AS max_delay_ns, max_area_um2, 1e6 * max_power_w AS max_power_uw,
       budget_s, evaluations, resized, driving_cell, 1e15 * output_load_f AS output_load_ff,
       library, corner, voltage_v, temperature_c, 1e9 * clock_period_s AS clock_ns,
       area_um2, 1e9 * critical_path_s AS critical_path_ns, 1e9 * slack_s AS slack_ns,
       cell_count, register_count,
       1e6 * internal_w AS internal_uw, 1e6 * switching_w AS switching_uw,
       1e6 * leakage_w AS leakage_uw, 1e6 * power_w AS power_uw, 1e6 * glitch_w AS glitch_uw,
       1e15 * energy_per_mac_j AS energy_per_mac_fj,
       1e6 * exact_internal_w AS exact_internal_uw, 1e6 * exact_leakage_w AS exact_leakage_uw,
       1e6 * exact_power_w AS exact_power_uw, 1e6 * exact_glitch_w AS exact_glitch_uw,
       1e6 * power_half_width_w AS power_half_width_uw,
       1e6 * glitch_half_width_w AS glitch_half_width_uw,
       1e15 * energy_half_width_j AS energy_half_width_fj,
       1e6 * total_half_width_w AS total_half_width_uw, batches,
       engine, 1e6 * engine_internal_w AS engine_internal_uw,
       1e6 * engine_switching_w AS engine_switching_uw,
       1e6 * engine_leakage_w AS engine_leakage_uw,
       network, layer, macs, 100 * mac_share AS mac_percent, synthetic,
       100 * accuracy_share AS accuracy_percent, weight_scope, activation_scope, calibration,
       overrides, network_weight_bits, trace_source, dataflow, cycles, 100 * unsettled_share AS unsettled_percent, activity_source,
       100 * annotated_share AS annotated_percent, 100 * propagated_share AS propagated_percent,
       power_mode,
       100 * zero_weights_share AS zero_weights_percent,
       100 * zero_activations_share AS zero_activations_percent,
       wire_load, block_origin, synthesis_runs, area_median_um2, 1e9 * critical_path_median_s AS critical_path_median_ns,
       proof_rtl, proof_netlist, equivalence,
       datetime(created_unix_s, 'unixepoch') AS created_utc, macppa_version, git_commit, host,
       yosys_version, opensta_version, generator_version, recipe_version, library_hash,
       ppa_key, trace_hash, estimate_key
FROM v_estimate_si;

CREATE VIEW v_power_by_block AS
SELECT r.estimate_id, d.design, p.way, l.library, 1e9 * p.clock_period_s AS clock_ns,
       t.source AS trace_source, t.layer, t.synthetic, q.part AS block, p.block_origin, r.cell_count,
       1e6 * r.internal_w AS internal_uw, 1e6 * r.switching_w AS switching_uw,
       1e6 * r.leakage_w AS leakage_uw,
       1e6 * (r.internal_w + r.switching_w + r.leakage_w) AS power_uw,
       1e6 * r.half_width_w AS half_width_uw, 1e6 * r.glitch_w AS glitch_uw,
       1e6 * r.exact_internal_w AS exact_internal_uw, 1e6 * r.exact_leakage_w AS exact_leakage_uw,
       1e6 * (r.exact_internal_w + r.switching_w + r.exact_leakage_w) AS exact_power_uw,
       1e6 * r.exact_glitch_w AS exact_glitch_uw,
       100 * (r.internal_w + r.switching_w + r.leakage_w) / e.power_w AS power_percent
FROM power_row r
JOIN part q ON q.part_id = r.part_id AND q.scope = 'block'
JOIN estimate e ON e.estimate_id = r.estimate_id
JOIN ppa_point p ON p.ppa_id = e.ppa_id
JOIN design d ON d.design_id = p.design_id
JOIN library l ON l.library_id = p.library_id
JOIN trace t ON t.trace_id = e.trace_id;

CREATE VIEW v_power_by_group AS
SELECT r.estimate_id, d.design, p.way, l.library, 1e9 * p.clock_period_s AS clock_ns,
       t.source AS trace_source, t.layer, t.synthetic, q.part AS cell_group, r.cell_count,
       1e6 * r.internal_w AS internal_uw, 1e6 * r.switching_w AS switching_uw,
       1e6 * r.leakage_w AS leakage_uw,
       1e6 * (r.internal_w + r.switching_w + r.leakage_w) AS power_uw,
       1e6 * r.half_width_w AS half_width_uw, 1e6 * r.glitch_w AS glitch_uw,
       1e6 * r.exact_internal_w AS exact_internal_uw, 1e6 * r.exact_leakage_w AS exact_leakage_uw,
       1e6 * (r.exact_internal_w + r.switching_w + r.exact_leakage_w) AS exact_power_uw,
       1e6 * r.exact_glitch_w AS exact_glitch_uw,
       100 * (r.internal_w + r.switching_w + r.leakage_w) / e.power_w AS power_percent
FROM power_row r
JOIN part q ON q.part_id = r.part_id AND q.scope = 'group'
JOIN estimate e ON e.estimate_id = r.estimate_id
JOIN ppa_point p ON p.ppa_id = e.ppa_id
JOIN design d ON d.design_id = p.design_id
JOIN library l ON l.library_id = p.library_id
JOIN trace t ON t.trace_id = e.trace_id;

CREATE VIEW v_power_by_kind AS
SELECT r.estimate_id, d.design, p.way, l.library, 1e9 * p.clock_period_s AS clock_ns,
       t.source AS trace_source, t.layer, t.synthetic, q.part AS kind, r.cell_count,
       1e6 * r.internal_w AS internal_uw, 1e6 * r.switching_w AS switching_uw,
       1e6 * r.leakage_w AS leakage_uw,
       1e6 * (r.internal_w + r.switching_w + r.leakage_w) AS power_uw,
       1e6 * r.half_width_w AS half_width_uw, 1e6 * r.glitch_w AS glitch_uw,
       1e6 * r.exact_internal_w AS exact_internal_uw, 1e6 * r.exact_leakage_w AS exact_leakage_uw,
       1e6 * (r.exact_internal_w + r.switching_w + r.exact_leakage_w) AS exact_power_uw,
       1e6 * r.exact_glitch_w AS exact_glitch_uw,
       100 * (r.internal_w + r.switching_w + r.leakage_w) / e.power_w AS power_percent
FROM power_row r
JOIN part q ON q.part_id = r.part_id AND q.scope = 'kind'
JOIN estimate e ON e.estimate_id = r.estimate_id
JOIN ppa_point p ON p.ppa_id = e.ppa_id
JOIN design d ON d.design_id = p.design_id
JOIN library l ON l.library_id = p.library_id
JOIN trace t ON t.trace_id = e.trace_id;

-- A layer's MACs on a unit: what is traced of a network by layer. energy: of the layer in one
-- inference.
CREATE VIEW v_layer AS
SELECT n.network, t.layer, d.design, p.way, d.unit, d.weight_format, d.activation_format,
       l.library, 1e9 * p.clock_period_s AS clock_ns, t.dataflow,
       coalesce(a.weight_scope, t.weight_scope) AS weight_scope,
       coalesce(a.activation_scope, t.activation_scope) AS activation_scope,
       t.macs, 100 * t.mac_share AS mac_percent,
       1e6 * e.power_w AS power_uw, 1e6 * e.power_half_width_w AS power_half_width_uw,
       1e6 * e.glitch_w AS glitch_uw, 1e15 * e.energy_per_mac_j AS energy_per_mac_fj,
       1e15 * e.energy_per_mac_j * (1 + e.glitch_w / e.power_w)
         AS energy_with_glitches_per_mac_fj,
       1e9 * t.macs * e.energy_per_mac_j AS energy_nj,
       1e9 * t.macs * e.energy_per_mac_j * (1 + e.glitch_w / e.power_w)
         AS energy_with_glitches_nj,
       100 * t.zero_weights_share AS zero_weights_percent,
       100 * t.zero_activations_share AS zero_activations_percent, t.synthetic,
       t.source AS trace_source, t.seed, t.stretches, t.stretch_length, e.estimate_id
FROM trace t
JOIN estimate e ON e.trace_id = t.trace_id
JOIN network n ON n.network_id = t.network_id
JOIN ppa_point p ON p.ppa_id = e.ppa_id
JOIN design d ON d.design_id = p.design_id
JOIN library l ON l.library_id = p.library_id
LEFT JOIN accuracy a ON a.accuracy_id = e.accuracy_id
WHERE t.layer <> '';

CREATE VIEW v_accuracy AS
SELECT a.accuracy_id, n.network, n.note, a.weight_format, a.activation_format, a.weight_scope,
       a.activation_scope, a.weight_calibration, a.activation_calibration, a.calibration,
       a.overrides, a.engine, a.images, a.planned_images, a.is_complete, a.top1, a.top5,
       100.0 * a.top1 / a.images AS accuracy_percent, 100.0 * a.top5 / a.images AS top5_percent,
       a.weight_count, a.network_weight_bits,
       CAST(a.network_weight_bits AS REAL) / nullif(a.weight_count, 0) AS bits_per_weight,
       nullif(a.network_accumulator_bits, 0) AS network_accumulator_bits,
       datetime(a.created_unix_s, 'unixepoch') AS created_utc, c.macppa_version, c.git_commit,
       c.host, n.network_hash, a.dataset_hash, a.accuracy_key
FROM accuracy a
JOIN network n ON n.network_id = a.network_id
JOIN context c ON c.context_id = a.context_id;

-- What each layer of a quantised network weighs.
CREATE VIEW v_accuracy_layer AS
SELECT x.accuracy_id, n.network, x.layer_index, x.layer, x.kind, x.weight_format,
       x.activation_format, a.weight_scope, a.activation_scope, x.weight_count,
       100.0 * x.zero_weights / x.weight_count AS zero_weights_percent, x.distinct_weights,
       x.code_bits, x.scale_bits, x.table_bits,
       x.code_bits + x.scale_bits + x.table_bits AS layer_bits,
       CAST(x.code_bits + x.scale_bits + x.table_bits AS REAL) / x.weight_count AS bits_per_weight,
       x.zero_skipping_bits, x.skipping_index_bits, x.macs,
       x.smallest_weight_unit_exponent, x.largest_weight_unit_exponent,
       x.activation_unit_exponent, x.accumulator_bits, a.overrides, a.is_complete
FROM accuracy_layer x
JOIN accuracy a ON a.accuracy_id = x.accuracy_id
JOIN network n ON n.network_id = a.network_id;

CREATE VIEW v_run AS
SELECT r.run_id, r.config_name, datetime(r.started_unix_s, 'unixepoch') AS started_utc,
       CASE WHEN r.ended_unix_s IS NULL THEN 'not finished' ELSE 'finished' END AS state, r.wall_s,
       (SELECT count(*) FROM run_estimate x WHERE x.run_id = r.run_id) AS estimates,
       c.macppa_version, c.git_commit, c.host, c.yosys_version, c.opensta_version, r.run_key
FROM run r
JOIN context c ON c.context_id = r.context_id;

-- Every estimate against every other that differs in nothing but the design: same library and
-- corner, clock, wire load, unit, activation format, trace source, dataflow, layer or layers (by
-- their MACs), source of activity, power mode, accuracy (network, scopes, overrides, calibration,
-- images and their dataset), synthesis (recipe and its version, tools, blocks apart or flat,
-- variants), way to the netlist (implementation, objective, limits), driving cells and loads,
-- registers, stages and terms of a result, and generator. Filter by baseline or baseline_weight_format: unfiltered, it has a row
-- for each pair.
-- A reduction is positive where the design is better than the baseline.
CREATE VIEW v_reduction AS
SELECT b.design AS baseline, e.design, e.way, e.unit, b.weight_format AS baseline_weight_format,
       e.weight_format, e.activation_format, e.library, 1e9 * e.clock_period_s AS clock_ns,
       e.trace_source, e.dataflow, e.network, e.layer, e.synthetic, e.weight_scope,
       100 * (1 - e.area_um2 / b.area_um2) AS area_reduction_percent,
       100 * (1 - e.critical_path_s / b.critical_path_s) AS critical_path_reduction_percent,
       100 * (1 - e.power_w / b.power_w) AS power_reduction_percent,
       100 * (1 - e.energy_per_mac_j / b.energy_per_mac_j) AS energy_reduction_percent,
       100 * (1 - (e.power_w + e.glitch_w) / (b.power_w + b.glitch_w))
         AS energy_with_glitches_reduction_percent,
       100 * (1 - e.exact_power_w / b.exact_power_w) AS exact_energy_reduction_percent,
       100 * (e.accuracy_share - b.accuracy_share) AS accuracy_change_points,
       100 * (1 - CAST(e.network_weight_bits AS REAL) / b.network_weight_bits)
         AS storage_reduction_percent,
       b.estimate_id AS baseline_estimate_id, e.estimate_id
FROM v_estimate_si b
JOIN v_estimate_si e
  ON e.library_id = b.library_id AND e.clock_period_s = b.clock_period_s AND e.unit = b.unit
 AND e.activation_format = b.activation_format AND e.wire_load = b.wire_load
 AND e.trace_source = b.trace_source AND e.dataflow = b.dataflow
 AND e.activity_source = b.activity_source AND e.power_mode = b.power_mode
 AND e.network_id IS b.network_id AND e.calibration IS b.calibration
 AND e.dataset_hash IS b.dataset_hash AND e.images IS b.images
 AND e.layer = b.layer AND e.synthetic = b.synthetic AND e.weight_scope IS b.weight_scope
 AND e.activation_scope IS b.activation_scope AND e.overrides IS b.overrides
 AND e.macs IS b.macs
 AND e.recipe = b.recipe AND e.recipe_version = b.recipe_version
 AND e.generator_version = b.generator_version AND e.yosys_version = b.yosys_version
 AND e.opensta_version = b.opensta_version
 AND e.keep_blocks = b.keep_blocks AND e.synthesis_runs = b.synthesis_runs
 AND e.way = b.way AND e.budget_s IS b.budget_s AND e.driving_cell = b.driving_cell
 AND e.output_load_f = b.output_load_f AND e.registers = b.registers AND e.terms = b.terms
 AND e.stages = b.stages
 AND e.estimate_id <> b.estimate_id;
