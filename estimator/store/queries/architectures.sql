-- Area x delay of each design by each way: best, median and spread of its runs, beside the best peer
-- :design= only this design
-- :weight= only this weight format
-- :unit= only multiplier or mac
-- :library= only this library
-- :implementation= only yosys, search, given or peer
-- :run= only what belongs to this run (a number of `runs`)
-- :limit=500 at most so many rows
-- area_um2, critical_path_s: of the variant or seed with the least area x delay; area_path: area in
-- um2 x delay in ns, best and median of all runs, spread the worst against the best. Rows of
-- implementation peer: what others reach for the same function on this library (table peer, of a
-- config's `peers:`). peer: the best of these, reduction against it; empty where none is known, and
-- for points whose inputs have no driving cells, since the peers' figures are with them.
WITH ranked AS (
  SELECT r.ppa_id, r.area_um2, r.critical_path_s, r.area_um2 * 1e9 * r.critical_path_s AS area_path,
         row_number() OVER (PARTITION BY r.ppa_id
                            ORDER BY r.area_um2 * r.critical_path_s, r.run_index) AS place,
         count(*) OVER (PARTITION BY r.ppa_id) AS runs
  FROM ppa_run r
), summary AS (
  SELECT ppa_id, runs, max(CASE WHEN place = 1 THEN area_um2 END) AS area_um2,
         max(CASE WHEN place = 1 THEN critical_path_s END) AS critical_path_s,
         min(area_path) AS best,
         avg(CASE WHEN place IN ((runs + 1) / 2, runs / 2 + 1) THEN area_path END) AS median,
         max(area_path) AS worst
  FROM ranked
  GROUP BY ppa_id
), peers AS (
  SELECT library, unit, weight_format, activation_format, accumulator_bits, terms, registers, peer,
         min(area_um2 * 1e9 * critical_path_s) AS area_path
  FROM peer
  GROUP BY library, unit, weight_format, activation_format, accumulator_bits, terms, registers
), own AS (
SELECT l.library, l.library_id, d.design, d.design_id, p.implementation,
       CASE p.implementation WHEN 'search' THEN p.objective ELSE p.recipe END AS recipe, p.way,
       coalesce(s.runs, p.synthesis_runs) AS runs,
       coalesce(s.area_um2, p.area_um2) AS area_um2,
       coalesce(s.critical_path_s, p.critical_path_s) AS critical_path_s,
       coalesce(s.best, p.area_um2 * 1e9 * p.critical_path_s) AS best_area_path,
       s.median AS median_area_path, s.worst / s.best - 1 AS area_path_spread,
       q.peer, q.area_path AS peer_area_path,
       1 - coalesce(s.best, p.area_um2 * 1e9 * p.critical_path_s) / q.area_path AS peer_reduction,
       p.ppa_id AS ppa, p.clock_period_s, p.driving_cell
FROM ppa_point p
JOIN design d ON d.design_id = p.design_id
JOIN library l ON l.library_id = p.library_id
LEFT JOIN summary s ON s.ppa_id = p.ppa_id
LEFT JOIN peers q
  ON q.library = l.library AND q.unit = d.unit AND q.weight_format = d.weight_format
 AND q.activation_format = d.activation_format AND q.accumulator_bits = d.accumulator_bits
 AND q.terms = d.terms AND q.registers = d.registers AND p.driving_cell <> ''
WHERE (:design IS NULL OR d.design = :design) AND (:weight IS NULL OR d.weight_format = :weight)
  AND (:unit IS NULL OR d.unit = :unit) AND (:library IS NULL OR l.library = :library)
  AND (:run IS NULL
       OR p.ppa_id IN (SELECT e.ppa_id
                       FROM run_estimate x
                       JOIN estimate e ON e.estimate_id = x.estimate_id
                       WHERE x.run_id = :run))
), function AS (
  SELECT DISTINCT o.library, o.library_id, o.clock_period_s, d.unit, d.weight_format,
         d.activation_format, d.accumulator_bits, d.terms, d.registers, d.weight_bits,
         d.activation_bits
  FROM own o
  JOIN design d ON d.design_id = o.design_id
  WHERE o.driving_cell <> ''
), row AS (
  SELECT o.library, o.design, o.implementation, o.recipe, o.way, o.runs, o.area_um2,
         o.critical_path_s, o.best_area_path, o.median_area_path, o.area_path_spread, o.peer,
         o.peer_area_path, o.peer_reduction, o.ppa, o.library_id, o.clock_period_s, d.unit,
         d.weight_bits, d.weight_format, d.activation_bits, d.activation_format,
         d.accumulator_bits, d.terms, d.registers
  FROM own o
  JOIN design d ON d.design_id = o.design_id
  WHERE :implementation IS NULL OR o.implementation = :implementation
  UNION ALL
  SELECT f.library, NULL, 'peer', NULL, r.peer, r.runs, r.area_um2, r.critical_path_s,
         r.area_um2 * 1e9 * r.critical_path_s, r.median_area_path,
         r.worst_area_path / (r.area_um2 * 1e9 * r.critical_path_s) - 1, NULL, NULL, NULL, NULL,
         f.library_id, f.clock_period_s, f.unit, f.weight_bits, f.weight_format, f.activation_bits,
         f.activation_format, f.accumulator_bits, f.terms, f.registers
  FROM function f
  JOIN peer r ON r.library = f.library AND r.unit = f.unit AND r.weight_format = f.weight_format
   AND r.activation_format = f.activation_format AND r.accumulator_bits = f.accumulator_bits
   AND r.terms = f.terms AND r.registers = f.registers
  WHERE :implementation IS NULL OR :implementation = 'peer'
)
SELECT library, unit, weight_format AS weight, activation_format AS activation,
       nullif(accumulator_bits, 0) AS accumulator_bits, nullif(terms, 1) AS terms,
       CASE WHEN registers = 0 THEN 'none' END AS registers, design, implementation, recipe, way,
       runs, area_um2, critical_path_s, best_area_path, median_area_path, area_path_spread, peer,
       peer_area_path, peer_reduction, ppa
FROM row
ORDER BY library, library_id, unit, weight_bits, weight_format, activation_bits, activation_format,
         accumulator_bits, terms, registers DESC, clock_period_s, best_area_path
LIMIT :limit;
