-- What keeping blocks apart in synthesis costs: area, time and power against the flat netlist
-- :design= only this design
-- :library= only this library
-- :run= only designs whose estimate with blocks apart belongs to this run (a number of `runs`)
-- :limit=200 at most so many rows
-- Pairs that differ in nothing else: same operands, library, clock, wire load, way,
-- variants and tools. A
-- cost is positive where blocks apart are worse. Variants differ by several percent by chance.
-- synthetic 1: of operands that rest on made-up weights. CROSS JOIN holds SQLite to this order: the
-- few flat points first.
SELECT a.design, a.library, a.way, a.clock_period_s AS clock_s, a.area_um2 AS apart_area_um2,
       f.area_um2 AS flat_area_um2, 100 * (a.area_um2 / f.area_um2 - 1) AS area_cost_percent,
       100 * (a.critical_path_s / f.critical_path_s - 1) AS critical_path_cost_percent,
       a.power_w + a.glitch_w AS apart_total_w, f.power_w + f.glitch_w AS flat_total_w,
       100 * ((a.power_w + a.glitch_w) / (f.power_w + f.glitch_w) - 1) AS total_cost_percent,
       nullif(a.layer, '') AS layer, nullif(a.synthetic, 0) AS synthetic
FROM ppa_point q
CROSS JOIN ppa_point p
  ON p.design_id = q.design_id AND p.library_id = q.library_id
 AND p.clock_period_s = q.clock_period_s AND p.keep_blocks = 1 AND p.way = q.way
 AND p.driving_cell = q.driving_cell AND p.output_load_f = q.output_load_f
CROSS JOIN v_estimate_si a ON a.ppa_id = p.ppa_id
CROSS JOIN v_estimate_si f ON f.ppa_id = q.ppa_id AND f.trace_hash = a.trace_hash
 AND f.wire_load = a.wire_load AND f.synthesis_runs = a.synthesis_runs
 AND f.recipe_version = a.recipe_version AND f.generator_version = a.generator_version
 AND f.yosys_version = a.yosys_version AND f.opensta_version = a.opensta_version
WHERE q.keep_blocks = 0
  AND (:design IS NULL OR a.design = :design) AND (:library IS NULL OR a.library = :library)
  AND (:run IS NULL
       OR a.estimate_id IN (SELECT x.estimate_id FROM run_estimate x WHERE x.run_id = :run))
ORDER BY a.estimate_id DESC
LIMIT :limit;
