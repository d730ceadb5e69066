-- Bits of a network's weights in each format, and what they save against fixed point
-- :network= only this network
-- :scope= only this scope of weight scales: network, layer or channel
-- :baseline= weight format that reductions are against; none: the narrowest fixed one that keeps top-1
-- :tolerance=0.01 relative loss of top-1 against float32 that counts as kept, for that default
-- :complete=1 0: also what a search looked at on a part of the images
-- :limit=200 at most so many rows
-- weight_bits: codes, scales and tables of shared values together (network_weight_bits); shared_bits:
-- scales and tables that are no single layer's. Parts and zero skipping are empty where layers are
-- not known. zero_skipping_bits: a code
-- that leaves zeros out (distances between the others, with their codes), with scales and tables.
-- Baselines are of the same network, images and scope. Accuracy: with the activations that a format
-- does best with.
WITH pair AS (
  SELECT a.accuracy_id, a.network_id, a.dataset_hash, a.planned_images, a.weight_scope,
         a.weight_format, a.weight_calibration, a.overrides, a.network_weight_bits, a.weight_count,
         a.is_complete, a.top1, max(CAST(a.top1 AS REAL) / a.images) AS accuracy_share
  FROM accuracy a
  WHERE a.is_complete >= :complete
  GROUP BY a.network_id, a.dataset_hash, a.planned_images, a.weight_scope, a.weight_format,
           a.weight_calibration, a.overrides
), reference AS (
  SELECT network_id, dataset_hash, planned_images, max(accuracy_share) AS accuracy_share
  FROM pair
  WHERE weight_format = 'float32' AND is_complete
  GROUP BY network_id, dataset_hash, planned_images
), baseline AS (
  SELECT p.network_id, p.dataset_hash, p.planned_images, p.weight_scope, p.weight_format,
         min(p.network_weight_bits) AS network_weight_bits
  FROM pair p
  LEFT JOIN reference r ON r.network_id = p.network_id AND r.dataset_hash = p.dataset_hash
   AND r.planned_images = p.planned_images
  WHERE p.overrides = ''
    AND CASE WHEN :baseline IS NULL
             THEN (p.weight_format GLOB 'int[0-9]*' OR p.weight_format GLOB 'fixed[0-9]*')
                  AND p.is_complete AND p.accuracy_share >= (1 - :tolerance) * r.accuracy_share
             ELSE p.weight_format = :baseline END
  GROUP BY p.network_id, p.dataset_hash, p.planned_images, p.weight_scope
)
SELECT n.network, p.weight_scope, p.weight_format, nullif(p.overrides, '') AS overrides,
       x.code_bits, x.scale_bits, x.table_bits, p.network_weight_bits - x.layer_bits AS shared_bits,
       p.network_weight_bits AS weight_bits,
       CAST(p.network_weight_bits AS REAL) / nullif(p.weight_count, 0) AS bits_per_weight,
       b.weight_format AS baseline,
       1 - CAST(p.network_weight_bits AS REAL) / b.network_weight_bits AS storage_reduction,
       x.zero_weights_share,
       x.zero_skipping_bits + p.network_weight_bits - x.layer_bits AS zero_skipping_bits,
       1 - CAST(x.zero_skipping_bits + p.network_weight_bits - x.layer_bits AS REAL)
         / b.network_weight_bits AS zero_skipping_reduction,
       p.accuracy_share, p.weight_calibration, nullif(n.note, '') AS note
FROM pair p
JOIN network n ON n.network_id = p.network_id
LEFT JOIN (SELECT accuracy_id, sum(code_bits) AS code_bits, sum(scale_bits) AS scale_bits,
                  sum(table_bits) AS table_bits, sum(code_bits + scale_bits + table_bits) AS layer_bits,
                  CAST(sum(zero_weights) AS REAL) / sum(weight_count) AS zero_weights_share,
                  CASE WHEN count(zero_skipping_bits) = count(*)
                       THEN sum(zero_skipping_bits + scale_bits + table_bits) END
                    AS zero_skipping_bits
           FROM accuracy_layer
           GROUP BY accuracy_id) x ON x.accuracy_id = p.accuracy_id
LEFT JOIN baseline b ON b.network_id = p.network_id AND b.dataset_hash = p.dataset_hash
 AND b.planned_images = p.planned_images AND b.weight_scope = p.weight_scope
WHERE (:network IS NULL OR n.network = :network) AND (:scope IS NULL OR p.weight_scope = :scope)
ORDER BY n.network, p.network_id, p.dataset_hash, p.planned_images, p.weight_scope,
         p.network_weight_bits, p.accuracy_id
LIMIT :limit;
