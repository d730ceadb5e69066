-- Version 1 of the database of macppa. Never edited once released: what comes later is a migration.
-- Names carry their unit (_um2, _s, _w, _j, _v, _c); no unit: a count, a name, or a ratio in 0..1.
-- x < 9e999 refuses infinity; NaN cannot be stored (SQLite makes it NULL, and NOT NULL refuses it).

-- Who made a result. Rows are shared by all results of the same tools on the same machine.
CREATE TABLE context (
  context_id INTEGER PRIMARY KEY,
  macppa_version TEXT NOT NULL,
  git_commit TEXT NOT NULL,
  host TEXT NOT NULL,
  yosys_version TEXT NOT NULL,
  opensta_version TEXT NOT NULL,
  generator_version INTEGER NOT NULL CHECK (generator_version >= 0),
  recipe_version INTEGER NOT NULL CHECK (recipe_version >= 0),
  UNIQUE (macppa_version, git_commit, host, yosys_version, opensta_version, generator_version,
          recipe_version)
) STRICT;

-- A cell library at one corner. The same name with other file contents is another row.
CREATE TABLE library (
  library_id INTEGER PRIMARY KEY,
  library TEXT NOT NULL CHECK (library <> ''),
  library_hash TEXT NOT NULL CHECK (library_hash <> ''),
  corner TEXT NOT NULL,
  voltage_v REAL NOT NULL CHECK (voltage_v >= 0 AND voltage_v < 9e999),
  temperature_c REAL NOT NULL CHECK (temperature_c > -274 AND temperature_c < 9e999),
  UNIQUE (library, library_hash, corner, voltage_v, temperature_c)
) STRICT;

-- What is built: number formats, unit, architecture. accumulator_bits is 0 for multipliers.
CREATE TABLE design (
  design_id INTEGER PRIMARY KEY,
  design TEXT NOT NULL CHECK (design <> ''),
  weight_format TEXT NOT NULL CHECK (weight_format <> ''),
  activation_format TEXT NOT NULL CHECK (activation_format <> ''),
  unit TEXT NOT NULL CHECK (unit IN ('multiplier', 'mac')),
  multiplier TEXT NOT NULL,
  weight_bits INTEGER NOT NULL CHECK (weight_bits > 0),
  activation_bits INTEGER NOT NULL CHECK (activation_bits > 0),
  accumulator_bits INTEGER NOT NULL CHECK (accumulator_bits >= 0),
  UNIQUE (design, weight_format, activation_format, unit, multiplier, weight_bits, activation_bits,
          accumulator_bits)
) STRICT;
CREATE INDEX design_by_weight ON design (weight_format, activation_format, unit);

-- Design x library x clock: synthesised, proven, timed. The first areas and times are of the best
-- of synthesis_runs variants; median and max are over all variants.
CREATE TABLE ppa_point (
  ppa_id INTEGER PRIMARY KEY,
  ppa_key TEXT NOT NULL UNIQUE CHECK (length(ppa_key) = 32),
  design_id INTEGER NOT NULL REFERENCES design,
  library_id INTEGER NOT NULL REFERENCES library,
  context_id INTEGER NOT NULL REFERENCES context,
  created_unix_s INTEGER NOT NULL DEFAULT (unixepoch()),
  clock_period_s REAL NOT NULL CHECK (clock_period_s > 0 AND clock_period_s < 9e999),
  wire_load TEXT NOT NULL,
  recipe TEXT NOT NULL,
  keep_blocks INTEGER NOT NULL CHECK (keep_blocks IN (0, 1)),
  synthesis_runs INTEGER NOT NULL CHECK (synthesis_runs >= 1),
  best_variant INTEGER NOT NULL CHECK (best_variant >= 0),
  area_um2 REAL NOT NULL CHECK (area_um2 > 0 AND area_um2 < 9e999),
  critical_path_s REAL NOT NULL CHECK (critical_path_s >= 0 AND critical_path_s < 9e999),
  slack_s REAL NOT NULL CHECK (slack_s > -9e999 AND slack_s < 9e999),
  area_median_um2 REAL NOT NULL CHECK (area_median_um2 > 0 AND area_median_um2 < 9e999),
  area_max_um2 REAL NOT NULL CHECK (area_max_um2 > 0 AND area_max_um2 < 9e999),
  critical_path_median_s REAL NOT NULL
    CHECK (critical_path_median_s >= 0 AND critical_path_median_s < 9e999),
  critical_path_max_s REAL NOT NULL
    CHECK (critical_path_max_s >= 0 AND critical_path_max_s < 9e999),
  cell_count INTEGER NOT NULL CHECK (cell_count > 0),
  register_count INTEGER NOT NULL CHECK (register_count >= 0),
  proof_rtl TEXT NOT NULL CHECK (proof_rtl <> ''),
  proof_netlist TEXT NOT NULL CHECK (proof_netlist <> ''),
  proof_rtl_vectors INTEGER NOT NULL CHECK (proof_rtl_vectors >= 0),
  proof_netlist_vectors INTEGER NOT NULL CHECK (proof_netlist_vectors >= 0),
  equivalence TEXT NOT NULL CHECK (equivalence <> ''),
  yosys_wall_s REAL NOT NULL CHECK (yosys_wall_s >= 0 AND yosys_wall_s < 9e999),
  opensta_wall_s REAL NOT NULL CHECK (opensta_wall_s >= 0 AND opensta_wall_s < 9e999)
) STRICT;
CREATE INDEX ppa_point_by_design ON ppa_point (design_id, library_id, clock_period_s);
CREATE INDEX ppa_point_by_library ON ppa_point (library_id, clock_period_s);

