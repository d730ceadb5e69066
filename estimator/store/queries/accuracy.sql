-- Accuracy and weight storage of each network, format pair and scope of scales
-- :network= only this network
-- :weight= only this weight format
-- :activation= only this activation format
-- :scope= only this scope of weight scales: network, layer or channel
-- :complete=1 0: also what a search looked at on a part of the images
-- :limit=200 at most so many rows
-- images: scored of planned_images.
SELECT n.network, a.weight_format, a.activation_format, a.weight_scope, a.activation_scope,
       CAST(a.top1 AS REAL) / a.images AS accuracy_share,
       CAST(a.top5 AS REAL) / a.images AS top5_share, a.top1, a.top5, a.images, a.planned_images,
       a.weight_count, a.network_weight_bits, nullif(a.overrides, '') AS overrides, a.calibration,
       a.engine
FROM accuracy a
JOIN network n ON n.network_id = a.network_id
WHERE (:network IS NULL OR n.network = :network) AND (:scope IS NULL OR a.weight_scope = :scope)
  AND (:weight IS NULL OR a.weight_format = :weight)
  AND (:activation IS NULL OR a.activation_format = :activation) AND a.is_complete >= :complete
ORDER BY n.network, CAST(a.top1 AS REAL) / a.images DESC, a.network_weight_bits, a.accuracy_id
LIMIT :limit;
