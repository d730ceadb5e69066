-- The front of each search: points that nothing else of it beats in area, delay and power at once
-- :design= only this design
-- :library= only this library
-- :ppa= only this PPA point (a number of `ways`)
-- :run= only what belongs to this run (a number of `runs`)
-- :limit=500 at most so many rows
-- By rising delay. confirmed: 1 where OpenSTA timed the point, 0 where the search's own timing did.
-- power_w: with glitches, as the search estimates it. area_path: area in um2 x delay in ns. Netlists: table front, as docs/database.md shows.
SELECT d.design, l.library, p.way, f.critical_path_s, f.area_um2, f.power_w,
       f.area_um2 * 1e9 * f.critical_path_s AS area_path, f.seed, f.confirmed, f.proof_netlist,
       f.ppa_id AS ppa, f.front_id AS front
FROM front f
JOIN ppa_point p ON p.ppa_id = f.ppa_id
JOIN design d ON d.design_id = p.design_id
JOIN library l ON l.library_id = p.library_id
WHERE (:design IS NULL OR d.design = :design) AND (:library IS NULL OR l.library = :library)
  AND (:ppa IS NULL OR f.ppa_id = :ppa)
  AND (:run IS NULL
       OR f.ppa_id IN (SELECT e.ppa_id
                       FROM run_estimate x
                       JOIN estimate e ON e.estimate_id = x.estimate_id
                       WHERE x.run_id = :run))
ORDER BY f.ppa_id DESC, f.place
LIMIT :limit;