-- The texts, kept apart so that rows above stay short. zlib streams with their original size: in
-- the sqlite3 shell, sqlar_uncompress(netlist_zlib, netlist_bytes) gives the text.
CREATE TABLE ppa_text (
  ppa_id INTEGER PRIMARY KEY REFERENCES ppa_point ON DELETE CASCADE,
  verilog_bytes INTEGER NOT NULL CHECK (verilog_bytes >= 0),
  verilog_zlib BLOB NOT NULL,
  netlist_bytes INTEGER NOT NULL CHECK (netlist_bytes >= 0),
  netlist_zlib BLOB NOT NULL
) STRICT;

-- The operands that were simulated. seed holds 64 bits, printed as a signed number.
CREATE TABLE trace (
  trace_id INTEGER PRIMARY KEY,
  trace_hash TEXT NOT NULL UNIQUE CHECK (length(trace_hash) = 32),
  source TEXT NOT NULL CHECK (source <> ''),
  dataflow TEXT NOT NULL,
  weight_format TEXT NOT NULL CHECK (weight_format <> ''),
  activation_format TEXT NOT NULL CHECK (activation_format <> ''),
  seed INTEGER NOT NULL,
  stretches INTEGER NOT NULL CHECK (stretches > 0),
  stretch_length INTEGER NOT NULL CHECK (stretch_length > 0),
  zero_weights_share REAL NOT NULL CHECK (zero_weights_share BETWEEN 0 AND 1),
  zero_activations_share REAL NOT NULL CHECK (zero_activations_share BETWEEN 0 AND 1)
) STRICT;

CREATE TABLE network (
  network_id INTEGER PRIMARY KEY,
  network TEXT NOT NULL CHECK (network <> ''),
  network_hash TEXT NOT NULL CHECK (network_hash <> ''),
  UNIQUE (network, network_hash)
) STRICT;

-- How often a network is right with a pair of formats: top1 and top5 of images.
CREATE TABLE accuracy (
  accuracy_id INTEGER PRIMARY KEY,
  accuracy_key TEXT NOT NULL UNIQUE CHECK (length(accuracy_key) = 32),
  network_id INTEGER NOT NULL REFERENCES network,
  context_id INTEGER NOT NULL REFERENCES context,
  created_unix_s INTEGER NOT NULL DEFAULT (unixepoch()),
  dataset_hash TEXT NOT NULL CHECK (dataset_hash <> ''),
  weight_format TEXT NOT NULL CHECK (weight_format <> ''),
  activation_format TEXT NOT NULL CHECK (activation_format <> ''),
  calibration TEXT NOT NULL,
  images INTEGER NOT NULL CHECK (images > 0),
  top1 INTEGER NOT NULL CHECK (top1 BETWEEN 0 AND images),
  top5 INTEGER NOT NULL CHECK (top5 BETWEEN top1 AND images),
  weight_count INTEGER NOT NULL CHECK (weight_count >= 0),
  network_weight_bits INTEGER NOT NULL CHECK (network_weight_bits >= 0),
  -- Two's complement bits that hold every sum of this network in these formats; 0: not fixed point.
  network_accumulator_bits INTEGER NOT NULL CHECK (network_accumulator_bits >= 0)
) STRICT;
CREATE INDEX accuracy_by_network ON accuracy (network_id, weight_format, activation_format);

