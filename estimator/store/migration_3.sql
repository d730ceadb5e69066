-- From version 2 to 3. Never edited once released: what comes later is a migration of its own.
-- accuracy is built anew, as in migration 2; tables that gain columns only are altered.

PRAGMA legacy_alter_table = ON;

-- whole_macs: of one image in the whole architecture, more than there are weights for where a part
-- of them is missing. note: what is special about the weights, such as 'pruned and clustered'.
ALTER TABLE network ADD COLUMN whole_macs INTEGER CHECK (whole_macs > 0);
ALTER TABLE network ADD COLUMN weight_count INTEGER CHECK (weight_count > 0);
ALTER TABLE network ADD COLUMN note TEXT NOT NULL DEFAULT '';

-- How often a network is right with a pair of formats: top1 and top5 of images. Fewer images than
-- planned: a search looked at a part of them and stopped.
CREATE TABLE accuracy_3 (
  accuracy_id INTEGER PRIMARY KEY,
  accuracy_key TEXT NOT NULL UNIQUE CHECK (length(accuracy_key) = 32),
  network_id INTEGER NOT NULL REFERENCES network,
  context_id INTEGER NOT NULL REFERENCES context,
  created_unix_s INTEGER NOT NULL DEFAULT (unixepoch()),
  dataset_hash TEXT NOT NULL CHECK (dataset_hash <> ''),
  weight_format TEXT NOT NULL CHECK (weight_format <> ''),
  activation_format TEXT NOT NULL CHECK (activation_format <> ''),
  -- What shares a scale.
  weight_scope TEXT NOT NULL CHECK (weight_scope IN ('network', 'layer', 'channel')),
  activation_scope TEXT NOT NULL CHECK (activation_scope IN ('network', 'layer', 'channel')),
  -- In one line, the calibration images with it; the next two are its parts, '' not known.
  calibration TEXT NOT NULL,
  weight_calibration TEXT NOT NULL,
  activation_calibration TEXT NOT NULL,
  overrides TEXT NOT NULL, -- layers with other formats, '' none
  engine TEXT NOT NULL CHECK (engine IN ('float32', 'fake', 'integer')),
  images INTEGER NOT NULL CHECK (images > 0),
  planned_images INTEGER NOT NULL CHECK (planned_images >= images),
  is_complete INTEGER NOT NULL GENERATED ALWAYS AS (images = planned_images) VIRTUAL,
  top1 INTEGER NOT NULL CHECK (top1 BETWEEN 0 AND images),
  top5 INTEGER NOT NULL CHECK (top5 BETWEEN top1 AND images),
  weight_count INTEGER NOT NULL CHECK (weight_count >= 0),
  network_weight_bits INTEGER NOT NULL CHECK (network_weight_bits >= 0),
  -- Two's complement bits that hold every sum of this network in these formats; 0: not fixed point.
  network_accumulator_bits INTEGER NOT NULL CHECK (network_accumulator_bits >= 0),
  -- A byte an image: classes before the right one, 254 for more, 255 not scored.
  ranks BLOB CHECK (length(ranks) = planned_images)
) STRICT;
INSERT INTO accuracy_3 (accuracy_id, accuracy_key, network_id, context_id, created_unix_s,
                        dataset_hash, weight_format, activation_format, weight_scope,
                        activation_scope, calibration, weight_calibration, activation_calibration,
                        overrides, engine, images, planned_images, top1, top5, weight_count,
                        network_weight_bits, network_accumulator_bits)
SELECT accuracy_id, accuracy_key, network_id, context_id, created_unix_s, dataset_hash,
       weight_format, activation_format, 'layer', 'layer', calibration,
       -- 'weights mse, activations max, 64 images'
       CASE WHEN calibration LIKE 'weights %, activations %, %'
            THEN substr(calibration, 9, instr(calibration, ',') - 9) ELSE '' END,
       CASE WHEN calibration LIKE 'weights %, activations %, %'
            THEN substr(calibration, instr(calibration, ', activations ') + 14,
                        instr(substr(calibration, instr(calibration, ', activations ') + 14), ',')
                          - 1)
            ELSE '' END,
       '', CASE WHEN weight_format = 'float32' AND activation_format = 'float32' THEN 'float32'
                ELSE 'fake' END,
       images, images, top1, top5, weight_count, network_weight_bits, network_accumulator_bits
