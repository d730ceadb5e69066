-- The newest estimates: area, delay, power, energy, accuracy
-- :design= only this design
-- :weight= only this weight format
-- :unit= only multiplier, mac or module
-- :library= only this library
-- :run= only what belongs to this run (a number of `runs`)
-- :limit=200 at most so many rows
-- synthetic 1: of operands that rest on made-up weights.
SELECT estimate_id, design, library, way, clock_period_s, area_um2, critical_path_s, slack_s, power_w,
       energy_per_mac_j, accuracy_share, annotated_share, trace_source, nullif(layer, '') AS layer,
       nullif(synthetic, 0) AS synthetic
FROM v_estimate_si
WHERE (:design IS NULL OR design = :design) AND (:weight IS NULL OR weight_format = :weight)
  AND (:unit IS NULL OR unit = :unit) AND (:library IS NULL OR library = :library)
  AND (:run IS NULL
       OR estimate_id IN (SELECT x.estimate_id FROM run_estimate x WHERE x.run_id = :run))
ORDER BY estimate_id DESC
LIMIT :limit;