-- PPA point x trace.
CREATE TABLE estimate (
  estimate_id INTEGER PRIMARY KEY,
  estimate_key TEXT NOT NULL UNIQUE CHECK (length(estimate_key) = 32),
  ppa_id INTEGER NOT NULL REFERENCES ppa_point,
  trace_id INTEGER NOT NULL REFERENCES trace,
  accuracy_id INTEGER REFERENCES accuracy,
  context_id INTEGER NOT NULL REFERENCES context,
  created_unix_s INTEGER NOT NULL DEFAULT (unixepoch()),
  cycles INTEGER NOT NULL CHECK (cycles > 0),
  annotated_share REAL NOT NULL CHECK (annotated_share BETWEEN 0 AND 1),
  internal_w REAL NOT NULL CHECK (internal_w >= 0 AND internal_w < 9e999),
  switching_w REAL NOT NULL CHECK (switching_w >= 0 AND switching_w < 9e999),
  leakage_w REAL NOT NULL CHECK (leakage_w >= 0 AND leakage_w < 9e999),
  -- What gate delays add to internal and switching power on the same cycles; in none of the others.
  glitch_w REAL NOT NULL CHECK (glitch_w > -9e999 AND glitch_w < 9e999),
  power_w REAL NOT NULL GENERATED ALWAYS AS (internal_w + switching_w + leakage_w) VIRTUAL,
  energy_per_mac_j REAL NOT NULL CHECK (energy_per_mac_j >= 0 AND energy_per_mac_j < 9e999),
  power_mode TEXT NOT NULL CHECK (power_mode <> '')
) STRICT;
CREATE INDEX estimate_by_ppa ON estimate (ppa_id, trace_id);
CREATE INDEX estimate_by_trace ON estimate (trace_id);
CREATE INDEX estimate_by_accuracy ON estimate (accuracy_id);
CREATE INDEX estimate_by_energy ON estimate (energy_per_mac_j);

-- Names of the groups and blocks that power is summed by.
CREATE TABLE part (
  part_id INTEGER PRIMARY KEY,
  scope TEXT NOT NULL CHECK (scope IN ('group', 'block')),
  part TEXT NOT NULL CHECK (part <> ''),
  UNIQUE (scope, part)
) STRICT;

-- Each scope sums up to the estimate. The internal power of a part may be negative, as entries of
-- Liberty tables may be; that of a whole estimate may not.
CREATE TABLE power_row (
  estimate_id INTEGER NOT NULL REFERENCES estimate ON DELETE CASCADE,
  part_id INTEGER NOT NULL REFERENCES part,
  internal_w REAL NOT NULL CHECK (internal_w > -9e999 AND internal_w < 9e999),
  switching_w REAL NOT NULL CHECK (switching_w >= 0 AND switching_w < 9e999),
  leakage_w REAL NOT NULL CHECK (leakage_w >= 0 AND leakage_w < 9e999),
  glitch_w REAL NOT NULL CHECK (glitch_w > -9e999 AND glitch_w < 9e999),
  PRIMARY KEY (estimate_id, part_id)
) STRICT, WITHOUT ROWID;

-- One `macppa run`. run_key is random: it tells runs apart when databases are merged.
CREATE TABLE run (
  run_id INTEGER PRIMARY KEY,
  run_key TEXT NOT NULL UNIQUE DEFAULT (lower(hex(randomblob(16)))) CHECK (length(run_key) = 32),
  config_name TEXT NOT NULL,
  config_text TEXT NOT NULL,
  context_id INTEGER NOT NULL REFERENCES context,
  started_unix_s INTEGER NOT NULL DEFAULT (unixepoch()),
  ended_unix_s INTEGER CHECK ((ended_unix_s IS NULL) = (wall_s IS NULL)),
  wall_s REAL CHECK (wall_s >= 0 AND wall_s < 9e999)
) STRICT;
CREATE INDEX run_by_config ON run (config_name, started_unix_s);

CREATE TABLE run_estimate (
  run_id INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
  estimate_id INTEGER NOT NULL REFERENCES estimate,
  PRIMARY KEY (run_id, estimate_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX run_estimate_by_estimate ON run_estimate (estimate_id);
