-- From version 1 to 2. Never edited once released: what comes later is a migration of its own.
-- Tables whose CHECKs change are built anew, as https://www.sqlite.org/lang_altertable.html says
-- ("making other kinds of table schema changes"); migrate.c turns foreign keys off around it and
-- checks them all before it commits. legacy_alter_table: renaming leaves views and references of
-- other tables as they are, which go by the name that comes back.

PRAGMA legacy_alter_table = ON;

-- unit "module": the user's own Verilog. It has no formats ("-") and no widths of operands (0).
CREATE TABLE design_2 (
  design_id INTEGER PRIMARY KEY,
  design TEXT NOT NULL CHECK (design <> ''),
  weight_format TEXT NOT NULL CHECK (weight_format <> ''),
  activation_format TEXT NOT NULL CHECK (activation_format <> ''),
  unit TEXT NOT NULL CHECK (unit IN ('multiplier', 'mac', 'module')),
  multiplier TEXT NOT NULL,
  weight_bits INTEGER NOT NULL CHECK (weight_bits > 0 OR (weight_bits = 0 AND unit = 'module')),
  activation_bits INTEGER NOT NULL
    CHECK (activation_bits > 0 OR (activation_bits = 0 AND unit = 'module')),
  accumulator_bits INTEGER NOT NULL CHECK (accumulator_bits >= 0),
  UNIQUE (design, weight_format, activation_format, unit, multiplier, weight_bits, activation_bits,
          accumulator_bits)
) STRICT;
INSERT INTO design_2 (design_id, design, weight_format, activation_format, unit, multiplier,
                      weight_bits, activation_bits, accumulator_bits)
SELECT design_id, design, weight_format, activation_format, unit, multiplier, weight_bits,
       activation_bits, accumulator_bits FROM design ORDER BY design_id;
DROP TABLE design;
ALTER TABLE design_2 RENAME TO design;
CREATE INDEX design_by_weight ON design (weight_format, activation_format, unit);

-- How cells were given to blocks: kept apart in synthesis, by the cones between the nets that
-- survived, by the hierarchy of the user's own netlist, or not at all.
ALTER TABLE ppa_point ADD COLUMN block_origin TEXT NOT NULL DEFAULT 'none'
  CHECK (block_origin IN ('apart', 'cones', 'hierarchy', 'none'));
UPDATE ppa_point SET block_origin = 'apart' WHERE keep_blocks = 1;

-- Activity from a file has no operands to count zeros of: both shares NULL.
CREATE TABLE trace_2 (
  trace_id INTEGER PRIMARY KEY,
  trace_hash TEXT NOT NULL UNIQUE CHECK (length(trace_hash) = 32),
  source TEXT NOT NULL CHECK (source <> ''),
  dataflow TEXT NOT NULL,
  weight_format TEXT NOT NULL CHECK (weight_format <> ''),
  activation_format TEXT NOT NULL CHECK (activation_format <> ''),
  seed INTEGER NOT NULL,
  stretches INTEGER NOT NULL CHECK (stretches > 0),
  stretch_length INTEGER NOT NULL CHECK (stretch_length > 0),
  zero_weights_share REAL CHECK (zero_weights_share BETWEEN 0 AND 1),
  zero_activations_share REAL CHECK (zero_activations_share BETWEEN 0 AND 1)
) STRICT;
INSERT INTO trace_2 (trace_id, trace_hash, source, dataflow, weight_format, activation_format,
                     seed, stretches, stretch_length, zero_weights_share, zero_activations_share)
SELECT trace_id, trace_hash, source, dataflow, weight_format, activation_format, seed, stretches,
       stretch_length, zero_weights_share, zero_activations_share FROM trace ORDER BY trace_id;
DROP TABLE trace;
ALTER TABLE trace_2 RENAME TO trace;

