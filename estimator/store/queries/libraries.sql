-- Libraries and corners that results exist for
SELECT l.library, l.corner, l.voltage_v, l.temperature_c,
       (SELECT count(*) FROM ppa_point p WHERE p.library_id = l.library_id) AS ppa_points,
       l.library_hash
FROM library l
ORDER BY l.library, l.corner;
