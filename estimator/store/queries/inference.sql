-- Energy of one whole inference by network, design and library
-- :network= only this network
-- :design= only this design
-- :weight= only this weight format
-- :unit= only multiplier or mac
-- :library= only this library
-- :run= only what belongs to this run (a number of `runs`)
-- :limit=500 at most so many rows
-- Sums of MACs x energy per MAC over the layers that were traced (layers: how many), of each the
-- newest estimate; layers empty: from one trace of the whole network. macs_share: of the MACs of the
-- architecture that this covers, by which sums that miss layers are told. energy_j: functional;
-- with_glitches: what gate delays add counted in, and power_w: functional, weighted by MACs.
-- energy_half_width_j: of the 95 % interval, layers being drawn apart. synthetic 1: operands of a
-- layer rest on made-up weights, else 0.
WITH part AS (
  SELECT t.network_id, e.ppa_id, t.dataflow, e.accuracy_id, e.activity_source, e.power_mode,
         t.weight_scope, t.activation_scope, t.layer, t.macs, t.mac_share, t.synthetic,
         max(e.estimate_id) AS estimate_id, t.macs * e.energy_per_mac_j AS energy_j,
         t.macs * e.energy_per_mac_j * (1 + e.glitch_w / e.power_w) AS energy_with_glitches_j,
         t.macs * e.energy_half_width_j AS energy_half_width_j, t.macs * e.power_w AS weighted_w
  FROM trace t
  CROSS JOIN estimate e ON e.trace_id = t.trace_id
  WHERE t.network_id IN (SELECT n.network_id FROM network n
                         WHERE :network IS NULL OR n.network = :network)
    AND t.macs IS NOT NULL
    AND e.ppa_id IN (SELECT p.ppa_id
                     FROM ppa_point p
                     JOIN design d ON d.design_id = p.design_id
                     JOIN library l ON l.library_id = p.library_id
                     WHERE (:design IS NULL OR d.design = :design)
                       AND (:weight IS NULL OR d.weight_format = :weight)
                       AND (:unit IS NULL OR d.unit = :unit)
                       AND (:library IS NULL OR l.library = :library))
    AND (:run IS NULL
         OR e.estimate_id IN (SELECT x.estimate_id FROM run_estimate x WHERE x.run_id = :run))
  GROUP BY t.network_id, e.ppa_id, t.dataflow, e.accuracy_id, e.activity_source, e.power_mode,
           t.weight_scope, t.activation_scope, t.layer
), whole AS (
  SELECT network_id, ppa_id, dataflow, accuracy_id, weight_scope, activation_scope,
         CASE WHEN layer <> '' THEN count(*) END AS layers, sum(macs) AS macs,
         sum(mac_share) AS macs_share, sum(energy_j) AS energy_j,
         CASE WHEN count(energy_with_glitches_j) = count(*) THEN sum(energy_with_glitches_j) END
           AS energy_with_glitches_j,
         CASE WHEN count(energy_half_width_j) = count(*)
              THEN sqrt(sum(energy_half_width_j * energy_half_width_j)) END
           AS energy_half_width_j,
         sum(weighted_w) / sum(macs) AS power_w, max(synthetic) AS synthetic
  FROM part
  GROUP BY network_id, ppa_id, dataflow, accuracy_id, activity_source, power_mode, weight_scope,
           activation_scope, layer <> ''
)
SELECT n.network, d.design, l.library, p.way, p.clock_period_s AS clock_s, w.dataflow, w.layers, w.macs,
       w.macs_share, w.energy_j, w.energy_half_width_j, w.energy_with_glitches_j,
       w.energy_j / w.macs AS energy_per_mac_j, w.power_w,
       CASE WHEN a.is_complete THEN CAST(a.top1 AS REAL) / a.images END AS accuracy_share,
       d.unit, d.weight_format, d.activation_format,
       coalesce(a.weight_scope, w.weight_scope) AS weight_scope,
       coalesce(a.activation_scope, w.activation_scope) AS activation_scope, w.synthetic
FROM whole w
JOIN network n ON n.network_id = w.network_id
JOIN ppa_point p ON p.ppa_id = w.ppa_id
JOIN design d ON d.design_id = p.design_id
JOIN library l ON l.library_id = p.library_id
LEFT JOIN accuracy a ON a.accuracy_id = w.accuracy_id
ORDER BY n.network, w.network_id, l.library, p.library_id, p.clock_period_s, d.unit, w.dataflow,
         w.layers IS NULL, w.energy_j
LIMIT :limit;
