-- Runs, newest first: configuration, when, how long, how many estimates
-- :config= only this configuration
-- :limit=50 at most so many rows
SELECT run_id, config_name, started_utc, state, wall_s, estimates, macppa_version, git_commit, host
FROM v_run
WHERE (:config IS NULL OR config_name = :config)
ORDER BY run_id DESC
LIMIT :limit;
