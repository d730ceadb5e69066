-- Everything about each design side by side, with what it saves against a baseline
-- :baseline= weight format or design that the reductions are against; none: no reductions
-- :only= only these weight formats or designs, separated by commas
-- :unit= only multiplier or mac
-- :activation= only this activation format
-- :library= only this library
-- :run= only what belongs to this run (a number of `runs`)
-- :limit=500 at most so many rows
-- The baseline of a design has the same library, clock, wire load, unit, activation format, trace
-- source, dataflow, source of activity, accuracy (network, calibration, images), synthesis (recipe
-- and its version, tools, blocks apart or flat, variants) and generator; of several the one with the
-- least energy per MAC. Without :run the newest estimate of each design, library, clock, wire load,
-- trace source, dataflow, blocks and variants is shown. What is not known is empty, and so are
-- formats of a module, wire_load without one, and clock_missed_s (by how much the critical path
-- misses the clock that power and energy are at) where the clock is met.
WITH chosen AS (
  SELECT * FROM v_estimate_si e
  WHERE (:unit IS NULL OR unit = :unit) AND (:library IS NULL OR library = :library)
    AND (:activation IS NULL OR activation_format = :activation)
    AND (:run IS NULL
         OR estimate_id IN (SELECT x.estimate_id FROM run_estimate x WHERE x.run_id = :run))
    AND (:run IS NOT NULL
         OR estimate_id IN (SELECT max(n.estimate_id)
                            FROM estimate n
                            JOIN ppa_point p ON p.ppa_id = n.ppa_id
                            JOIN trace t ON t.trace_id = n.trace_id
                            GROUP BY p.design_id, p.library_id, p.clock_period_s, p.wire_load,
                                     p.keep_blocks, p.synthesis_runs, t.source, t.dataflow))
), baseline AS (
  SELECT estimate_id, library_id, clock_period_s, wire_load, unit, activation_format, trace_source,
         dataflow, activity_source, power_mode, network_id, calibration, dataset_hash, images,
         recipe, recipe_version, generator_version, yosys_version, opensta_version, keep_blocks,
         synthesis_runs, area_um2, power_w, glitch_w, nullif(weight_bits, 0) AS weight_bits,
         min(energy_per_mac_j) AS energy_per_mac_j
  FROM chosen
  WHERE weight_format = :baseline OR design = :baseline
  GROUP BY library_id, clock_period_s, wire_load, unit, activation_format, trace_source, dataflow,
           activity_source, power_mode, network_id, calibration, dataset_hash, images, recipe,
           recipe_version, generator_version, yosys_version, opensta_version, keep_blocks,
           synthesis_runs
)
SELECT e.unit, nullif(e.weight_format, '-') AS weight,
       nullif(e.activation_format, '-') AS activation, nullif(e.multiplier, '-') AS multiplier,
       nullif(e.accumulator_bits, 0) AS accumulator_bits, e.library,
       e.clock_period_s AS clock_s, CASE WHEN e.keep_blocks = 0 THEN 'flat' END AS blocks,
       nullif(e.wire_load, 'none') AS wire_load, e.synthesis_runs, e.area_um2, e.critical_path_s,
       CASE WHEN e.slack_s < 0 THEN -e.slack_s END AS clock_missed_s,
       e.internal_w, e.switching_w, e.leakage_w, e.power_w, e.energy_per_mac_j, e.glitch_w,
       e.accuracy_share, nullif(e.weight_bits, 0) AS weight_bits,
       1 - e.area_um2 / b.area_um2 AS area_reduction,
       1 - e.energy_per_mac_j / b.energy_per_mac_j AS energy_reduction,
       1 - (e.power_w + e.glitch_w) / (b.power_w + b.glitch_w) AS energy_with_glitches_reduction,
       1 - CAST(nullif(e.weight_bits, 0) AS REAL) / b.weight_bits AS storage_reduction
FROM chosen e
LEFT JOIN baseline b
  ON b.library_id = e.library_id AND b.clock_period_s = e.clock_period_s
 AND b.wire_load = e.wire_load AND b.unit = e.unit AND b.activation_format = e.activation_format
 AND b.trace_source = e.trace_source AND b.dataflow = e.dataflow AND b.network_id IS e.network_id
 AND b.activity_source = e.activity_source AND b.power_mode = e.power_mode
 AND b.calibration IS e.calibration AND b.dataset_hash IS e.dataset_hash AND b.images IS e.images
 AND b.recipe = e.recipe AND b.recipe_version = e.recipe_version
 AND b.generator_version = e.generator_version
 AND b.yosys_version = e.yosys_version AND b.opensta_version = e.opensta_version
 AND b.keep_blocks = e.keep_blocks AND b.synthesis_runs = e.synthesis_runs
WHERE :only IS NULL
   OR instr(',' || :only || ',', ',' || e.weight_format || ',') > 0
   OR instr(',' || :only || ',', ',' || e.design || ',') > 0
ORDER BY e.library, e.clock_period_s, e.unit DESC, e.activation_format, e.energy_per_mac_j DESC
LIMIT :limit;
