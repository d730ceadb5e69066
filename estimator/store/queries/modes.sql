-- Functional and glitch power in compatible and exact mode, with interval and unsettled cycles
-- :design= only this design
-- :library= only this library
-- :run= only what belongs to this run (a number of `runs`)
-- :limit=200 at most so many rows
-- power_w: functional, compatible mode; total_w: with glitches. Half widths are of 95 % intervals.
-- exact_difference: of total power, exact against compatible. unsettled: cycles in which a net moved
-- after the clock period. synthetic 1: of operands that rest on made-up weights.
SELECT design, library, way, clock_period_s AS clock_s, power_w, power_half_width_w, glitch_w,
       glitch_half_width_w, power_w + glitch_w AS total_w, total_half_width_w,
       exact_power_w, exact_glitch_w,
       100 * ((exact_power_w + exact_glitch_w) / (power_w + glitch_w) - 1)
         AS exact_difference_percent,
       100 * total_half_width_w / (power_w + glitch_w) AS half_width_percent,
       100 * unsettled_share AS unsettled_percent, cycles, nullif(layer, '') AS layer,
       nullif(synthetic, 0) AS synthetic, estimate_id
FROM v_estimate_si
WHERE (:design IS NULL OR design = :design) AND (:library IS NULL OR library = :library)
  AND (:run IS NULL
       OR estimate_id IN (SELECT x.estimate_id FROM run_estimate x WHERE x.run_id = :run))
ORDER BY estimate_id DESC
LIMIT :limit;
