-- The user's own modules: area, time, functional and glitch power, their intervals, how proven
-- :design= only this design
-- :library= only this library
-- :run= only what belongs to this run (a number of `runs`)
-- :limit=200 at most so many rows
-- power_w: functional, internal + switching + leakage; total_w: with glitches. exact_total_w: the
-- same in exact mode. Half widths are of 95 % intervals. energy_per_cycle_j: of total_w. What is
-- not known (glitches, exact mode, intervals of activity from a file) is empty.
SELECT design, library, clock_period_s AS clock_s, way, nullif(wire_load, 'none') AS wire_load,
       area_um2, critical_path_s, CASE WHEN slack_s < 0 THEN -slack_s END AS clock_missed_s,
       cell_count, register_count, internal_w, switching_w, leakage_w, power_w, glitch_w,
       power_w + coalesce(glitch_w, 0) AS total_w, total_half_width_w, glitch_half_width_w,
       exact_power_w + exact_glitch_w AS exact_total_w,
       (power_w + coalesce(glitch_w, 0)) * clock_period_s AS energy_per_cycle_j,
       cycles, unsettled_share, activity_source, annotated_share, trace_source,
       proof_rtl, proof_netlist, block_origin, estimate_id
FROM v_estimate_si
WHERE unit = 'module' AND (:design IS NULL OR design = :design)
  AND (:library IS NULL OR library = :library)
  AND (:run IS NULL
       OR estimate_id IN (SELECT x.estimate_id FROM run_estimate x WHERE x.run_id = :run))
ORDER BY estimate_id DESC
LIMIT :limit;