FROM accuracy ORDER BY accuracy_id;
DROP TABLE accuracy;
ALTER TABLE accuracy_3 RENAME TO accuracy;
CREATE INDEX accuracy_by_network
  ON accuracy (network_id, weight_scope, weight_format, activation_format);

-- A layer with weights under one quantisation, in the order of execution. Bits: codes alone, scales
-- (unit exponents), the table of shared values of a clustered layer; zero_skipping_bits in place of
-- the codes: distances between weights that are not zero, skipping_index_bits each, with their
-- codes. NULL: not known, not computed, or (exponents, accumulator) without meaning for float32.
CREATE TABLE accuracy_layer (
  accuracy_id INTEGER NOT NULL REFERENCES accuracy ON DELETE CASCADE,
  layer_index INTEGER NOT NULL CHECK (layer_index >= 0),
  layer TEXT NOT NULL CHECK (layer <> ''),
  kind TEXT NOT NULL CHECK (kind <> ''),
  weight_format TEXT NOT NULL CHECK (weight_format <> ''),
  activation_format TEXT NOT NULL CHECK (activation_format <> ''),
  weight_count INTEGER NOT NULL CHECK (weight_count > 0),
  zero_weights INTEGER NOT NULL CHECK (zero_weights BETWEEN 0 AND weight_count),
  distinct_weights INTEGER CHECK (distinct_weights BETWEEN 1 AND weight_count),
  code_bits INTEGER NOT NULL CHECK (code_bits > 0),
  scale_bits INTEGER NOT NULL CHECK (scale_bits >= 0),
  table_bits INTEGER NOT NULL CHECK (table_bits >= 0),
  zero_skipping_bits INTEGER CHECK (zero_skipping_bits >= 0),
  skipping_index_bits INTEGER CHECK (skipping_index_bits >= 0),
  macs INTEGER NOT NULL CHECK (macs > 0), -- of one image
  smallest_weight_unit_exponent INTEGER,
  largest_weight_unit_exponent INTEGER
    CHECK (largest_weight_unit_exponent >= smallest_weight_unit_exponent),
  activation_unit_exponent INTEGER,
  accumulator_bits INTEGER CHECK (accumulator_bits > 0),
  CHECK ((smallest_weight_unit_exponent IS NULL) = (largest_weight_unit_exponent IS NULL)),
  CHECK ((zero_skipping_bits IS NULL) = (skipping_index_bits IS NULL)),
  PRIMARY KEY (accuracy_id, layer_index)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX accuracy_layer_by_name ON accuracy_layer (accuracy_id, layer);

-- layer '': the whole network. macs: of one image in what was traced; mac_share: their part of the
-- whole architecture, NULL without a network. synthetic: an operand rests on weights that were
-- made up. Scopes: of the scales, NULL where not known or without a network.
ALTER TABLE trace ADD COLUMN network_id INTEGER REFERENCES network;
ALTER TABLE trace ADD COLUMN layer TEXT NOT NULL DEFAULT '';
ALTER TABLE trace ADD COLUMN macs INTEGER CHECK (macs > 0);
ALTER TABLE trace ADD COLUMN mac_share REAL CHECK (mac_share > 0 AND mac_share <= 1);
ALTER TABLE trace ADD COLUMN synthetic INTEGER NOT NULL DEFAULT 0 CHECK (synthetic IN (0, 1));
ALTER TABLE trace ADD COLUMN weight_scope TEXT
  CHECK (weight_scope IN ('network', 'layer', 'channel'));
ALTER TABLE trace ADD COLUMN activation_scope TEXT
  CHECK (activation_scope IN ('network', 'layer', 'channel'));
CREATE INDEX trace_by_network ON trace (network_id, layer);

PRAGMA legacy_alter_table = OFF;
