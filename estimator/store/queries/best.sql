-- Least energy per MAC among designs of a network that meet the clock and lose little accuracy
-- :loss=0.01 accuracy that may be lost (0.01: one point) against the best format of the network
-- :unit=mac multiplier, mac or module
-- :library= only this library
-- :network= only this network
-- :limit=20 at most so many rows
SELECT e.design, e.library, e.way, e.clock_period_s, e.energy_per_mac_j, e.power_w, e.area_um2,
       e.critical_path_s, e.network, e.accuracy_share, e.network_weight_bits, e.estimate_id
FROM v_estimate_si e
WHERE e.unit = :unit AND (:library IS NULL OR e.library = :library)
  AND (:network IS NULL OR e.network = :network) AND e.slack_s >= 0
  AND e.layer = ''
  AND e.accuracy_share >= (SELECT max(CAST(a.top1 AS REAL) / a.images) FROM accuracy a
                           WHERE a.network_id = e.network_id AND a.is_complete) - :loss
ORDER BY e.energy_per_mac_j
LIMIT :limit;
