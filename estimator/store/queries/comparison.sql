-- Everything about each design side by side, with what it saves against a baseline
-- :baseline= weight format or design that the reductions are against; none: no reductions
-- :only= only these weight formats or designs, separated by commas
-- :unit= only multiplier, mac or module
-- :activation= only this activation format
-- :library= only this library
-- :layer= only operands of this layer; whole: of no single layer
-- :run= only what belongs to this run (a number of `runs`)
-- :limit=500 at most so many rows
-- The baseline of a design has the same library, clock, wire load, unit, activation format, trace
-- source, dataflow, layer or layers (by their MACs), source of activity, accuracy (network, scopes, overrides, calibration,
-- images), synthesis (recipe and its version, tools, blocks apart or flat, variants), way to the
-- netlist (implementation, objective, limits), driving cells, loads, registers, stages, terms and
-- generator; of several the one with the least energy per MAC. Without :run the newest estimate of each design, library, clock, wire load,
-- way, trace source, dataflow, layer, scopes, blocks and variants is shown. synthetic 1: of operands that
-- rest on made-up weights. weight_bits of mx formats: with their share of a block's scale, 8 bits / 32.
-- What is not known is empty, and so are
-- formats of a module, wire_load without one, and clock_missed_s (by how much the critical path
-- misses the clock that power and energy are at) where the clock is met.
-- CROSS JOIN and + hold SQLite to this order: libraries and clocks as the answer has them, so that
-- LIMIT ends it, and for each point its few newest estimates instead of all.
WITH baseline AS (
  SELECT e.estimate_id, e.library_id, e.clock_period_s, e.wire_load, e.unit, e.activation_format,
         e.trace_source, e.dataflow, e.layer, e.synthetic, e.weight_scope, e.activation_scope,
         e.overrides, e.macs, e.activity_source, e.power_mode, e.network_id, e.calibration,
         e.dataset_hash, e.images, e.recipe, e.recipe_version, e.generator_version,
         e.yosys_version, e.opensta_version, e.keep_blocks, e.synthesis_runs, e.way, e.budget_s,
         e.driving_cell, e.output_load_f, e.registers, e.terms, e.stages, e.area_um2,
         e.power_w, e.glitch_w, nullif(e.weight_bits, 0) + 0.25 * (e.weight_format GLOB 'mx*') AS weight_bits,
         min(e.energy_per_mac_j) AS energy_per_mac_j
  FROM design s
  CROSS JOIN ppa_point o ON o.design_id = s.design_id
  CROSS JOIN v_estimate_si e ON +e.ppa_id = o.ppa_id
  WHERE (s.weight_format = :baseline OR s.design = :baseline)
    AND (:unit IS NULL OR s.unit = :unit) AND (:library IS NULL OR e.library = :library)
    AND (:activation IS NULL OR s.activation_format = :activation)
    AND (:run IS NULL
         OR o.ppa_id IN (SELECT n.ppa_id
                         FROM run_estimate x
                         JOIN estimate n ON n.estimate_id = x.estimate_id
                         WHERE x.run_id = :run))
    AND e.estimate_id IN (
      SELECT max(n.estimate_id)
      FROM ppa_point q
      CROSS JOIN estimate n ON n.ppa_id = q.ppa_id
      JOIN trace t ON t.trace_id = n.trace_id
      WHERE :run IS NULL AND q.design_id = o.design_id AND q.library_id = o.library_id
        AND q.clock_period_s = o.clock_period_s AND q.wire_load = o.wire_load
        AND q.keep_blocks = o.keep_blocks AND q.synthesis_runs = o.synthesis_runs
        AND q.way = o.way AND q.budget_s IS o.budget_s AND q.driving_cell = o.driving_cell
        AND q.output_load_f = o.output_load_f
      GROUP BY t.source, t.dataflow, t.layer, t.weight_scope, t.activation_scope
      UNION ALL
      SELECT x.estimate_id
      FROM estimate n
      CROSS JOIN run_estimate x ON x.run_id = :run AND x.estimate_id = n.estimate_id
      WHERE n.ppa_id = o.ppa_id)
  GROUP BY e.library_id, e.clock_period_s, e.wire_load, e.unit, e.activation_format,
           e.trace_source, e.dataflow, e.layer, e.synthetic, e.weight_scope, e.activation_scope,
           e.overrides, e.macs, e.activity_source, e.power_mode, e.network_id,
           e.calibration, e.dataset_hash, e.images, e.recipe, e.recipe_version,
           e.generator_version, e.yosys_version, e.opensta_version, e.keep_blocks,
           e.synthesis_runs, e.way, e.budget_s, e.driving_cell, e.output_load_f, e.registers,
           e.terms, e.stages
)
SELECT e.unit, nullif(e.weight_format, '-') AS weight,
       nullif(e.activation_format, '-') AS activation, nullif(e.multiplier, '-') AS multiplier,
       nullif(e.accumulator_bits, 0) AS accumulator_bits, nullif(e.adder, '') AS adder,
       nullif(e.form, '') AS form, nullif(e.sign, '') AS sign, nullif(e.shift, '') AS shift,
       nullif(e.shifter, '') AS shifter, nullif(e.alignment, '') AS alignment,
       nullif(e.drop_bits, 0) AS drop_bits, nullif(e.guard_bits, 0) AS guard_bits,
       nullif(e.rounding, '') AS rounding, nullif(e.low_power, '') AS low_power, nullif(e.terms, 1) AS terms,
       nullif(e.stages, 0) AS stages, CASE WHEN e.registers = 0 THEN 'none' END AS registers,
       e.way, e.library,
       e.clock_period_s AS clock_s, CASE WHEN e.keep_blocks = 0 THEN 'flat' END AS blocks,
       nullif(e.wire_load, 'none') AS wire_load, e.synthesis_runs, e.area_um2, e.critical_path_s,
       CASE WHEN e.slack_s < 0 THEN -e.slack_s END AS clock_missed_s,
       e.internal_w, e.switching_w, e.leakage_w, e.power_w, e.energy_per_mac_j, e.glitch_w,
       e.accuracy_share,
       CASE WHEN e.weight_format GLOB 'mx*' THEN e.weight_bits + 0.25 ELSE nullif(e.weight_bits, 0) END
         AS weight_bits,
       1 - e.area_um2 / b.area_um2 AS area_reduction,
       1 - e.energy_per_mac_j / b.energy_per_mac_j AS energy_reduction,
       1 - (e.power_w + e.glitch_w) / (b.power_w + b.glitch_w) AS energy_with_glitches_reduction,
       1 - (nullif(e.weight_bits, 0) + 0.25 * (e.weight_format GLOB 'mx*')) / b.weight_bits
         AS storage_reduction,
       nullif(e.layer, '') AS layer, nullif(e.synthetic, 0) AS synthetic
