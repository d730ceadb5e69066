-- Every run of designs beside those of a baseline under the same conditions, for what noise decides
-- :baseline=int11 weight format, or the name of a design
-- :only= only these weight formats or designs, separated by commas
-- :unit= only multiplier, mac or module
-- :activation= only this activation format
-- :library= only this library
-- :run= only what belongs to this run (a number of `runs`), baselines too
-- :limit=20000 at most so many rows
-- A row is one variant or seed of one side; is_baseline tells which. Pairs have the same library,
-- clock, wires, driving cells, loads, unit, activation format, way, terms, stages, registers, blocks
-- and number of runs; formats also the same multiplier, adder and form, where these are not the
-- search's own choice. Of points that differ in nothing of this, the newest.
WITH point AS (
  SELECT max(p.ppa_id) AS ppa_id, p.library_id, p.clock_period_s, p.wire_load, p.driving_cell,
         p.output_load_f, p.way, p.implementation, p.budget_s, p.keep_blocks, p.synthesis_runs,
         d.design_id, d.design, d.unit, d.weight_format, d.activation_format, d.terms, d.stages,
         d.registers, d.multiplier, d.adder, d.form
  FROM ppa_point p
  JOIN design d ON d.design_id = p.design_id
  JOIN library l ON l.library_id = p.library_id
  WHERE (:unit IS NULL OR d.unit = :unit) AND (:library IS NULL OR l.library = :library)
    AND (:activation IS NULL OR d.activation_format = :activation)
    AND (:run IS NULL
         OR p.ppa_id IN (SELECT e.ppa_id
                         FROM run_estimate x
                         JOIN estimate e ON e.estimate_id = x.estimate_id
                         WHERE x.run_id = :run))
  GROUP BY p.library_id, p.clock_period_s, p.wire_load, p.driving_cell, p.output_load_f, p.way,
           p.budget_s, p.keep_blocks, p.synthesis_runs, d.design_id
), pair AS (
  SELECT a.ppa_id, b.ppa_id AS baseline_id, a.design, b.design AS baseline, a.library_id,
         a.clock_period_s, a.wire_load, a.way
  FROM point b
  CROSS JOIN point a
    ON a.library_id = b.library_id AND a.clock_period_s = b.clock_period_s
   AND a.wire_load = b.wire_load AND a.driving_cell = b.driving_cell
   AND a.output_load_f = b.output_load_f AND a.way = b.way AND a.budget_s IS b.budget_s
   AND a.keep_blocks = b.keep_blocks AND a.synthesis_runs = b.synthesis_runs AND a.unit = b.unit
   AND a.activation_format = b.activation_format AND a.terms = b.terms AND a.stages = b.stages
   AND a.registers = b.registers
  WHERE ((b.design = :baseline AND a.design <> b.design)
         OR (b.weight_format = :baseline AND a.weight_format <> b.weight_format
             AND (a.implementation = 'search'
                  OR (a.multiplier = b.multiplier AND a.adder = b.adder AND a.form = b.form))))
    AND (:only IS NULL
         OR instr(',' || :only || ',', ',' || a.weight_format || ',') > 0
         OR instr(',' || :only || ',', ',' || a.design || ',') > 0)
)
SELECT q.design, q.baseline, l.library, q.clock_period_s AS clock_s, q.way, q.ppa_id AS ppa,
       q.baseline_id AS baseline_ppa, r.ppa_id = q.baseline_id AS is_baseline, r.run_index,
       r.area_um2, r.critical_path_s, r.area_um2 * 1e9 * r.critical_path_s AS area_path
FROM pair q
JOIN library l ON l.library_id = q.library_id
JOIN ppa_run r ON r.ppa_id IN (q.ppa_id, q.baseline_id)
ORDER BY l.library, l.library_id, q.clock_period_s, q.way, q.baseline, q.design, q.ppa_id,
         q.baseline_id, is_baseline, r.run_index
LIMIT :limit;
