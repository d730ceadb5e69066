-- From version 3 to 4. Never edited once released: what comes later is a migration of its own.
-- design is built anew, as in migration 2, since more tells designs apart; ppa_point only gains
-- columns.

PRAGMA legacy_alter_table = ON;

-- What is built. '' in adder, form ... low_power: the generator's default of that time, which the
-- design's name does not tell either. terms: products that a cycle adds up; drop_bits: low bits of
-- the product that are not kept, guard_bits of them until the terms are added; stages: of pipeline
-- registers inside; registers 0: combinational, without registers at operands and result.
CREATE TABLE design_4 (
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
  adder TEXT NOT NULL DEFAULT '',
  form TEXT NOT NULL DEFAULT '',
  sign TEXT NOT NULL DEFAULT '',
  shift TEXT NOT NULL DEFAULT '',
  shifter TEXT NOT NULL DEFAULT '',
  alignment TEXT NOT NULL DEFAULT '',
  rounding TEXT NOT NULL DEFAULT '',
  low_power TEXT NOT NULL DEFAULT '',
  terms INTEGER NOT NULL DEFAULT 1 CHECK (terms >= 1),
  stages INTEGER NOT NULL DEFAULT 0 CHECK (stages >= 0),
  drop_bits INTEGER NOT NULL DEFAULT 0 CHECK (drop_bits >= 0),
  guard_bits INTEGER NOT NULL DEFAULT 0 CHECK (guard_bits >= 0),
  registers INTEGER NOT NULL DEFAULT 1 CHECK (registers IN (0, 1)),
  UNIQUE (design, weight_format, activation_format, unit, multiplier, weight_bits, activation_bits,
          accumulator_bits, adder, form, sign, shift, shifter, alignment, rounding, low_power, terms,
          stages, drop_bits, guard_bits, registers)
) STRICT;
INSERT INTO design_4 (design_id, design, weight_format, activation_format, unit, multiplier,
                      weight_bits, activation_bits, accumulator_bits)
SELECT design_id, design, weight_format, activation_format, unit, multiplier, weight_bits,
       activation_bits, accumulator_bits FROM design ORDER BY design_id;
DROP TABLE design;
ALTER TABLE design_4 RENAME TO design;
CREATE INDEX design_by_weight ON design (weight_format, activation_format, unit);

-- How its netlist came about. yosys: recipe names the script. search: cells placed by our own search
-- (recipe names it) for an objective, under limits where there are any, budget_s or evaluations for
-- each of synthesis_runs seeds, evaluations: made in all. given: the user's own netlist. resized:
-- drives and pins changed afterwards. driving_cell: of every input, '' none; output_load_f: on every
-- output.
ALTER TABLE ppa_point ADD COLUMN implementation TEXT NOT NULL DEFAULT 'yosys'
  CHECK (implementation IN ('yosys', 'search', 'given'));
ALTER TABLE ppa_point ADD COLUMN objective TEXT NOT NULL DEFAULT ''
  CHECK ((objective = '') = (implementation <> 'search'));
ALTER TABLE ppa_point ADD COLUMN max_delay_s REAL CHECK (max_delay_s > 0 AND max_delay_s < 9e999);
ALTER TABLE ppa_point ADD COLUMN max_area_um2 REAL
  CHECK (max_area_um2 > 0 AND max_area_um2 < 9e999);
ALTER TABLE ppa_point ADD COLUMN max_power_w REAL CHECK (max_power_w > 0 AND max_power_w < 9e999);
ALTER TABLE ppa_point ADD COLUMN budget_s REAL CHECK (budget_s > 0 AND budget_s < 9e999);
ALTER TABLE ppa_point ADD COLUMN evaluations INTEGER CHECK (evaluations >= 0);
ALTER TABLE ppa_point ADD COLUMN resized INTEGER NOT NULL DEFAULT 0 CHECK (resized IN (0, 1));
ALTER TABLE ppa_point ADD COLUMN driving_cell TEXT NOT NULL DEFAULT '';
ALTER TABLE ppa_point ADD COLUMN output_load_f REAL NOT NULL DEFAULT 0
  CHECK (output_load_f >= 0 AND output_load_f < 9e999);
