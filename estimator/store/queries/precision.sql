-- Range against precision: accuracy of float weights, a row for each E and a column for each M
-- :network= only this network
-- :scope=layer scope of weight scales: network, layer or channel
-- :activation=float32 activation format
-- :complete=1 0: also what a search looked at on a part of the images
-- :limit=200 at most so many rows
-- Formats with gradual underflow, the same in all layers. m<M>_share: top-1 accuracy of e<E>m<M>;
-- empty where it was not scored. Tables with other calibration, images or engine are apart.
SELECT n.network, a.weight_scope, a.activation_format,
       CAST(substr(a.weight_format, 2) AS INTEGER) AS exponent_bits,
       max(CASE WHEN a.weight_format LIKE '%m0' THEN 1.0 * a.top1 / a.images END) AS m0_share,
       max(CASE WHEN a.weight_format LIKE '%m1' THEN 1.0 * a.top1 / a.images END) AS m1_share,
       max(CASE WHEN a.weight_format LIKE '%m2' THEN 1.0 * a.top1 / a.images END) AS m2_share,
       max(CASE WHEN a.weight_format LIKE '%m3' THEN 1.0 * a.top1 / a.images END) AS m3_share,
       max(CASE WHEN a.weight_format LIKE '%m4' THEN 1.0 * a.top1 / a.images END) AS m4_share,
       max(CASE WHEN a.weight_format LIKE '%m5' THEN 1.0 * a.top1 / a.images END) AS m5_share,
       max(CASE WHEN a.weight_format LIKE '%m6' THEN 1.0 * a.top1 / a.images END) AS m6_share,
       max(CASE WHEN a.weight_format LIKE '%m7' THEN 1.0 * a.top1 / a.images END) AS m7_share,
       a.planned_images, a.calibration, a.engine
FROM accuracy a
JOIN network n ON n.network_id = a.network_id
WHERE (:network IS NULL OR n.network = :network) AND a.weight_scope = :scope
  AND a.activation_format = :activation AND a.overrides = ''
  AND a.weight_format GLOB 'e[0-9]m[0-7]' AND a.is_complete >= :complete
GROUP BY a.network_id, a.dataset_hash, a.planned_images, a.activation_scope, a.calibration,
         a.weight_calibration, a.activation_calibration, a.engine,
         CAST(substr(a.weight_format, 2) AS INTEGER)
ORDER BY n.network, a.network_id, a.dataset_hash, a.planned_images, a.activation_scope,
         a.calibration, a.weight_calibration, a.activation_calibration, a.engine, exponent_bits
LIMIT :limit;
