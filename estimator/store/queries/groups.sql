-- Power of each group of cells: sequential, combinational, clock pins
-- :design= only this design
-- :library= only this library
-- :estimate= only this estimate (a number of `estimates`)
-- :limit=200 at most so many rows
-- synthetic 1: of operands that rest on made-up weights.
SELECT e.estimate_id, e.design, e.way, e.library, q.part AS cell_group, r.cell_count,
       r.internal_w, r.switching_w, r.leakage_w,
       r.internal_w + r.switching_w + r.leakage_w AS power_w,
       r.half_width_w, r.glitch_w,
       r.exact_internal_w + r.switching_w + r.exact_leakage_w AS exact_power_w, r.exact_glitch_w,
       (r.internal_w + r.switching_w + r.leakage_w) / e.power_w AS power_share,
       nullif(e.layer, '') AS layer, nullif(e.synthetic, 0) AS synthetic
FROM v_estimate_si e
CROSS JOIN power_row r ON r.estimate_id = e.estimate_id
JOIN part q ON q.part_id = r.part_id AND q.scope = 'group'
WHERE (:design IS NULL OR e.design = :design) AND (:library IS NULL OR e.library = :library)
  AND e.estimate_id BETWEEN coalesce(:estimate, 1) AND coalesce(:estimate, 9223372036854775807)
ORDER BY e.estimate_id DESC, r.part_id
LIMIT :limit;