-- NULL: not known, or not computed.
CREATE TABLE estimate_2 (
  estimate_id INTEGER PRIMARY KEY,
  estimate_key TEXT NOT NULL UNIQUE CHECK (length(estimate_key) = 32),
  ppa_id INTEGER NOT NULL REFERENCES ppa_point,
  trace_id INTEGER NOT NULL REFERENCES trace,
  accuracy_id INTEGER REFERENCES accuracy,
  context_id INTEGER NOT NULL REFERENCES context,
  created_unix_s INTEGER NOT NULL DEFAULT (unixepoch()),
  cycles INTEGER NOT NULL CHECK (cycles > 0),
  -- Cycles in which a net still moved after the clock period, under gate delays.
  unsettled_cycles INTEGER CHECK (unsettled_cycles BETWEEN 0 AND cycles),
  activity_source TEXT NOT NULL CHECK (activity_source IN ('simulated', 'vcd', 'saif')),
  -- Of the connected pins: with activity of their own, and with one that was computed from others.
  annotated_share REAL NOT NULL CHECK (annotated_share BETWEEN 0 AND 1),
  propagated_share REAL CHECK (propagated_share BETWEEN 0 AND 1),
  internal_w REAL NOT NULL CHECK (internal_w >= 0 AND internal_w < 9e999),
  switching_w REAL NOT NULL CHECK (switching_w >= 0 AND switching_w < 9e999),
  leakage_w REAL NOT NULL CHECK (leakage_w >= 0 AND leakage_w < 9e999),
  -- What gate delays add to internal and switching power on the same cycles; in none of the others.
  glitch_w REAL CHECK (glitch_w > -9e999 AND glitch_w < 9e999),
  power_w REAL NOT NULL GENERATED ALWAYS AS (internal_w + switching_w + leakage_w) VIRTUAL,
  energy_per_mac_j REAL NOT NULL CHECK (energy_per_mac_j >= 0 AND energy_per_mac_j < 9e999),
  power_mode TEXT NOT NULL CHECK (power_mode <> ''),
  -- The same activity in exact mode; switching power is that of both.
  exact_internal_w REAL CHECK (exact_internal_w >= 0 AND exact_internal_w < 9e999),
  exact_leakage_w REAL CHECK (exact_leakage_w >= 0 AND exact_leakage_w < 9e999),
  exact_glitch_w REAL CHECK (exact_glitch_w > -9e999 AND exact_glitch_w < 9e999),
  exact_power_w REAL GENERATED ALWAYS AS (exact_internal_w + switching_w + exact_leakage_w)
    VIRTUAL,
  -- Half widths of 95 % intervals over so many batches of the sample; total: power and glitches.
  batches INTEGER CHECK (batches > 0),
  power_half_width_w REAL CHECK (power_half_width_w >= 0 AND power_half_width_w < 9e999),
  glitch_half_width_w REAL CHECK (glitch_half_width_w >= 0 AND glitch_half_width_w < 9e999),
  energy_half_width_j REAL CHECK (energy_half_width_j >= 0 AND energy_half_width_j < 9e999),
  total_half_width_w REAL CHECK (total_half_width_w >= 0 AND total_half_width_w < 9e999),
  -- A second program's power of the same netlist and activity: "OpenSTA 2.0.17".
  engine TEXT CHECK (engine <> ''),
  engine_internal_w REAL CHECK (engine_internal_w > -9e999 AND engine_internal_w < 9e999),
  engine_switching_w REAL CHECK (engine_switching_w >= 0 AND engine_switching_w < 9e999),
  engine_leakage_w REAL CHECK (engine_leakage_w >= 0 AND engine_leakage_w < 9e999),
  CONSTRAINT exact_is_whole CHECK (
    (exact_internal_w IS NULL) = (exact_leakage_w IS NULL)
    AND (exact_glitch_w IS NULL OR exact_internal_w IS NOT NULL)),
  CONSTRAINT half_width_has_batches CHECK (
    batches IS NOT NULL
    OR (power_half_width_w IS NULL AND glitch_half_width_w IS NULL
        AND energy_half_width_j IS NULL AND total_half_width_w IS NULL)),
  CONSTRAINT engine_has_name CHECK (
    engine IS NOT NULL
    OR (engine_internal_w IS NULL AND engine_switching_w IS NULL AND engine_leakage_w IS NULL))
) STRICT;
INSERT INTO estimate_2 (estimate_id, estimate_key, ppa_id, trace_id, accuracy_id, context_id,
                        created_unix_s, cycles, activity_source, annotated_share, internal_w,
                        switching_w, leakage_w, glitch_w, energy_per_mac_j, power_mode)
SELECT estimate_id, estimate_key, ppa_id, trace_id, accuracy_id, context_id, created_unix_s,
       cycles, 'simulated', annotated_share, internal_w, switching_w, leakage_w, glitch_w,
       energy_per_mac_j, power_mode FROM estimate ORDER BY estimate_id;
DROP TABLE estimate;
ALTER TABLE estimate_2 RENAME TO estimate;
CREATE INDEX estimate_by_ppa ON estimate (ppa_id, trace_id);
CREATE INDEX estimate_by_trace ON estimate (trace_id);
CREATE INDEX estimate_by_accuracy ON estimate (accuracy_id);
CREATE INDEX estimate_by_energy ON estimate (energy_per_mac_j);
CREATE INDEX estimate_by_engine ON estimate (estimate_id, engine) WHERE engine IS NOT NULL;

-- kind: by library cell.
CREATE TABLE part_2 (
  part_id INTEGER PRIMARY KEY,
  scope TEXT NOT NULL CHECK (scope IN ('group', 'block', 'kind')),
  part TEXT NOT NULL CHECK (part <> ''),
  UNIQUE (scope, part)
) STRICT;
INSERT INTO part_2 (part_id, scope, part) SELECT part_id, scope, part FROM part ORDER BY part_id;
DROP TABLE part;
ALTER TABLE part_2 RENAME TO part;

-- Each scope sums up to the estimate. The internal power of a part may be negative, as entries of
-- Liberty tables may be; that of a whole estimate may not.
CREATE TABLE power_row_2 (
  estimate_id INTEGER NOT NULL REFERENCES estimate ON DELETE CASCADE,
  part_id INTEGER NOT NULL REFERENCES part,
  internal_w REAL NOT NULL CHECK (internal_w > -9e999 AND internal_w < 9e999),
  switching_w REAL NOT NULL CHECK (switching_w >= 0 AND switching_w < 9e999),
  leakage_w REAL NOT NULL CHECK (leakage_w >= 0 AND leakage_w < 9e999),
  glitch_w REAL CHECK (glitch_w > -9e999 AND glitch_w < 9e999),
  exact_internal_w REAL CHECK (exact_internal_w > -9e999 AND exact_internal_w < 9e999),
  exact_leakage_w REAL CHECK (exact_leakage_w >= 0 AND exact_leakage_w < 9e999),
  exact_glitch_w REAL CHECK (exact_glitch_w > -9e999 AND exact_glitch_w < 9e999),
  half_width_w REAL CHECK (half_width_w >= 0 AND half_width_w < 9e999), -- of the functional sum
  cell_count INTEGER CHECK (cell_count > 0),
  PRIMARY KEY (estimate_id, part_id)
) STRICT, WITHOUT ROWID;
INSERT INTO power_row_2 (estimate_id, part_id, internal_w, switching_w, leakage_w, glitch_w)
SELECT estimate_id, part_id, internal_w, switching_w, leakage_w, glitch_w
FROM power_row ORDER BY estimate_id, part_id;
DROP TABLE power_row;
ALTER TABLE power_row_2 RENAME TO power_row;

PRAGMA legacy_alter_table = OFF;
