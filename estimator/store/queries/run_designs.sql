-- What a run measured: each design's power, and what share of a network's MACs it serves
-- :run= a number of `runs`; without, the newest
-- :limit=10000 at most so many rows
-- total_w: functional power with glitches. mac_share: MACs of the layers whose operands drove it, of
-- all in the network's architecture; macs: their number in one inference. layer: empty for the whole
-- network. synthetic: 1 where weights were made up.
SELECT l.library, p.way, d.unit, d.weight_format, d.activation_format, d.accumulator_bits, p.area_um2,
       p.critical_path_s, p.clock_period_s, e.power_w, e.glitch_w, e.power_w + e.glitch_w AS total_w,
       e.power_half_width_w, e.total_half_width_w, t.layer, t.macs, t.mac_share, t.synthetic
FROM run_estimate x
JOIN estimate e ON e.estimate_id = x.estimate_id
JOIN ppa_point p ON p.ppa_id = e.ppa_id
JOIN design d ON d.design_id = p.design_id
JOIN library l ON l.library_id = p.library_id
JOIN trace t ON t.trace_id = e.trace_id
WHERE x.run_id = coalesce(:run, (SELECT max(run_id) FROM run))
ORDER BY l.library, d.unit DESC, d.weight_bits DESC, d.weight_format, t.mac_share DESC
LIMIT :limit;
