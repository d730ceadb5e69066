-- The same function by different ways: scripts of Yosys, searches, architectures, side by side
-- :weight= only this weight format
-- :activation= only this activation format
-- :unit= only multiplier, mac or module
-- :library= only this library
-- :run= only what belongs to this run (a number of `runs`)
-- :limit=500 at most so many rows
-- Of each point the newest estimate. Rows of one function (unit, formats, accumulator, terms) under
-- the same library, clock, wires, driving cells and loads stand together, the least area x delay
-- first; area_path: area in um2 x delay in ns of the kept variant; total_w: with glitches.
SELECT d.design, l.library, p.clock_period_s AS clock_s, p.way, nullif(d.multiplier, '-') AS multiplier,
       nullif(d.adder, '') AS adder, nullif(d.form, '') AS form,
       CASE WHEN d.registers = 0 THEN 'none' END AS registers, p.synthesis_runs AS runs,
       p.area_um2, p.critical_path_s, p.area_um2 * 1e9 * p.critical_path_s AS area_path,
       e.power_w, e.power_w + e.glitch_w AS total_w, e.energy_per_mac_j,
       nullif(p.driving_cell, '') AS driving_cell, nullif(p.wire_load, 'none') AS wire_load,
       p.ppa_id AS ppa
FROM ppa_point p
JOIN design d ON d.design_id = p.design_id
JOIN library l ON l.library_id = p.library_id
LEFT JOIN estimate e ON e.estimate_id = (SELECT max(n.estimate_id) FROM estimate n
                                         WHERE n.ppa_id = p.ppa_id)
WHERE (:weight IS NULL OR d.weight_format = :weight)
  AND (:activation IS NULL OR d.activation_format = :activation)
  AND (:unit IS NULL OR d.unit = :unit) AND (:library IS NULL OR l.library = :library)
  AND (:run IS NULL
       OR p.ppa_id IN (SELECT n.ppa_id
                       FROM run_estimate x
                       JOIN estimate n ON n.estimate_id = x.estimate_id
                       WHERE x.run_id = :run))
ORDER BY l.library, p.library_id, d.unit, d.weight_bits, d.weight_format, d.activation_format,
         d.accumulator_bits, d.terms, d.registers, p.clock_period_s, p.wire_load, p.driving_cell,
         p.output_load_f, p.area_um2 * p.critical_path_s
LIMIT :limit;
