"""CPU seconds of the same command lines by two checkouts, interleaved, and whether one got slower.

    python benchmarks/versions.py ../before [--pack ../before/rules] [--rounds 5] [--rows 200000] [--worse 1.1]

Each checkout runs in its own .venv. With --pack both take the same rules, so that the code is compared and not the
number of rules. The exit code is 1 if a command's median is more than --worse times what it was.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
SAMPLES = HERE.parent / "data" / "samples"

# {pack} is the older checkout's rules; {data} what was generated; {out} a folder for outputs.
COMMANDS = {
    "--help": "--help",
    "check, one candidate": "check --pack {pack} --image {samples}/images.json#shelf-camera --flavor kai1s.3xlarge.2 "
    "--operation create_ecs",
    "audit, Parquet, skewed": "audit {data}/skewed.parquet -o {out}/a.parquet --pack {pack} --operation create_ecs",
    "audit, Parquet, adversarial": "audit {data}/adversarial.parquet -o {out}/b.parquet --pack {pack} "
    "--operation create_ecs",
    "audit, CSV, skewed": "audit {data}/skewed.csv -o {out}/c.csv --pack {pack} --operation create_ecs",
    "audit, JSON Lines": "audit {data}/few.jsonl -o {out}/d.csv --pack {pack} --operation create_ecs",
    "audit, verdicts as lines": "audit {data}/few.jsonl -o {out}/e.jsonl --pack {pack} --operation create_ecs",
    "audit, image list": "audit {samples}/images.json -o {out}/f.csv --pack {pack} --operation share",
    "match, skewed": "match --pack {pack} --images {data}/images-skewed.parquet --ecs {data}/ecss-skewed.parquet "
    "--operation create_ecs --fail-on never",
    "match, adversarial": "match --pack {pack} --images {data}/images-adversarial.parquet "
    "--ecs {data}/ecss-adversarial.parquet --operation create_ecs --fail-on never",
    "rules test": "rules test --pack {pack}",
    "rules lint": "rules lint --pack {pack}",
    "rules docs": "rules docs --pack {pack}",
    "rules show": "rules show boot.uefi-on-heterogeneous --pack {pack}",
    "rules verify": "rules verify --pack {pack} --limit 1000",
}


def generate(checkout: Path, folder: Path, rows: int) -> None:
    """Write the inputs with the generator of ``checkout``."""
    python, generator = str(checkout / ".venv/bin/python"), str(checkout / "benchmarks/generators.py")
    wanted = [("candidates", rows, "skewed.parquet"), ("candidates", rows, "adversarial.parquet")]
    wanted += [("candidates", rows, "skewed.csv"), ("candidates", rows // 20, "few.jsonl")]
    for kind in ("skewed", "adversarial"):
        wanted += [("images", 10_000, f"images-{kind}.parquet"), ("ecss", 2_000, f"ecss-{kind}.parquet")]
    for what, count, name in wanted:
        kind = "adversarial" if "adversarial" in name else "skewed"
        subprocess.run([python, generator, what, str(count), str(folder / name), "--kind", kind], check=True)


def seconds(checkout: Path, arguments: list[str]) -> float | None:
    """Return the CPU seconds of one command, user and system, or nothing where it is refused."""
    command = [sys.executable, str(HERE / "measured.py"), str(checkout / ".venv/bin/imagefit"), *arguments]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    run = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    cost = json.loads(run.stdout.splitlines()[-1])
    return None if cost["code"] in (2, 70) else float(cost["cpu"])


def main() -> int:
    """Print a line for each command: both medians and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before", type=Path)
    parser.add_argument("--pack", type=Path, help="the rules for both; those of the older checkout otherwise")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--worse", type=float, default=1.1)
    parser.add_argument("--only", default="")
    asked = parser.parse_args()
    before, after = asked.before.resolve(), HERE.parent
    slower = []
    with tempfile.TemporaryDirectory() as held:
        data = Path(held)
        generate(before, data, asked.rows)
        places = {"pack": asked.pack or before / "rules", "data": data, "out": data, "samples": SAMPLES}
        print(f"{'CPU seconds, medians of ' + str(asked.rounds):32}{'before':>9}{'after':>9}{'ratio':>8}")
        for name, line in COMMANDS.items():
            if asked.only not in name:
                continue
            arguments = line.format(**places).split(" ")
            rounds = [[seconds(checkout, arguments) for checkout in (before, after)] for _ in range(asked.rounds)]
            ours = [[one for one in side if one is not None] for side in zip(*rounds, strict=True)]
            if not all(ours):
                print(f"{name:32}{'' if ours[0] else 'refused':>9}{'' if ours[1] else 'refused':>9}")
                continue
            was, now = (statistics.median(side) for side in ours)
            slower += [name] * (now > asked.worse * was)
            print(f"{name:32}{was:9.3f}{now:9.3f}{now / was:8.2f}", flush=True)
    print(f"slower than {asked.worse:g} times: {', '.join(slower) or 'none'}")
    return 1 if slower else 0


if __name__ == "__main__":
    sys.exit(main())