UPDATE ppa_point SET implementation = 'given' WHERE recipe = 'as given';
-- In words: 'yosys area', 'search power, at most 1.2 ns', 'given, resized'.
ALTER TABLE ppa_point ADD COLUMN way TEXT GENERATED ALWAYS AS (
  implementation
  || CASE implementation WHEN 'yosys' THEN ' ' || recipe WHEN 'search' THEN ' ' || objective
     ELSE '' END
  || CASE WHEN max_delay_s IS NULL THEN '' ELSE printf(', at most %g ns', 1e9 * max_delay_s) END
  || CASE WHEN max_area_um2 IS NULL THEN '' ELSE printf(', at most %g um2', max_area_um2) END
  || CASE WHEN max_power_w IS NULL THEN '' ELSE printf(', at most %g uW', 1e6 * max_power_w) END
  || CASE resized WHEN 1 THEN ', resized' ELSE '' END) VIRTUAL;

-- Each of the synthesis_runs variants or seeds of a point, as OpenSTA times them; rows are missing
-- where a point is of version 3. power_w: functional, glitch_w: what gate delays add, NULL: not
-- computed for this run.
CREATE TABLE ppa_run (
  ppa_id INTEGER NOT NULL REFERENCES ppa_point ON DELETE CASCADE,
  run_index INTEGER NOT NULL CHECK (run_index >= 0),
  seed INTEGER NOT NULL,
  area_um2 REAL NOT NULL CHECK (area_um2 > 0 AND area_um2 < 9e999),
  critical_path_s REAL NOT NULL CHECK (critical_path_s >= 0 AND critical_path_s < 9e999),
  power_w REAL CHECK (power_w >= 0 AND power_w < 9e999),
  glitch_w REAL CHECK (glitch_w > -9e999 AND glitch_w < 9e999),
  evaluations INTEGER CHECK (evaluations >= 0),
  wall_s REAL NOT NULL CHECK (wall_s >= 0 AND wall_s < 9e999),
  PRIMARY KEY (ppa_id, run_index)
) STRICT, WITHOUT ROWID;

-- What a search found that nothing else of it beats in area, delay and power at once, by rising
-- delay; netlist as in ppa_text. power_w: as the search estimates it, with glitches. confirmed: timed by OpenSTA, else by the search alone. proof_netlist:
-- how it was proven.
CREATE TABLE front (
  front_id INTEGER PRIMARY KEY,
  ppa_id INTEGER NOT NULL REFERENCES ppa_point ON DELETE CASCADE,
  place INTEGER NOT NULL CHECK (place >= 0),
  seed INTEGER NOT NULL,
  area_um2 REAL NOT NULL CHECK (area_um2 > 0 AND area_um2 < 9e999),
  critical_path_s REAL NOT NULL CHECK (critical_path_s >= 0 AND critical_path_s < 9e999),
  power_w REAL CHECK (power_w >= 0 AND power_w < 9e999),
  confirmed INTEGER NOT NULL CHECK (confirmed IN (0, 1)),
  proof_netlist TEXT NOT NULL CHECK (proof_netlist <> ''),
  netlist_bytes INTEGER NOT NULL CHECK (netlist_bytes >= 0),
  netlist_zlib BLOB NOT NULL,
  UNIQUE (ppa_id, place)
) STRICT;

-- What others reach for the same function on the same library, under the same driving cells, loads
-- and wires: measured apart from this program, read from a file (`peers:` of a config). A design is
-- the same function when unit, formats, accumulator, terms and registers are.
CREATE TABLE peer (
  peer_id INTEGER PRIMARY KEY,
  peer TEXT NOT NULL CHECK (peer <> ''),
  library TEXT NOT NULL CHECK (library <> ''),
  unit TEXT NOT NULL CHECK (unit <> ''),
  weight_format TEXT NOT NULL CHECK (weight_format <> ''),
  activation_format TEXT NOT NULL CHECK (activation_format <> ''),
  accumulator_bits INTEGER NOT NULL CHECK (accumulator_bits >= 0),
  terms INTEGER NOT NULL CHECK (terms >= 1),
  registers INTEGER NOT NULL CHECK (registers IN (0, 1)),
  area_um2 REAL NOT NULL CHECK (area_um2 > 0 AND area_um2 < 9e999),
  critical_path_s REAL NOT NULL CHECK (critical_path_s > 0 AND critical_path_s < 9e999),
  power_w REAL CHECK (power_w >= 0 AND power_w < 9e999),
  -- Of several runs, where there were: area_um2 and critical_path_s are of the least area x delay;
  -- in um2 x ns.
  runs INTEGER CHECK (runs > 0),
  median_area_path REAL CHECK (median_area_path > 0 AND median_area_path < 9e999),
  worst_area_path REAL CHECK (worst_area_path > 0 AND worst_area_path < 9e999),
  UNIQUE (library, unit, weight_format, activation_format, accumulator_bits, terms, registers, peer)
) STRICT;

PRAGMA legacy_alter_table = OFF;