FROM library k
CROSS JOIN ppa_point o ON o.library_id = k.library_id
CROSS JOIN design s ON s.design_id = o.design_id
CROSS JOIN v_estimate_si e ON +e.ppa_id = o.ppa_id
LEFT JOIN baseline b
  ON b.library_id = e.library_id AND b.clock_period_s = e.clock_period_s
 AND b.wire_load = e.wire_load AND b.unit = e.unit AND b.activation_format = e.activation_format
 AND b.trace_source = e.trace_source AND b.dataflow = e.dataflow AND b.network_id IS e.network_id
 AND b.activity_source = e.activity_source AND b.power_mode = e.power_mode
 AND b.calibration IS e.calibration AND b.dataset_hash IS e.dataset_hash AND b.images IS e.images
 AND b.layer = e.layer AND b.synthetic = e.synthetic AND b.weight_scope IS e.weight_scope
 AND b.activation_scope IS e.activation_scope AND b.overrides IS e.overrides
 AND b.macs IS e.macs
 AND b.recipe = e.recipe AND b.recipe_version = e.recipe_version
 AND b.generator_version = e.generator_version
 AND b.yosys_version = e.yosys_version AND b.opensta_version = e.opensta_version
 AND b.keep_blocks = e.keep_blocks AND b.synthesis_runs = e.synthesis_runs
 AND b.way = e.way AND b.budget_s IS e.budget_s AND b.driving_cell = e.driving_cell
 AND b.output_load_f = e.output_load_f AND b.registers = e.registers AND b.terms = e.terms
 AND b.stages = e.stages
WHERE (:unit IS NULL OR s.unit = :unit) AND (:library IS NULL OR k.library = :library)
  AND (:activation IS NULL OR s.activation_format = :activation)
  AND (:only IS NULL
       OR instr(',' || :only || ',', ',' || s.weight_format || ',') > 0
       OR instr(',' || :only || ',', ',' || s.design || ',') > 0)
  AND (:layer IS NULL OR e.layer = CASE :layer WHEN 'whole' THEN '' ELSE :layer END)
  AND (:run IS NULL
       OR o.ppa_id IN (SELECT n.ppa_id
                       FROM run_estimate x
                       JOIN estimate n ON n.estimate_id = x.estimate_id
                       WHERE x.run_id = :run))
  AND e.estimate_id IN (
  SELECT max(n.estimate_id)
  FROM ppa_point q
  CROSS JOIN estimate n ON n.ppa_id = q.ppa_id
  JOIN trace t ON t.trace_id = n.trace_id
  WHERE :run IS NULL AND q.design_id = o.design_id AND q.library_id = o.library_id
    AND q.clock_period_s = o.clock_period_s AND q.wire_load = o.wire_load
    AND q.keep_blocks = o.keep_blocks AND q.synthesis_runs = o.synthesis_runs
    AND q.way = o.way AND q.budget_s IS o.budget_s AND q.driving_cell = o.driving_cell
    AND q.output_load_f = o.output_load_f
  GROUP BY t.source, t.dataflow, t.layer, t.weight_scope, t.activation_scope
  UNION ALL
  SELECT x.estimate_id
  FROM estimate n
  CROSS JOIN run_estimate x ON x.run_id = :run AND x.estimate_id = n.estimate_id
  WHERE n.ppa_id = o.ppa_id)
ORDER BY k.library, k.library_hash, k.corner, k.voltage_v, k.temperature_c, o.clock_period_s,
         e.unit DESC, e.activation_format, e.energy_per_mac_j DESC
LIMIT :limit;
