-- The narrowest weights of each kind that keep a network's accuracy
-- :network= only this network
-- :scope= only this scope of weight scales: network, layer or channel
-- :activation= only this activation format
-- :tolerance=0.01 relative loss of top-1 against float32 that counts as kept, by count
-- :limit=200 at most so many rows
-- Formats scored on all images and the same in all layers. Kinds: fixed, float, clustered (a table
-- of shared values). Of several equally wide ones the most accurate.
WITH pair AS (
  SELECT a.*, n.network,
         CASE WHEN a.weight_format GLOB 'int[0-9]*' OR a.weight_format GLOB 'fixed[0-9]*'
              THEN 'fixed'
              WHEN a.weight_format GLOB 'e[0-9]*m[0-9]*' THEN 'float'
              WHEN a.weight_format GLOB 'lut[0-9]*' THEN 'clustered' END AS kind,
         CASE WHEN a.weight_format GLOB 'e[0-9]*m[0-9]*'
              THEN 1 + CAST(substr(a.weight_format, 2) AS INTEGER)
                     + CAST(substr(a.weight_format, instr(a.weight_format, 'm') + 1) AS INTEGER)
              ELSE CAST(ltrim(a.weight_format, 'abcdefghijklmnopqrstuvwxyz') AS INTEGER) END
           AS weight_bits
  FROM accuracy a
  JOIN network n ON n.network_id = a.network_id
  WHERE a.is_complete AND a.overrides = ''
), kept AS (
  SELECT p.*, r.top1 AS reference_top1,
         row_number() OVER (
           PARTITION BY p.network_id, p.dataset_hash, p.images, p.weight_scope,
                        p.activation_scope, p.activation_format, p.kind
           ORDER BY p.weight_bits, p.top1 DESC, p.network_weight_bits, p.accuracy_id) AS place
  FROM pair p
  JOIN (SELECT network_id, dataset_hash, images, max(top1) AS top1
        FROM pair
        WHERE weight_format = 'float32' AND activation_format = 'float32'
        GROUP BY network_id, dataset_hash, images) r
    ON r.network_id = p.network_id AND r.dataset_hash = p.dataset_hash AND r.images = p.images
  WHERE p.kind IS NOT NULL AND p.top1 >= (1 - :tolerance) * r.top1
)
SELECT network, weight_scope, activation_format, kind, weight_format, weight_bits,
       CAST(top1 AS REAL) / images AS accuracy_share, top1, reference_top1, images,
       network_weight_bits, activation_scope, calibration
FROM kept
WHERE place = 1 AND (:network IS NULL OR network = :network)
  AND (:scope IS NULL OR weight_scope = :scope)
  AND (:activation IS NULL OR activation_format = :activation)
ORDER BY network, network_id, dataset_hash, images, weight_scope, activation_scope,
         activation_format, kind
LIMIT :limit;
