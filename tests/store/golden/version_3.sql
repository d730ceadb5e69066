-- A database as the program with schema version 3 wrote it: six results and two runs, by .dump of sqlite3
-- with the marks of the header added at the end. Never edited.
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
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
INSERT INTO context VALUES(1,'0.1.0','abcdef','host','0.23','2.0.17',1,1);
CREATE TABLE library (
  library_id INTEGER PRIMARY KEY,
  library TEXT NOT NULL CHECK (library <> ''),
  library_hash TEXT NOT NULL CHECK (library_hash <> ''),
  corner TEXT NOT NULL,
  voltage_v REAL NOT NULL CHECK (voltage_v >= 0 AND voltage_v < 9e999),
  temperature_c REAL NOT NULL CHECK (temperature_c > -274 AND temperature_c < 9e999),
  UNIQUE (library, library_hash, corner, voltage_v, temperature_c)
) STRICT;
INSERT INTO library VALUES(1,'nangate45','1234','typical',1.1000000000000000888,25.0);
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
, block_origin TEXT NOT NULL DEFAULT 'none'
  CHECK (block_origin IN ('apart', 'cones', 'hierarchy', 'none'))) STRICT;
INSERT INTO ppa_point VALUES(1,'a0000000000000000000000000000000',1,1,1,1795542180,2.0000000000000001244e-09,'none','default',1,5,3,1234.5,1.49999999999999999e-09,4.0000000000000001457e-10,1250.0,1300.0,1.6000000000000000582e-09,1.6999999999999999198e-09,700,43,'exhaustive inputs','exhaustive',65536,65536,'not run',1.5,0.5,'apart');
INSERT INTO ppa_point VALUES(2,'a0000000000000000000000000000001',2,1,1,1795542180,2.0000000000000001244e-09,'none','default',1,5,3,1234.5,1.49999999999999999e-09,4.0000000000000001457e-10,1250.0,1300.0,1.6000000000000000582e-09,1.6999999999999999198e-09,700,43,'exhaustive inputs','exhaustive',65536,65536,'not run',1.5,0.5,'apart');
INSERT INTO ppa_point VALUES(3,'a0000000000000000000000000000002',1,1,1,1795542180,2.0000000000000001244e-09,'none','default',0,5,3,1234.5,1.49999999999999999e-09,4.0000000000000001457e-10,1250.0,1300.0,1.6000000000000000582e-09,1.6999999999999999198e-09,700,43,'exhaustive inputs','exhaustive',65536,65536,'not run',1.5,0.5,'none');
INSERT INTO ppa_point VALUES(4,'a0000000000000000000000000000003',2,1,1,1795542180,2.0000000000000001244e-09,'none','default',0,5,3,1234.5,1.49999999999999999e-09,4.0000000000000001457e-10,1250.0,1300.0,1.6000000000000000582e-09,1.6999999999999999198e-09,700,43,'exhaustive inputs','exhaustive',65536,65536,'not run',1.5,0.5,'none');
INSERT INTO ppa_point VALUES(5,'a0000000000000000000000000000014',3,1,1,1795549060,2.0000000000000001244e-09,'none','default',1,5,3,1234.5,1.49999999999999999e-09,4.0000000000000001457e-10,1250.0,1300.0,1.6000000000000000582e-09,1.6999999999999999198e-09,700,43,'exhaustive inputs','exhaustive',65536,65536,'not run',1.5,0.5,'apart');
INSERT INTO ppa_point VALUES(6,'a0000000000000000000000000000015',4,1,1,1795549060,2.0000000000000001244e-09,'none','as given',0,1,0,1234.5,1.49999999999999999e-09,4.0000000000000001457e-10,1234.5,1234.5,1.49999999999999999e-09,1.49999999999999999e-09,700,43,'none','exhaustive',65536,65536,'not run',1.5,0.5,'hierarchy');
CREATE TABLE ppa_text (
  ppa_id INTEGER PRIMARY KEY REFERENCES ppa_point ON DELETE CASCADE,
  verilog_bytes INTEGER NOT NULL CHECK (verilog_bytes >= 0),
  verilog_zlib BLOB NOT NULL,
  netlist_bytes INTEGER NOT NULL CHECK (netlist_bytes >= 0),
  netlist_zlib BLOB NOT NULL
) STRICT;
INSERT INTO ppa_text VALUES(1,20,X'789ccbcd4f29cd4955c8b55648cd4bc90573b8004e1f0736',30,X'789ccbcd4f29cd4955c8b556d0d757c84d2c28484de14acd4bc9050b7301009e1a0a35');
INSERT INTO ppa_text VALUES(2,20,X'789ccbcd4f29cd4955c8b55648cd4bc90573b8004e1f0736',30,X'789ccbcd4f29cd4955c8b556d0d757c84d2c28484de14acd4bc9050b7301009e1a0a35');
INSERT INTO ppa_text VALUES(3,20,X'789ccbcd4f29cd4955c8b55648cd4bc90573b8004e1f0736',30,X'789ccbcd4f29cd4955c8b556d0d757c84d2c28484de14acd4bc9050b7301009e1a0a35');
INSERT INTO ppa_text VALUES(4,20,X'789ccbcd4f29cd4955c8b55648cd4bc90573b8004e1f0736',30,X'789ccbcd4f29cd4955c8b556d0d757c84d2c28484de14acd4bc9050b7301009e1a0a35');
INSERT INTO ppa_text VALUES(5,20,X'789ccbcd4f29cd4955c8b55648cd4bc90573b8004e1f0736',30,X'789ccbcd4f29cd4955c8b556d0d757c84d2c28484de14acd4bc9050b7301009e1a0a35');
INSERT INTO ppa_text VALUES(6,20,X'789ccbcd4f29cd4955c8b55648cd4bc90573b8004e1f0736',30,X'789ccbcd4f29cd4955c8b556d0d757c84d2c28484de14acd4bc9050b7301009e1a0a35');
CREATE TABLE network (
  network_id INTEGER PRIMARY KEY,
  network TEXT NOT NULL CHECK (network <> ''),
  network_hash TEXT NOT NULL CHECK (network_hash <> ''), whole_macs INTEGER CHECK (whole_macs > 0), weight_count INTEGER CHECK (weight_count > 0), note TEXT NOT NULL DEFAULT '',
  UNIQUE (network, network_hash)
) STRICT;
INSERT INTO network VALUES(1,'fashion_lenet','n1',NULL,NULL,'');
INSERT INTO network VALUES(2,'lenet','n2',4000,1000,'pruned');
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
INSERT INTO run VALUES(1,'97ec1a787c078bbc75d8836836f9637a','quick','x',1,1795542180,1795542180,1.5);
INSERT INTO run VALUES(2,'79f77b31d6384ee3b5eaad5509f81279','layers',replace('name: layers\n','\n',char(10)),1,1795549060,1795549060,2.5);
CREATE TABLE run_estimate (
  run_id INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
  estimate_id INTEGER NOT NULL REFERENCES estimate,
  PRIMARY KEY (run_id, estimate_id)
) STRICT, WITHOUT ROWID;
INSERT INTO run_estimate VALUES(1,1);
INSERT INTO run_estimate VALUES(1,2);
INSERT INTO run_estimate VALUES(1,3);
INSERT INTO run_estimate VALUES(1,4);
INSERT INTO run_estimate VALUES(2,5);
CREATE TABLE IF NOT EXISTS "design" (
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
INSERT INTO design VALUES(1,'mac_e4m2_uint8_dadda','e4m2','uint8','mac','dadda',8,8,26);
INSERT INTO design VALUES(2,'mac_int11_uint8_dadda','int11','uint8','mac','dadda',8,8,26);
INSERT INTO design VALUES(3,'mac_e3m3_uint8_dadda','e3m3','uint8','mac','dadda',8,8,26);
INSERT INTO design VALUES(4,'mul(N=8)','-','-','module','-',0,0,0);
CREATE TABLE IF NOT EXISTS "trace" (
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
, network_id INTEGER REFERENCES network, layer TEXT NOT NULL DEFAULT '', macs INTEGER CHECK (macs > 0), mac_share REAL CHECK (mac_share > 0 AND mac_share <= 1), synthetic INTEGER NOT NULL DEFAULT 0 CHECK (synthetic IN (0, 1)), weight_scope TEXT
  CHECK (weight_scope IN ('network', 'layer', 'channel')), activation_scope TEXT
  CHECK (activation_scope IN ('network', 'layer', 'channel'))) STRICT;
INSERT INTO trace VALUES(1,'b0000000000000000000000000000000','fashion_lenet','output-stationary','e4m2','uint8',-1,64,1000,0.10000000000000000555,0.5500000000000000444,NULL,'',NULL,NULL,0,NULL,NULL);
INSERT INTO trace VALUES(2,'b0000000000000000000000000000001','fashion_lenet','output-stationary','int11','uint8',-1,64,1000,0.10000000000000000555,0.5500000000000000444,NULL,'',NULL,NULL,0,NULL,NULL);
INSERT INTO trace VALUES(3,'b0000000000000000000000000000002','fashion_lenet','output-stationary','e4m2','uint8',-1,64,1000,0.10000000000000000555,0.5500000000000000444,NULL,'',NULL,NULL,0,NULL,NULL);
INSERT INTO trace VALUES(4,'b0000000000000000000000000000003','fashion_lenet','output-stationary','int11','uint8',-1,64,1000,0.10000000000000000555,0.5500000000000000444,NULL,'',NULL,NULL,0,NULL,NULL);
INSERT INTO trace VALUES(5,'b0000000000000000000000000000014','fashion_lenet','output-stationary','e3m3','uint8',-1,64,1000,0.10000000000000000555,0.5500000000000000444,2,'conv1',1000,0.25,0,'layer','layer');
INSERT INTO trace VALUES(6,'b0000000000000000000000000000015','fashion_lenet','output-stationary','int8','uint8',-1,64,1000,0.10000000000000000555,0.5500000000000000444,NULL,'',NULL,NULL,0,NULL,NULL);
CREATE TABLE IF NOT EXISTS "estimate" (
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
INSERT INTO estimate VALUES(1,'d0000000000000000000000000000000',1,1,1,1,1795542180,64000,NULL,'simulated',1.0,NULL,6.0000000000000001517e-05,6.9999999999999993867e-05,2.9999999999999998642e-07,3.0000000000000000758e-05,2.0000000000000000607e-13,'compatible',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO estimate VALUES(2,'d0000000000000000000000000000001',2,2,2,1,1795542180,64000,NULL,'simulated',1.0,NULL,6.0000000000000001517e-05,6.9999999999999993867e-05,2.9999999999999998642e-07,3.0000000000000000758e-05,2.001000000000000006e-13,'compatible',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO estimate VALUES(3,'d0000000000000000000000000000002',3,3,3,1,1795542180,64000,640,'simulated',1.0,0.25,6.0000000000000001517e-05,6.9999999999999993867e-05,2.9999999999999998642e-07,3.0000000000000000758e-05,2.0019999999999999512e-13,'compatible',7.4999999999999993429e-05,1.4999999999999999321e-07,4.5000000000000002836e-05,64,9.9999999999999995472e-07,1.9999999999999999094e-06,2.9999999999999998386e-15,3.9999999999999998188e-06,'OpenSTA 2.0.17',6.600000000000000506e-05,6.9999999999999993867e-05,2.7000000000000000895e-07);
INSERT INTO estimate VALUES(4,'d0000000000000000000000000000003',4,4,4,1,1795542180,64000,640,'simulated',1.0,0.25,6.0000000000000001517e-05,6.9999999999999993867e-05,2.9999999999999998642e-07,3.0000000000000000758e-05,2.0030000000000001488e-13,'compatible',7.4999999999999993429e-05,1.4999999999999999321e-07,4.5000000000000002836e-05,64,9.9999999999999995472e-07,1.9999999999999999094e-06,2.9999999999999998386e-15,3.9999999999999998188e-06,'OpenSTA 2.0.17',6.600000000000000506e-05,6.9999999999999993867e-05,2.7000000000000000895e-07);
INSERT INTO estimate VALUES(5,'d0000000000000000000000000000014',5,5,5,1,1795549060,64000,640,'simulated',1.0,0.25,6.0000000000000001517e-05,6.9999999999999993867e-05,2.9999999999999998642e-07,3.0000000000000000758e-05,2.0199999999999999754e-13,'compatible',7.4999999999999993429e-05,1.4999999999999999321e-07,4.5000000000000002836e-05,64,9.9999999999999995472e-07,1.9999999999999999094e-06,2.9999999999999998386e-15,3.9999999999999998188e-06,'OpenSTA 2.0.17',6.600000000000000506e-05,6.9999999999999993867e-05,2.7000000000000000895e-07);
INSERT INTO estimate VALUES(6,'d0000000000000000000000000000015',6,6,6,1,1795549060,64000,NULL,'simulated',1.0,NULL,6.0000000000000001517e-05,6.9999999999999993867e-05,2.9999999999999998642e-07,3.0000000000000000758e-05,2.0210000000000001728e-13,'compatible',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE IF NOT EXISTS "part" (
  part_id INTEGER PRIMARY KEY,
  scope TEXT NOT NULL CHECK (scope IN ('group', 'block', 'kind')),
  part TEXT NOT NULL CHECK (part <> ''),
  UNIQUE (scope, part)
) STRICT;
INSERT INTO part VALUES(1,'group','sequential');
INSERT INTO part VALUES(2,'group','combinational');
INSERT INTO part VALUES(3,'block','multiplier');
INSERT INTO part VALUES(4,'block','shifter');
INSERT INTO part VALUES(5,'block','input registers');
INSERT INTO part VALUES(6,'kind','DFF_X1');
INSERT INTO part VALUES(7,'kind','NAND2_X1');
CREATE TABLE IF NOT EXISTS "power_row" (
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
INSERT INTO power_row VALUES(1,1,2.0000000000000001634e-05,1.0000000000000000817e-05,9.9999999999999995472e-08,0.0,NULL,NULL,NULL,NULL,NULL);
INSERT INTO power_row VALUES(1,2,4.0000000000000003269e-05,6.0000000000000001517e-05,1.9999999999999999094e-07,3.0000000000000000758e-05,NULL,NULL,NULL,NULL,NULL);
INSERT INTO power_row VALUES(1,3,3.0000000000000000758e-05,5.0000000000000002393e-05,1.4999999999999999321e-07,2.0000000000000001634e-05,NULL,NULL,NULL,NULL,NULL);
INSERT INTO power_row VALUES(1,4,1.0000000000000000817e-05,1.0000000000000000817e-05,4.9999999999999997736e-08,1.0000000000000000817e-05,NULL,NULL,NULL,NULL,NULL);
INSERT INTO power_row VALUES(1,5,2.0000000000000001634e-05,1.0000000000000000817e-05,9.9999999999999995472e-08,0.0,NULL,NULL,NULL,NULL,NULL);
INSERT INTO power_row VALUES(2,1,2.0000000000000001634e-05,1.0000000000000000817e-05,9.9999999999999995472e-08,0.0,NULL,NULL,NULL,NULL,NULL);
INSERT INTO power_row VALUES(2,2,4.0000000000000003269e-05,6.0000000000000001517e-05,1.9999999999999999094e-07,3.0000000000000000758e-05,NULL,NULL,NULL,NULL,NULL);
INSERT INTO power_row VALUES(2,3,3.0000000000000000758e-05,5.0000000000000002393e-05,1.4999999999999999321e-07,2.0000000000000001634e-05,NULL,NULL,NULL,NULL,NULL);
INSERT INTO power_row VALUES(2,4,1.0000000000000000817e-05,1.0000000000000000817e-05,4.9999999999999997736e-08,1.0000000000000000817e-05,NULL,NULL,NULL,NULL,NULL);
INSERT INTO power_row VALUES(2,5,2.0000000000000001634e-05,1.0000000000000000817e-05,9.9999999999999995472e-08,0.0,NULL,NULL,NULL,NULL,NULL);
INSERT INTO power_row VALUES(3,1,2.0000000000000001634e-05,1.0000000000000000817e-05,9.9999999999999995472e-08,0.0,2.5000000000000001196e-05,4.9999999999999997736e-08,0.0,9.9999999999999995472e-07,10);
INSERT INTO power_row VALUES(3,2,4.0000000000000003269e-05,6.0000000000000001517e-05,1.9999999999999999094e-07,3.0000000000000000758e-05,5.0000000000000002393e-05,9.9999999999999995472e-08,4.5000000000000002836e-05,9.9999999999999995472e-07,11);
INSERT INTO power_row VALUES(3,3,3.0000000000000000758e-05,5.0000000000000002393e-05,1.4999999999999999321e-07,2.0000000000000001634e-05,3.7500000000000003491e-05,7.4999999999999996608e-08,3.0000000000000004148e-05,9.9999999999999995472e-07,12);
INSERT INTO power_row VALUES(3,4,1.0000000000000000817e-05,1.0000000000000000817e-05,4.9999999999999997736e-08,1.0000000000000000817e-05,1.2500000000000000598e-05,2.4999999999999998868e-08,1.5000000000000002073e-05,9.9999999999999995472e-07,13);
INSERT INTO power_row VALUES(3,5,2.0000000000000001634e-05,1.0000000000000000817e-05,9.9999999999999995472e-08,0.0,2.5000000000000001196e-05,4.9999999999999997736e-08,0.0,9.9999999999999995472e-07,14);
INSERT INTO power_row VALUES(3,6,2.0000000000000001634e-05,1.0000000000000000817e-05,9.9999999999999995472e-08,0.0,2.5000000000000001196e-05,4.9999999999999997736e-08,0.0,9.9999999999999995472e-07,15);
INSERT INTO power_row VALUES(3,7,4.0000000000000003269e-05,6.0000000000000001517e-05,1.9999999999999999094e-07,3.0000000000000000758e-05,5.0000000000000002393e-05,9.9999999999999995472e-08,4.5000000000000002836e-05,9.9999999999999995472e-07,16);
INSERT INTO power_row VALUES(4,1,2.0000000000000001634e-05,1.0000000000000000817e-05,9.9999999999999995472e-08,0.0,2.5000000000000001196e-05,4.9999999999999997736e-08,0.0,9.9999999999999995472e-07,10);
INSERT INTO power_row VALUES(4,2,4.0000000000000003269e-05,6.0000000000000001517e-05,1.9999999999999999094e-07,3.0000000000000000758e-05,5.0000000000000002393e-05,9.9999999999999995472e-08,4.5000000000000002836e-05,9.9999999999999995472e-07,11);
INSERT INTO power_row VALUES(4,3,3.0000000000000000758e-05,5.0000000000000002393e-05,1.4999999999999999321e-07,2.0000000000000001634e-05,3.7500000000000003491e-05,7.4999999999999996608e-08,3.0000000000000004148e-05,9.9999999999999995472e-07,12);
INSERT INTO power_row VALUES(4,4,1.0000000000000000817e-05,1.0000000000000000817e-05,4.9999999999999997736e-08,1.0000000000000000817e-05,1.2500000000000000598e-05,2.4999999999999998868e-08,1.5000000000000002073e-05,9.9999999999999995472e-07,13);
INSERT INTO power_row VALUES(4,5,2.0000000000000001634e-05,1.0000000000000000817e-05,9.9999999999999995472e-08,0.0,2.5000000000000001196e-05,4.9999999999999997736e-08,0.0,9.9999999999999995472e-07,14);
INSERT INTO power_row VALUES(4,6,2.0000000000000001634e-05,1.0000000000000000817e-05,9.9999999999999995472e-08,0.0,2.5000000000000001196e-05,4.9999999999999997736e-08,0.0,9.9999999999999995472e-07,15);
INSERT INTO power_row VALUES(4,7,4.0000000000000003269e-05,6.0000000000000001517e-05,1.9999999999999999094e-07,3.0000000000000000758e-05,5.0000000000000002393e-05,9.9999999999999995472e-08,4.5000000000000002836e-05,9.9999999999999995472e-07,16);
INSERT INTO power_row VALUES(5,1,2.0000000000000001634e-05,1.0000000000000000817e-05,9.9999999999999995472e-08,0.0,2.5000000000000001196e-05,4.9999999999999997736e-08,0.0,9.9999999999999995472e-07,10);
INSERT INTO power_row VALUES(5,2,4.0000000000000003269e-05,6.0000000000000001517e-05,1.9999999999999999094e-07,3.0000000000000000758e-05,5.0000000000000002393e-05,9.9999999999999995472e-08,4.5000000000000002836e-05,9.9999999999999995472e-07,11);
INSERT INTO power_row VALUES(5,3,3.0000000000000000758e-05,5.0000000000000002393e-05,1.4999999999999999321e-07,2.0000000000000001634e-05,3.7500000000000003491e-05,7.4999999999999996608e-08,3.0000000000000004148e-05,9.9999999999999995472e-07,12);
INSERT INTO power_row VALUES(5,4,1.0000000000000000817e-05,1.0000000000000000817e-05,4.9999999999999997736e-08,1.0000000000000000817e-05,1.2500000000000000598e-05,2.4999999999999998868e-08,1.5000000000000002073e-05,9.9999999999999995472e-07,13);
INSERT INTO power_row VALUES(5,5,2.0000000000000001634e-05,1.0000000000000000817e-05,9.9999999999999995472e-08,0.0,2.5000000000000001196e-05,4.9999999999999997736e-08,0.0,9.9999999999999995472e-07,14);
INSERT INTO power_row VALUES(5,6,2.0000000000000001634e-05,1.0000000000000000817e-05,9.9999999999999995472e-08,0.0,2.5000000000000001196e-05,4.9999999999999997736e-08,0.0,9.9999999999999995472e-07,15);
INSERT INTO power_row VALUES(5,7,4.0000000000000003269e-05,6.0000000000000001517e-05,1.9999999999999999094e-07,3.0000000000000000758e-05,5.0000000000000002393e-05,9.9999999999999995472e-08,4.5000000000000002836e-05,9.9999999999999995472e-07,16);
INSERT INTO power_row VALUES(6,1,2.0000000000000001634e-05,1.0000000000000000817e-05,9.9999999999999995472e-08,0.0,NULL,NULL,NULL,NULL,NULL);
INSERT INTO power_row VALUES(6,2,4.0000000000000003269e-05,6.0000000000000001517e-05,1.9999999999999999094e-07,3.0000000000000000758e-05,NULL,NULL,NULL,NULL,NULL);
INSERT INTO power_row VALUES(6,3,3.0000000000000000758e-05,5.0000000000000002393e-05,1.4999999999999999321e-07,2.0000000000000001634e-05,NULL,NULL,NULL,NULL,NULL);
INSERT INTO power_row VALUES(6,4,1.0000000000000000817e-05,1.0000000000000000817e-05,4.9999999999999997736e-08,1.0000000000000000817e-05,NULL,NULL,NULL,NULL,NULL);
INSERT INTO power_row VALUES(6,5,2.0000000000000001634e-05,1.0000000000000000817e-05,9.9999999999999995472e-08,0.0,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE IF NOT EXISTS "accuracy" (
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
INSERT INTO accuracy VALUES(1,'c0000000000000000000000000000000',1,1,1795542180,'d1','e4m2','uint8','layer','layer','weights mse, activations max, 64 images','mse','max','','fake',10000,10000,9150,9990,61706,493648,0,NULL);
INSERT INTO accuracy VALUES(2,'c0000000000000000000000000000001',1,1,1795542180,'d1','int11','uint8','layer','layer','maximum','','','','fake',10000,10000,9150,9990,61706,493648,0,NULL);
INSERT INTO accuracy VALUES(3,'c0000000000000000000000000000002',1,1,1795542180,'d1','e4m2','uint8','layer','layer','maximum','','','','fake',10000,10000,9150,9990,61706,493648,0,NULL);
INSERT INTO accuracy VALUES(4,'c0000000000000000000000000000003',1,1,1795542180,'d1','float32','float32','layer','layer','maximum','','','','float32',10000,10000,9150,9990,61706,493648,0,NULL);
INSERT INTO accuracy VALUES(5,'c0000000000000000000000000000014',2,1,1795549060,'d1','e3m3','uint8','layer','layer','maximum','max','max','','fake',3,4,1,2,61706,493648,0,X'0003ff09');
INSERT INTO accuracy VALUES(6,'c0000000000000000000000000000015',1,1,1795549060,'d1','int8','uint8','layer','layer','maximum','max','max','','fake',10000,10000,9150,9990,61706,493648,0,NULL);
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
INSERT INTO accuracy_layer VALUES(5,0,'conv1','convolution','e3m3','uint8',100,10,NULL,700,8,0,NULL,NULL,1000,NULL,NULL,NULL,NULL);
CREATE INDEX ppa_point_by_design ON ppa_point (design_id, library_id, clock_period_s);
CREATE INDEX ppa_point_by_library ON ppa_point (library_id, clock_period_s);
CREATE INDEX run_by_config ON run (config_name, started_unix_s);
CREATE INDEX run_estimate_by_estimate ON run_estimate (estimate_id);
CREATE INDEX design_by_weight ON design (weight_format, activation_format, unit);
CREATE INDEX estimate_by_ppa ON estimate (ppa_id, trace_id);
CREATE INDEX estimate_by_trace ON estimate (trace_id);
CREATE INDEX estimate_by_accuracy ON estimate (accuracy_id);
CREATE INDEX estimate_by_energy ON estimate (energy_per_mac_j);
CREATE INDEX estimate_by_engine ON estimate (estimate_id, engine) WHERE engine IS NOT NULL;
CREATE INDEX accuracy_by_network
  ON accuracy (network_id, weight_scope, weight_format, activation_format);
CREATE UNIQUE INDEX accuracy_layer_by_name ON accuracy_layer (accuracy_id, layer);
CREATE INDEX trace_by_network ON trace (network_id, layer);
CREATE VIEW v_estimate_si AS
SELECT e.estimate_id, d.design, d.unit, d.weight_format, d.activation_format, d.multiplier,
       d.weight_bits, d.activation_bits, d.accumulator_bits,
       l.library, l.corner, l.voltage_v, l.temperature_c, p.clock_period_s, p.wire_load, p.recipe,
       p.keep_blocks, p.block_origin, p.synthesis_runs, p.best_variant,
       p.area_um2, p.area_median_um2, p.area_max_um2,
       p.critical_path_s, p.critical_path_median_s, p.critical_path_max_s, p.slack_s,
       p.cell_count, p.register_count,
       e.internal_w, e.switching_w, e.leakage_w, e.power_w, e.glitch_w, e.energy_per_mac_j,
       e.exact_internal_w, e.exact_leakage_w, e.exact_power_w, e.exact_glitch_w,
       e.power_half_width_w, e.glitch_half_width_w, e.energy_half_width_j, e.total_half_width_w,
       e.batches, e.engine, e.engine_internal_w, e.engine_switching_w, e.engine_leakage_w,
       e.cycles, e.unsettled_cycles, CAST(e.unsettled_cycles AS REAL) / e.cycles AS unsettled_share,
       e.activity_source, e.annotated_share, e.propagated_share, e.power_mode,
       n.network, CASE WHEN a.is_complete THEN CAST(a.top1 AS REAL) / a.images END
         AS accuracy_share,
       CASE WHEN a.is_complete THEN CAST(a.top5 AS REAL) / a.images END AS top5_share, a.images,
       a.network_weight_bits, a.calibration, a.overrides, a.dataset_hash,
       coalesce(a.weight_scope, t.weight_scope) AS weight_scope,
       coalesce(a.activation_scope, t.activation_scope) AS activation_scope,
       t.source AS trace_source, t.dataflow, t.stretches, t.stretch_length, t.seed,
       t.zero_weights_share, t.zero_activations_share, t.layer, t.macs, t.mac_share, t.synthetic,
       p.proof_rtl, p.proof_rtl_vectors, p.proof_netlist, p.proof_netlist_vectors, p.equivalence,
       e.created_unix_s, c.macppa_version, c.git_commit, c.host, c.yosys_version,
       c.opensta_version, c.generator_version, c.recipe_version,
       l.library_hash, p.ppa_key, t.trace_hash, e.estimate_key,
       e.ppa_id, p.design_id, p.library_id, n.network_id
FROM estimate e
JOIN ppa_point p ON p.ppa_id = e.ppa_id
JOIN design d ON d.design_id = p.design_id
JOIN library l ON l.library_id = p.library_id
JOIN trace t ON t.trace_id = e.trace_id
JOIN context c ON c.context_id = e.context_id
LEFT JOIN accuracy a ON a.accuracy_id = e.accuracy_id
LEFT JOIN network n ON n.network_id = coalesce(a.network_id, t.network_id);
CREATE VIEW v_estimate AS
SELECT estimate_id, design, unit, weight_format, activation_format, multiplier,
       weight_bits, activation_bits, accumulator_bits,
       library, corner, voltage_v, temperature_c, 1e9 * clock_period_s AS clock_ns,
       area_um2, 1e9 * critical_path_s AS critical_path_ns, 1e9 * slack_s AS slack_ns,
       cell_count, register_count,
       1e6 * internal_w AS internal_uw, 1e6 * switching_w AS switching_uw,
       1e6 * leakage_w AS leakage_uw, 1e6 * power_w AS power_uw, 1e6 * glitch_w AS glitch_uw,
       1e15 * energy_per_mac_j AS energy_per_mac_fj,
       1e6 * exact_internal_w AS exact_internal_uw, 1e6 * exact_leakage_w AS exact_leakage_uw,
       1e6 * exact_power_w AS exact_power_uw, 1e6 * exact_glitch_w AS exact_glitch_uw,
       1e6 * power_half_width_w AS power_half_width_uw,
       1e6 * glitch_half_width_w AS glitch_half_width_uw,
       1e15 * energy_half_width_j AS energy_half_width_fj,
       1e6 * total_half_width_w AS total_half_width_uw, batches,
       engine, 1e6 * engine_internal_w AS engine_internal_uw,
       1e6 * engine_switching_w AS engine_switching_uw,
       1e6 * engine_leakage_w AS engine_leakage_uw,
       network, layer, macs, 100 * mac_share AS mac_percent, synthetic,
       100 * accuracy_share AS accuracy_percent, weight_scope, activation_scope, calibration,
       overrides, network_weight_bits, trace_source, dataflow, cycles, 100 * unsettled_share AS unsettled_percent, activity_source,
       100 * annotated_share AS annotated_percent, 100 * propagated_share AS propagated_percent,
       power_mode,
       100 * zero_weights_share AS zero_weights_percent,
       100 * zero_activations_share AS zero_activations_percent,
       wire_load, block_origin, synthesis_runs, area_median_um2, 1e9 * critical_path_median_s AS critical_path_median_ns,
       proof_rtl, proof_netlist, equivalence,
       datetime(created_unix_s, 'unixepoch') AS created_utc, macppa_version, git_commit, host,
       yosys_version, opensta_version, generator_version, recipe_version, library_hash,
       ppa_key, trace_hash, estimate_key
FROM v_estimate_si;
CREATE VIEW v_power_by_block AS
SELECT r.estimate_id, d.design, l.library, 1e9 * p.clock_period_s AS clock_ns,
       t.source AS trace_source, t.layer, t.synthetic, q.part AS block, p.block_origin, r.cell_count,
       1e6 * r.internal_w AS internal_uw, 1e6 * r.switching_w AS switching_uw,
       1e6 * r.leakage_w AS leakage_uw,
       1e6 * (r.internal_w + r.switching_w + r.leakage_w) AS power_uw,
       1e6 * r.half_width_w AS half_width_uw, 1e6 * r.glitch_w AS glitch_uw,
       1e6 * r.exact_internal_w AS exact_internal_uw, 1e6 * r.exact_leakage_w AS exact_leakage_uw,
       1e6 * (r.exact_internal_w + r.switching_w + r.exact_leakage_w) AS exact_power_uw,
       1e6 * r.exact_glitch_w AS exact_glitch_uw,
       100 * (r.internal_w + r.switching_w + r.leakage_w) / e.power_w AS power_percent
FROM power_row r
JOIN part q ON q.part_id = r.part_id AND q.scope = 'block'
JOIN estimate e ON e.estimate_id = r.estimate_id
JOIN ppa_point p ON p.ppa_id = e.ppa_id
JOIN design d ON d.design_id = p.design_id
JOIN library l ON l.library_id = p.library_id
JOIN trace t ON t.trace_id = e.trace_id;
CREATE VIEW v_power_by_group AS
SELECT r.estimate_id, d.design, l.library, 1e9 * p.clock_period_s AS clock_ns,
       t.source AS trace_source, t.layer, t.synthetic, q.part AS cell_group, r.cell_count,
       1e6 * r.internal_w AS internal_uw, 1e6 * r.switching_w AS switching_uw,
       1e6 * r.leakage_w AS leakage_uw,
       1e6 * (r.internal_w + r.switching_w + r.leakage_w) AS power_uw,
       1e6 * r.half_width_w AS half_width_uw, 1e6 * r.glitch_w AS glitch_uw,
       1e6 * r.exact_internal_w AS exact_internal_uw, 1e6 * r.exact_leakage_w AS exact_leakage_uw,
       1e6 * (r.exact_internal_w + r.switching_w + r.exact_leakage_w) AS exact_power_uw,
       1e6 * r.exact_glitch_w AS exact_glitch_uw,
       100 * (r.internal_w + r.switching_w + r.leakage_w) / e.power_w AS power_percent
FROM power_row r
JOIN part q ON q.part_id = r.part_id AND q.scope = 'group'
JOIN estimate e ON e.estimate_id = r.estimate_id
JOIN ppa_point p ON p.ppa_id = e.ppa_id
JOIN design d ON d.design_id = p.design_id
JOIN library l ON l.library_id = p.library_id
JOIN trace t ON t.trace_id = e.trace_id;
CREATE VIEW v_power_by_kind AS
SELECT r.estimate_id, d.design, l.library, 1e9 * p.clock_period_s AS clock_ns,
       t.source AS trace_source, t.layer, t.synthetic, q.part AS kind, r.cell_count,
       1e6 * r.internal_w AS internal_uw, 1e6 * r.switching_w AS switching_uw,
       1e6 * r.leakage_w AS leakage_uw,
       1e6 * (r.internal_w + r.switching_w + r.leakage_w) AS power_uw,
       1e6 * r.half_width_w AS half_width_uw, 1e6 * r.glitch_w AS glitch_uw,
       1e6 * r.exact_internal_w AS exact_internal_uw, 1e6 * r.exact_leakage_w AS exact_leakage_uw,
       1e6 * (r.exact_internal_w + r.switching_w + r.exact_leakage_w) AS exact_power_uw,
       1e6 * r.exact_glitch_w AS exact_glitch_uw,
       100 * (r.internal_w + r.switching_w + r.leakage_w) / e.power_w AS power_percent
FROM power_row r
JOIN part q ON q.part_id = r.part_id AND q.scope = 'kind'
JOIN estimate e ON e.estimate_id = r.estimate_id
JOIN ppa_point p ON p.ppa_id = e.ppa_id
JOIN design d ON d.design_id = p.design_id
JOIN library l ON l.library_id = p.library_id
JOIN trace t ON t.trace_id = e.trace_id;
CREATE VIEW v_layer AS
SELECT n.network, t.layer, d.design, d.unit, d.weight_format, d.activation_format,
       l.library, 1e9 * p.clock_period_s AS clock_ns, t.dataflow,
       coalesce(a.weight_scope, t.weight_scope) AS weight_scope,
       coalesce(a.activation_scope, t.activation_scope) AS activation_scope,
       t.macs, 100 * t.mac_share AS mac_percent,
       1e6 * e.power_w AS power_uw, 1e6 * e.power_half_width_w AS power_half_width_uw,
       1e6 * e.glitch_w AS glitch_uw, 1e15 * e.energy_per_mac_j AS energy_per_mac_fj,
       1e15 * e.energy_per_mac_j * (1 + e.glitch_w / e.power_w)
         AS energy_with_glitches_per_mac_fj,
       1e9 * t.macs * e.energy_per_mac_j AS energy_nj,
       1e9 * t.macs * e.energy_per_mac_j * (1 + e.glitch_w / e.power_w)
         AS energy_with_glitches_nj,
       100 * t.zero_weights_share AS zero_weights_percent,
       100 * t.zero_activations_share AS zero_activations_percent, t.synthetic,
       t.source AS trace_source, t.seed, t.stretches, t.stretch_length, e.estimate_id
FROM trace t
JOIN estimate e ON e.trace_id = t.trace_id
JOIN network n ON n.network_id = t.network_id
JOIN ppa_point p ON p.ppa_id = e.ppa_id
JOIN design d ON d.design_id = p.design_id
JOIN library l ON l.library_id = p.library_id
LEFT JOIN accuracy a ON a.accuracy_id = e.accuracy_id
WHERE t.layer <> '';
CREATE VIEW v_accuracy AS
SELECT a.accuracy_id, n.network, n.note, a.weight_format, a.activation_format, a.weight_scope,
       a.activation_scope, a.weight_calibration, a.activation_calibration, a.calibration,
       a.overrides, a.engine, a.images, a.planned_images, a.is_complete, a.top1, a.top5,
       100.0 * a.top1 / a.images AS accuracy_percent, 100.0 * a.top5 / a.images AS top5_percent,
       a.weight_count, a.network_weight_bits,
       CAST(a.network_weight_bits AS REAL) / nullif(a.weight_count, 0) AS bits_per_weight,
       nullif(a.network_accumulator_bits, 0) AS network_accumulator_bits,
       datetime(a.created_unix_s, 'unixepoch') AS created_utc, c.macppa_version, c.git_commit,
       c.host, n.network_hash, a.dataset_hash, a.accuracy_key
FROM accuracy a
JOIN network n ON n.network_id = a.network_id
JOIN context c ON c.context_id = a.context_id;
CREATE VIEW v_accuracy_layer AS
SELECT x.accuracy_id, n.network, x.layer_index, x.layer, x.kind, x.weight_format,
       x.activation_format, a.weight_scope, a.activation_scope, x.weight_count,
       100.0 * x.zero_weights / x.weight_count AS zero_weights_percent, x.distinct_weights,
       x.code_bits, x.scale_bits, x.table_bits,
       x.code_bits + x.scale_bits + x.table_bits AS layer_bits,
       CAST(x.code_bits + x.scale_bits + x.table_bits AS REAL) / x.weight_count AS bits_per_weight,
       x.zero_skipping_bits, x.skipping_index_bits, x.macs,
       x.smallest_weight_unit_exponent, x.largest_weight_unit_exponent,
       x.activation_unit_exponent, x.accumulator_bits, a.overrides, a.is_complete
FROM accuracy_layer x
JOIN accuracy a ON a.accuracy_id = x.accuracy_id
JOIN network n ON n.network_id = a.network_id;
CREATE VIEW v_run AS
SELECT r.run_id, r.config_name, datetime(r.started_unix_s, 'unixepoch') AS started_utc,
       CASE WHEN r.ended_unix_s IS NULL THEN 'not finished' ELSE 'finished' END AS state, r.wall_s,
       (SELECT count(*) FROM run_estimate x WHERE x.run_id = r.run_id) AS estimates,
       c.macppa_version, c.git_commit, c.host, c.yosys_version, c.opensta_version, r.run_key
FROM run r
JOIN context c ON c.context_id = r.context_id;
CREATE VIEW v_reduction AS
SELECT b.design AS baseline, e.design, e.unit, b.weight_format AS baseline_weight_format,
       e.weight_format, e.activation_format, e.library, 1e9 * e.clock_period_s AS clock_ns,
       e.trace_source, e.dataflow, e.network, e.layer, e.synthetic, e.weight_scope,
       100 * (1 - e.area_um2 / b.area_um2) AS area_reduction_percent,
       100 * (1 - e.critical_path_s / b.critical_path_s) AS critical_path_reduction_percent,
       100 * (1 - e.power_w / b.power_w) AS power_reduction_percent,
       100 * (1 - e.energy_per_mac_j / b.energy_per_mac_j) AS energy_reduction_percent,
       100 * (1 - (e.power_w + e.glitch_w) / (b.power_w + b.glitch_w))
         AS energy_with_glitches_reduction_percent,
       100 * (1 - e.exact_power_w / b.exact_power_w) AS exact_energy_reduction_percent,
       100 * (e.accuracy_share - b.accuracy_share) AS accuracy_change_points,
       100 * (1 - CAST(e.network_weight_bits AS REAL) / b.network_weight_bits)
         AS storage_reduction_percent,
       b.estimate_id AS baseline_estimate_id, e.estimate_id
FROM v_estimate_si b
JOIN v_estimate_si e
  ON e.library_id = b.library_id AND e.clock_period_s = b.clock_period_s AND e.unit = b.unit
 AND e.activation_format = b.activation_format AND e.wire_load = b.wire_load
 AND e.trace_source = b.trace_source AND e.dataflow = b.dataflow
 AND e.activity_source = b.activity_source AND e.power_mode = b.power_mode
 AND e.network_id IS b.network_id AND e.calibration IS b.calibration
 AND e.dataset_hash IS b.dataset_hash AND e.images IS b.images
 AND e.layer = b.layer AND e.synthetic = b.synthetic AND e.weight_scope IS b.weight_scope
 AND e.activation_scope IS b.activation_scope AND e.overrides IS b.overrides
 AND e.macs IS b.macs
 AND e.recipe = b.recipe AND e.recipe_version = b.recipe_version
 AND e.generator_version = b.generator_version AND e.yosys_version = b.yosys_version
 AND e.opensta_version = b.opensta_version
 AND e.keep_blocks = b.keep_blocks AND e.synthesis_runs = b.synthesis_runs
 AND e.estimate_id <> b.estimate_id;
COMMIT;
PRAGMA application_id = 0x4d505041;
PRAGMA user_version = 3;
