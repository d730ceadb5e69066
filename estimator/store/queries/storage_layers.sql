-- Bits of each layer's weights: codes, scales, tables, and with zeros left out
-- :network= only this network
-- :weight= only this weight format of the network
-- :scope= only this scope of weight scales: network, layer or channel
-- :limit=500 at most so many rows
-- zero_skipping_bits: in place of code_bits, distances between the weights that are not zero
-- (index_bits each, chosen for the least size) with their codes. Unit exponents differ within a layer
-- where each channel has its own.
WITH pair AS (
  SELECT max(a.accuracy_id) AS accuracy_id, a.network_id, a.weight_scope, a.weight_format,
         a.overrides
  FROM accuracy a
  WHERE EXISTS (SELECT 1 FROM accuracy_layer y WHERE y.accuracy_id = a.accuracy_id)
    AND (:weight IS NULL OR a.weight_format = :weight)
    AND (:scope IS NULL OR a.weight_scope = :scope)
  GROUP BY a.network_id, a.weight_scope, a.weight_format, a.weight_calibration, a.overrides
)
SELECT n.network, p.weight_scope, p.weight_format AS network_format, x.layer, x.kind,
       x.weight_format, x.weight_count, CAST(x.zero_weights AS REAL) / x.weight_count
         AS zero_weights_share,
       x.distinct_weights, x.code_bits, x.scale_bits, x.table_bits,
       CAST(x.code_bits + x.scale_bits + x.table_bits AS REAL) / x.weight_count AS bits_per_weight,
       x.zero_skipping_bits, x.skipping_index_bits AS index_bits,
       1 - CAST(x.zero_skipping_bits AS REAL) / x.code_bits AS zero_skipping_reduction, x.macs,
       x.smallest_weight_unit_exponent AS smallest_exponent,
       x.largest_weight_unit_exponent AS largest_exponent, x.accumulator_bits,
       nullif(p.overrides, '') AS overrides
FROM pair p
CROSS JOIN network n ON n.network_id = p.network_id
CROSS JOIN accuracy_layer x ON x.accuracy_id = p.accuracy_id
WHERE (:network IS NULL OR n.network = :network)
ORDER BY n.network, p.network_id, p.weight_scope, p.weight_format, p.overrides, p.accuracy_id,
         x.layer_index
LIMIT :limit;
