-- How each design was proven: generated Verilog and mapped netlist against the golden model
-- :design= only this design
-- :library= only this library
-- :limit=200 at most so many rows
-- exhaustive: all combinations of operands. walks (mac): long series of terms that take the
-- accumulator to both ends and around zero, and short ones from random states. corners and random:
-- where operands have more than 2^24 combinations; there equivalence is what Yosys and ABC said.
SELECT d.design, l.library, p.way, p.clock_period_s, p.proof_rtl, p.proof_rtl_vectors, p.proof_netlist,
       p.proof_netlist_vectors, p.equivalence
FROM ppa_point p
JOIN design d ON d.design_id = p.design_id
JOIN library l ON l.library_id = p.library_id
WHERE (:design IS NULL OR d.design = :design) AND (:library IS NULL OR l.library = :library)
ORDER BY p.ppa_id DESC
LIMIT :limit;
