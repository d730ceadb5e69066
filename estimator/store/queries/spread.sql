-- Synthesis noise: best, median and worst of the variants of each design
-- :design= only this design
-- :library= only this library
-- :limit=200 at most so many rows
SELECT d.design, l.library, p.clock_period_s, p.synthesis_runs, p.best_variant, p.area_um2,
       p.area_median_um2, p.area_max_um2, p.area_max_um2 / p.area_um2 - 1 AS area_spread,
       p.critical_path_s, p.critical_path_median_s, p.critical_path_max_s
FROM ppa_point p
JOIN design d ON d.design_id = p.design_id
JOIN library l ON l.library_id = p.library_id
WHERE (:design IS NULL OR d.design = :design) AND (:library IS NULL OR l.library = :library)
ORDER BY p.ppa_id DESC
LIMIT :limit;
