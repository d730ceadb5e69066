-- Power beside that of a second engine (OpenSTA), by component, with the difference
-- :design= only this design
-- :library= only this library
-- :run= only what belongs to this run (a number of `runs`)
-- :limit=200 at most so many rows
-- difference: the engine against macppa's functional power of the same activity. Empty where the
-- engine does not tell a component. synthetic 1: of operands that rest on made-up weights.
WITH component (place, component) AS (
  VALUES (1, 'internal'), (2, 'switching'), (3, 'leakage'), (4, 'total')
), side AS (
  SELECT e.estimate_id, e.design, e.way, e.library, e.clock_period_s, e.engine, c.place, c.component,
         CASE c.place WHEN 1 THEN e.internal_w WHEN 2 THEN e.switching_w WHEN 3 THEN e.leakage_w
                      ELSE e.power_w END AS own_w,
         CASE c.place WHEN 1 THEN e.engine_internal_w WHEN 2 THEN e.engine_switching_w
                      WHEN 3 THEN e.engine_leakage_w
                      ELSE e.engine_internal_w + e.engine_switching_w + e.engine_leakage_w
                      END AS engine_w,
         nullif(e.layer, '') AS layer, nullif(e.synthetic, 0) AS synthetic
  FROM v_estimate_si e
  CROSS JOIN component c
  WHERE e.engine IS NOT NULL
    AND (:design IS NULL OR e.design = :design) AND (:library IS NULL OR e.library = :library)
    AND (:run IS NULL
         OR e.estimate_id IN (SELECT x.estimate_id FROM run_estimate x WHERE x.run_id = :run))
)
SELECT design, library, way, clock_period_s AS clock_s, engine, component, own_w, engine_w,
       100 * (engine_w / nullif(own_w, 0) - 1) AS difference_percent, layer, synthetic,
       estimate_id
FROM side
ORDER BY estimate_id DESC, place
LIMIT :limit;
