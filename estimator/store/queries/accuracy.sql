-- Accuracy and weight storage of each network and format pair
-- :network= only this network
-- :limit=200 at most so many rows
SELECT n.network, a.weight_format, a.activation_format,
       CAST(a.top1 AS REAL) / a.images AS accuracy_share,
       CAST(a.top5 AS REAL) / a.images AS top5_share, a.images, a.weight_count,
       a.network_weight_bits, a.calibration
FROM accuracy a
JOIN network n ON n.network_id = a.network_id
WHERE (:network IS NULL OR n.network = :network)
ORDER BY n.network, CAST(a.top1 AS REAL) / a.images DESC, a.network_weight_bits
LIMIT :limit;
