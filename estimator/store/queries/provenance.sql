-- Where the numbers of an estimate come from: tools, library, trace, proof
-- :estimate= only this estimate (a number of `estimates`)
-- :limit=20 at most so many rows
SELECT estimate_id, design, library, corner, library_hash, way, implementation, recipe, objective,
       evaluations, budget_s, driving_cell, output_load_f, wire_load, block_origin,
       trace_source, dataflow, seed, cycles, activity_source, annotated_share, propagated_share,
       power_mode, engine, calibration, proof_netlist,
       datetime(created_unix_s, 'unixepoch') AS created_utc, macppa_version, git_commit, host,
       yosys_version, opensta_version, generator_version, recipe_version, ppa_key, trace_hash,
       estimate_key
FROM v_estimate_si
WHERE estimate_id BETWEEN coalesce(:estimate, 1) AND coalesce(:estimate, 9223372036854775807)
ORDER BY estimate_id DESC
LIMIT :limit;
