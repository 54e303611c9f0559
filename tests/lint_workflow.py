"""Run `snakemake --lint`, which always reports something, and fail on what applies here."""

import subprocess
import sys
from collections.abc import Iterator

# The environment is one lock for all rules, so no rule has a conda or container declaration of its
# own; and what `snakemake --lint` takes for absolute paths and for a mix of rules and helper
# functions is neither at odds with a Snakefile that is to be read in one sitting.
DO_NOT_APPLY = {
    "Specify a conda environment or container for each rule.",
    "Migrate long run directives into scripts or notebooks",
    "Mixed rules and functions in same snakefile.",
}


def findings(text: str) -> Iterator[tuple[str, str]]:
    """The place and text of every finding."""
    where = ""
    for line in text.splitlines():
        if line.startswith("Lints for "):
            where = line.removeprefix("Lints for ").rstrip(":")
        elif line.startswith("    * "):
            yield where, line.removeprefix("    * ").rstrip(":")


def main() -> int:
    """Print the findings that apply; 1 if there are any."""
    command = [sys.executable, "-m", "snakemake", "--lint"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    rows = list(findings(done.stdout + done.stderr))
    if not rows:  # it always finds that there is no conda: it has not run
        print(done.stdout, done.stderr, sep="\n")
        return 1
    left = [(where, title) for where, title in rows if title not in DO_NOT_APPLY]
    for where, title in left:
        print(f"{where}: {title}")
    print(f"snakemake --lint: {len(left)} findings that apply, {len(rows) - len(left)} that do not")
    return int(bool(left))


if __name__ == "__main__":
    sys.exit(main())
