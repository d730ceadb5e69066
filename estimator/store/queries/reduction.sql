-- What each design saves against a baseline under the same conditions
-- :baseline=int11 weight format, or the name of a design
-- :weight= only this weight format
-- :unit= only multiplier, mac or module
-- :library= only this library
-- :run= only what belongs to this run (a number of `runs`), baselines too
-- :limit=200 at most so many rows
-- Same conditions: library, clock, wire load, unit, activation format, trace source, dataflow,
-- layer or layers (by their MACs), source of activity, accuracy (network, scopes, overrides, calibration, images), synthesis (recipe and its version,
-- tools, blocks apart or flat, variants), way to the netlist (implementation, objective, limits),
-- driving cells, loads, registers, stages, terms, generator. Of several baselines the one with the least
-- energy per MAC is taken. A reduction is positive where the design is better. With glitches: what
-- gate delays add counted in; exact: power of exact mode, without glitches.
-- synthetic 1: of operands that rest on made-up weights.
-- CROSS JOIN holds SQLite to this order: libraries and clocks as the answer has them, so that LIMIT
-- ends it.
WITH baseline AS (
  SELECT estimate_id, design, library_id, clock_period_s, wire_load, unit, activation_format,
         trace_source, dataflow, layer, synthetic, weight_scope, activation_scope, overrides, macs,
         activity_source, power_mode, network_id, calibration,
         dataset_hash, images, recipe, recipe_version, generator_version, yosys_version,
         opensta_version, keep_blocks, synthesis_runs, way, budget_s, driving_cell, output_load_f,
         registers, terms, stages, area_um2, critical_path_s, power_w, glitch_w,
         exact_power_w,
         accuracy_share, network_weight_bits, min(energy_per_mac_j) AS energy_per_mac_j
  FROM v_estimate_si
  WHERE (weight_format = :baseline OR design = :baseline)
    AND (:unit IS NULL OR unit = :unit) AND (:library IS NULL OR library = :library)
    AND (:run IS NULL
         OR estimate_id IN (SELECT x.estimate_id FROM run_estimate x WHERE x.run_id = :run))
  GROUP BY library_id, clock_period_s, wire_load, unit, activation_format, trace_source, dataflow,
           layer, synthetic, weight_scope, activation_scope, overrides, macs,
           activity_source, power_mode, network_id, calibration, dataset_hash, images, recipe,
           recipe_version, generator_version, yosys_version, opensta_version, keep_blocks,
           synthesis_runs, way, budget_s, driving_cell, output_load_f, registers, terms, stages
)
SELECT e.design, b.design AS baseline, e.library, e.way, e.clock_period_s, e.area_um2, e.power_w,
       e.energy_per_mac_j, 1 - e.area_um2 / b.area_um2 AS area_reduction,
       1 - e.critical_path_s / b.critical_path_s AS critical_path_reduction,
       1 - e.power_w / b.power_w AS power_reduction,
       1 - e.energy_per_mac_j / b.energy_per_mac_j AS energy_reduction,
       1 - (e.power_w + e.glitch_w) / (b.power_w + b.glitch_w) AS energy_with_glitches_reduction,
       1 - e.exact_power_w / b.exact_power_w AS exact_energy_reduction,
       e.accuracy_share - b.accuracy_share AS accuracy_change,
       1 - CAST(e.network_weight_bits AS REAL) / b.network_weight_bits AS storage_reduction,
       nullif(e.layer, '') AS layer, nullif(e.synthetic, 0) AS synthetic, e.estimate_id
FROM library k
CROSS JOIN ppa_point o ON o.library_id = k.library_id
CROSS JOIN v_estimate_si e ON e.ppa_id = o.ppa_id
CROSS JOIN baseline b
  ON e.library_id = b.library_id AND e.clock_period_s = b.clock_period_s
 AND e.wire_load = b.wire_load AND e.unit = b.unit AND e.activation_format = b.activation_format
 AND e.trace_source = b.trace_source AND e.dataflow = b.dataflow
 AND e.activity_source = b.activity_source AND e.power_mode = b.power_mode
 AND e.network_id IS b.network_id AND e.calibration IS b.calibration
 AND e.dataset_hash IS b.dataset_hash AND e.images IS b.images
 AND e.layer = b.layer AND e.synthetic = b.synthetic AND e.weight_scope IS b.weight_scope
 AND e.activation_scope IS b.activation_scope AND e.overrides IS b.overrides
 AND e.macs IS b.macs
 AND e.recipe = b.recipe AND e.recipe_version = b.recipe_version
 AND e.generator_version = b.generator_version
 AND e.yosys_version = b.yosys_version AND e.opensta_version = b.opensta_version
 AND e.keep_blocks = b.keep_blocks AND e.synthesis_runs = b.synthesis_runs
 AND e.way = b.way AND e.budget_s IS b.budget_s AND e.driving_cell = b.driving_cell
 AND e.output_load_f = b.output_load_f AND e.registers = b.registers AND e.terms = b.terms
 AND e.stages = b.stages
WHERE EXISTS (SELECT 1 FROM design s WHERE s.weight_format = :baseline OR s.design = :baseline)
  AND e.estimate_id <> b.estimate_id AND (:weight IS NULL OR e.weight_format = :weight)
  AND (:run IS NULL
       OR e.estimate_id IN (SELECT x.estimate_id FROM run_estimate x WHERE x.run_id = :run))
ORDER BY k.library, k.library_hash, k.corner, k.voltage_v, k.temperature_c, o.clock_period_s,
         e.unit, e.activation_format, e.energy_per_mac_j
LIMIT :limit;
