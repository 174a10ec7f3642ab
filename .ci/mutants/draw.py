"""Keep so many mutants of a cosmic-ray session, drawn at random: draw.py SESSION MANY SEED."""

import random
import sqlite3
import sys


def main(session: str, many: int, seed: int) -> None:
    """Delete every mutant that was not drawn."""
    with sqlite3.connect(session) as rows:
        order = "ORDER BY module_path, operator_name, occurrence"
        jobs = [job for (job,) in rows.execute(f"SELECT job_id FROM mutation_specs {order}")]
        kept = set(random.Random(seed).sample(jobs, many))
        gone = [(job,) for job in jobs if job not in kept]
        for table in ("mutation_specs", "work_items"):
            rows.executemany(f"DELETE FROM {table} WHERE job_id = ?", gone)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
