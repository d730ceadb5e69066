-- Noise: best, median and worst of the variants or seeds of each design
-- :design= only this design
-- :library= only this library
-- :run= only what belongs to this run (a number of `runs`)
-- :limit=200 at most so many rows
-- Variants of a synthesis differ in names and order alone, those of a search by their seed: two
-- designs that are closer than this are not told apart. A spread is worst against best; areas and
-- paths are each sorted for themselves, area_path of each variant as one number. Empty where the
-- variants were not kept (results of schema version 3).
WITH product AS (
  SELECT r.ppa_id, r.area_um2 * 1e9 * r.critical_path_s AS area_path, r.wall_s, r.power_w,
         row_number() OVER (PARTITION BY r.ppa_id ORDER BY r.area_um2 * r.critical_path_s) AS place,
         count(*) OVER (PARTITION BY r.ppa_id) AS runs
  FROM ppa_run r
), summary AS (
  SELECT ppa_id, min(area_path) AS best,
         avg(CASE WHEN place IN ((runs + 1) / 2, runs / 2 + 1) THEN area_path END) AS median,
         max(area_path) AS worst, sum(wall_s) AS wall_s
  FROM product
  GROUP BY ppa_id
)
SELECT d.design, l.library, p.way, p.clock_period_s, p.synthesis_runs, p.best_variant, p.area_um2,
       p.area_median_um2, p.area_max_um2, p.area_max_um2 / p.area_um2 - 1 AS area_spread,
       p.critical_path_s, p.critical_path_median_s, p.critical_path_max_s,
       s.best AS best_area_path, s.median AS median_area_path, s.worst / s.best - 1 AS area_path_spread,
       s.wall_s
FROM ppa_point p
JOIN design d ON d.design_id = p.design_id
JOIN library l ON l.library_id = p.library_id
LEFT JOIN summary s ON s.ppa_id = p.ppa_id
WHERE (:design IS NULL OR d.design = :design) AND (:library IS NULL OR l.library = :library)
  AND (:run IS NULL
       OR p.ppa_id IN (SELECT e.ppa_id
                       FROM run_estimate x
                       JOIN estimate e ON e.estimate_id = x.estimate_id
                       WHERE x.run_id = :run))
ORDER BY p.ppa_id DESC
LIMIT :limit;
