-- Power and energy of each layer of a network: per MAC and in one inference
-- :network= only this network
-- :design= only this design
-- :weight= only this weight format
-- :unit= only multiplier or mac
-- :library= only this library
-- :run= only what belongs to this run (a number of `runs`)
-- :limit=2000 at most so many rows
-- Estimates on the operands of one layer alone. power_w, energy_per_mac_j: functional;
-- with_glitches: what gate delays add counted in. energy_j: of all MACs of the layer for one image.
-- macs_share: of the whole architecture. synthetic 1: operands rest on made-up weights, else 0.
SELECT t.layer, n.network, d.design, l.library, p.way, p.clock_period_s AS clock_s, t.dataflow, t.macs,
       t.mac_share AS macs_share, e.power_w, e.power_half_width_w, e.glitch_w, e.energy_per_mac_j,
       e.energy_per_mac_j * (1 + e.glitch_w / e.power_w) AS energy_with_glitches_per_mac_j,
       t.macs * e.energy_per_mac_j AS energy_j,
       t.macs * e.energy_per_mac_j * (1 + e.glitch_w / e.power_w) AS energy_with_glitches_j,
       t.zero_weights_share, t.zero_activations_share,
       coalesce(a.weight_scope, t.weight_scope) AS weight_scope,
       coalesce(a.activation_scope, t.activation_scope) AS activation_scope,
       t.synthetic, e.estimate_id
FROM (
  SELECT e.estimate_id, n.network, l.library, p.library_id, p.clock_period_s, d.unit, d.design,
         e.ppa_id, t.dataflow, e.accuracy_id, x.layer_index, t.trace_id
  FROM network n
  CROSS JOIN trace t ON t.network_id = n.network_id AND t.layer > ''
  CROSS JOIN estimate e ON e.trace_id = t.trace_id
  CROSS JOIN ppa_point p ON p.ppa_id = e.ppa_id
  CROSS JOIN design d ON d.design_id = p.design_id
  CROSS JOIN library l ON l.library_id = p.library_id
  LEFT JOIN accuracy_layer x ON x.accuracy_id = e.accuracy_id AND x.layer = t.layer
  WHERE (:network IS NULL OR n.network = :network) AND (:design IS NULL OR d.design = :design)
    AND (:weight IS NULL OR d.weight_format = :weight) AND (:unit IS NULL OR d.unit = :unit)
    AND (:library IS NULL OR l.library = :library)
    AND (:run IS NULL
         OR e.estimate_id IN (SELECT y.estimate_id FROM run_estimate y WHERE y.run_id = :run))
  ORDER BY n.network, n.network_id, l.library, p.library_id, p.clock_period_s, d.unit, d.design,
           e.ppa_id, t.dataflow, e.accuracy_id, x.layer_index, t.trace_id, e.estimate_id
  LIMIT :limit
) o
JOIN estimate e ON e.estimate_id = o.estimate_id
JOIN trace t ON t.trace_id = e.trace_id
JOIN network n ON n.network_id = t.network_id
JOIN ppa_point p ON p.ppa_id = e.ppa_id
JOIN design d ON d.design_id = p.design_id
JOIN library l ON l.library_id = p.library_id
LEFT JOIN accuracy a ON a.accuracy_id = e.accuracy_id
ORDER BY n.network, n.network_id, o.library, o.library_id, o.clock_period_s, o.unit, o.design,
         o.ppa_id, o.dataflow, o.accuracy_id, o.layer_index, o.trace_id, o.estimate_id;
