"""What is fuzzed: files to write, and the command lines to run on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from mutate import interesting_text, mutated, random_bytes

from imagefit.reports import formats as written
from imagefit.sources.formats import Format

__all__ = ["SAMPLES", "Case", "Ran", "make_case", "seeds"]

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "data" / "samples"
PACKS = (ROOT / "rules", ROOT / "tests" / "packs" / "plugs", ROOT / "engine" / "imagefit" / "rulepack" / "template")
IMAGES = ("images.json", "image.json", "facts.csv", "facts.jsonl", "console.csv", "console-zh.csv", "members.json")
ECSS = ("flavors.json", "servers.json", "create-orders.json", "create-payroll.json", "os.json", "nova.json")
RIGHT = ("image.boot_mode=uefi", "image.visibility=private", "ecs.accelerator=npu", "image.min_disk_gib=40",
         "image.hypervisors=kvm;xen", "ecs.region=cn-north-4", "image.encrypted=TRUE")  # fmt: skip
FACTS = (
    "image.boot_mode",
    "image.visibility",
    "ecs.accelerator",
    "image.min_disk_gib",
    "image.hypervisors",
    "image.own",
)
OPERATIONS = (*("create_ecs", "change_os", "share", "share_with", "export", "delete") * 3, "plug_in", "creat_ecs", "")
REPORTS = tuple(written.FORMATS)
ENDINGS = tuple(form.ending or name for name, form in written.FORMATS.items())
FORMATS = (*[None] * 30, *(str(known) for known in Format), "x")


@dataclass(frozen=True)
class Ran:
    """What became of a command line."""

    command: list[str]
    code: int
    stdout: bytes
    stderr: str


@dataclass
class Case:
    """Files by name, and command lines that name them.

    Attributes
    ----------
    stdin
        What `-` reads.
    cpu_seconds, mib
        What a command may take.
    is_kept
        Whether no file may change.
    prepare
        Does what remains to be done in the folder with the files.
    judge
        Says what is wrong with what became of the command lines, together.
    """

    kind: str
    files: dict[str, bytes]
    commands: list[list[str]]
    stdin: bytes = b""
    cpu_seconds: float = 5
    mib: int = 300
    is_kept: bool = True
    prepare: Callable[[Path], None] = lambda folder: None
    judge: Callable[[Sequence[Ran]], str | None] = lambda ran: None


@cache
def seeds(folder: Path) -> Mapping[str, bytes]:
    """The files of a folder that cases start from."""
    return {
        path.name: path.read_bytes() for path in sorted(folder.glob("*")) if path.is_file() and path.suffix != ".py"
    }


def make_case(random: Random, verbs: Sequence[str], kinds: Sequence[str] = ()) -> Case:
    """Make the case that a random number generator says, of what the command line has; every second one is a hard one.

    Parameters
    ----------
    kinds
        Names of the makers of hard cases, if only these are wanted.
    """
    makers: list[Callable[[Random], Case]] = [_pack, _pack, _image, _image, _ecs, _options]
    if "audit" in verbs:
        makers += [_table, _table]
    if "match" in verbs:
        makers.append(_match)
    if "replay" in verbs:
        makers.append(_kept)
    if "suggest" in verbs:
        makers += [_asked, _of_tables]
    if kinds or random.random() < 0.5:
        from hard import MAKERS

        makers = [maker for maker in MAKERS if not kinds or maker.__name__ in kinds]
    return random.choice(makers)(random)


def _one(folder: Path, random: Random, *, ends: tuple[str, ...] = ()) -> tuple[str, bytes]:
    """A file of the folder: as it is, mutated, or nothing of the kind."""
    known = {name: content for name, content in seeds(folder).items() if not ends or name.endswith(ends)}
    name = random.choice(sorted(known))
    if random.random() < 0.08:
        return name, random_bytes(random)
    return name, mutated(known[name], name, list(known.values()), random)


def _pack(random: Random) -> Case:
    folder = random.choice(PACKS)
    files = {f"pack/{name}": content for name, content in seeds(folder).items()}
    for _ in range(random.choice((1, 1, 2))):
        name, content = _one(folder, random)
        files[f"pack/{name}"] = content
    facts = random.choice(("appliance.watts=5", "lamp.power_w=7", "image.status=active"))
    operation = random.choice(OPERATIONS)
    commands = [
        ["rules", "test", "--pack", "pack"],
        random.choice(
            [
                ["rules", "list", "--pack", "pack"],
                ["rules", "docs", "--pack", "pack"],
                ["rules", "lint", "--pack", "pack"],
                ["rules", "test", "--coverage", "--pack", "pack"],
                ["rules", "diff", str(folder), "pack"],
                ["check", "--pack", "pack", "--operation", operation, "--set", facts, "--all-rules", "--explain"],
                ["check", "--pack", "pack", "--operation", operation, "--format", "json"],
            ]
        ),
    ]
    return Case("pack", files, commands)


def _image(random: Random) -> Case:
    name, content = _one(SAMPLES, random, ends=IMAGES if random.random() < 0.8 else ())
    where = random.choice((*[name] * 8, f"{name}#orders-web", f"{name}#{interesting_text(random)}", "-", "-"))
    command = ["check", "--image", where, *_how(random), "-v"]
    if random.random() < 0.4:
        command += [
            "--flavor",
            random.choice(("s6.large.2", "p2s.2xlarge.8", "ai1s.large.4", interesting_text(random))),
        ]
    return Case("image", {name: content}, [command], stdin=content)


def _ecs(random: Random) -> Case:
    name, content = _one(SAMPLES, random, ends=ECSS if random.random() < 0.8 else ())
    files = {name: content, "one.json": seeds(SAMPLES)["images.json"]}
    command = ["check", "--ecs", random.choice((*[name] * 8, f"{name}#0", "-")), *_how(random)]
    if random.random() < 0.6:
        command += ["--image", "one.json#orders-web" if random.random() < 0.5 else "one.json"]
    if random.random() < 0.3:
        command += ["--az", interesting_text(random)]
    return Case("ecs", files, [command], stdin=content)


def _table(random: Random) -> Case:
    name, content = _one(SAMPLES, random, ends=(".csv", ".jsonl", ".json"))
    where = random.choice((name, name, name, "-"))
    command = [
        "audit",
        where,
        *_how(random, formats=(*REPORTS * 4, "xml"), all_rules=False),
    ]
    command += random.choice(
        (
            [],
            [],
            ["--on-bad-row", "report"],
            ["--first", "2"],
            ["--summary", "summary.json"],
            ["--format", "jsonl", "--all-rules"],
        )
    )
    command += random.choice(([], [], [], ["--output", f"out.{random.choice((*ENDINGS, 'x'))}"]))
    command += random.choice(([], [], [], ["--flavor", "p2s.2xlarge.8"], ["--prefix", "x_"], ["--prefix", "image."]))
    return Case("table", {name: content}, [command], stdin=content)


def _match(random: Random) -> Case:
    image, images = _one(SAMPLES, random, ends=IMAGES)
    ecs, ecss = _one(SAMPLES, random, ends=ECSS)
    files = {"images-" + image: images, "ecs-" + ecs: ecss}
    how = _how(random, all_rules=False)
    command = ["match", "--images", "images-" + image, "--ecs", "ecs-" + ecs, *how]
    command += random.choice(([], ["--by", "rule"], ["--by", "image"], ["--matrix"], ["--for-image", "orders-web"]))
    return Case("match", files, [command])


@cache
def kept() -> Mapping[str, bytes]:
    """What runs keep beside their reports: a log, a baseline, waivers, a result."""
    from click.testing import CliRunner

    from imagefit.cli.root import root

    with TemporaryDirectory() as folder:
        place = {name: f"{folder}/{name}" for name in ("log.jsonl", "known.json", "waivers.yaml")}
        check = ["check", str(SAMPLES / "images.json"), "--flavor", "kai1s.3xlarge.2", "--operation", "create_ecs"]
        beside = ["--log", place["log.jsonl"], "--baseline", place["known.json"], "--write-baseline"]
        result = CliRunner().invoke(root, [*check, *beside, "--format", "json"]).stdout
        who = ["--ttl", "900d", "--reason", "r", "--owner", "o", "--waivers", place["waivers.yaml"]]
        CliRunner().invoke(root, ["waive", "-", *who], input=result)
        return {**seeds(Path(folder)), "result.json": result.encode()}


def _kept(random: Random) -> Case:
    """A log, a baseline, waivers or a result that something is wrong with."""
    name = random.choice(sorted(kept()))
    content = mutated(kept()[name], name, list(kept().values()), random)
    check = [
        random.choice(("check", "audit")),
        "images.json",
        "--flavor",
        "kai1s.3xlarge.2",
        *_how(random, all_rules=False),
    ]
    waive = ["waive", "result.json", "--ttl", random.choice(("30d", interesting_text(random))), "--reason"]
    waive += [interesting_text(random) or "r", "--owner", "o", "--waivers"]
    commands = {
        "log.jsonl": [["replay", name, *random.choice(([], ["--pack", "open-telekom-cloud"], ["--format", "json"]))]],
        "known.json": [[*check, "--baseline", name]],
        "waivers.yaml": [[*check, "--waivers", name, "--waivers-complete", "--log", "new.jsonl"], [*waive, name]],
        "result.json": [[*waive, "new.yaml"]],
    }
    files = {"images.json": seeds(SAMPLES)["images.json"], **kept(), name: content}
    return Case("kept", files, commands[name], is_kept=name != "waivers.yaml")


def _asked(random: Random) -> Case:
    """What would make it fit: plans, flavors and images that fit, requests that are repaired; mutated."""
    image, images = _one(SAMPLES, random, ends=IMAGES)
    ecs, ecss = _one(SAMPLES, random, ends=ECSS)
    if random.random() < 0.5:  # or most would be refused before anything is looked for
        images, ecss = seeds(SAMPLES)[image], seeds(SAMPLES)[ecs]
    near = random.choice(([], ["--like", "c7n.xlarge.2"], ["--vcpus", "4", "--memory-gib", "8"], ["--os", "ubuntu 22"]))
    near = near if random.random() < 0.8 else ["--near", _assignment(random)]
    commands = (
        ["suggest", "--image", image, *near],
        ["suggest", "--ecs", ecs, "--image", image, *near],
        ["suggest", "--request", ecs, "--image", image],
        ["check", "--image", image, "--ecs", ecs, "--plans", random.choice(("0", "3", "50")), "--explain"],
        ["audit", image, "--plans", "--flavor", "kai1s.3xlarge.2"],
    )
    command = [*random.choice(commands), *_how(random, formats=("json", "text"), all_rules=False)]
    return Case("asked", {image: images, ecs: ecss}, [command], cpu_seconds=20)


def _of_tables(random: Random) -> Case:
    """Tables that become others: columns that are proposed as facts, facts that are converted, audits elsewhere."""
    name, content = _one(SAMPLES, random, ends=(".csv", ".jsonl", ".json"))
    address = random.choice(("http://127.0.0.1:9/a.csv", "s3://", "file:///etc/hostname", "memory://a", "://", "x://y"))
    commands = (
        ["map", "suggest", name, *random.choice(([], ["--side", "image"], ["--side", "ecs"]))],
        ["convert", name, f"out.{random.choice(('csv', 'jsonl', 'parquet', 'arrow', 'xlsx', 'x'))}"],
        ["audit", name, "--on", "duckdb", "-o", "out", *_how(random, formats=("csv", "parquet"), all_rules=False)],
        ["audit", address, *_how(random, all_rules=False)],
        ["audit", name, "--map", f"{interesting_text(random)}={random.choice(FACTS)}", "--operation", "share"],
        ["audit", name, "--map-value", f"{random.choice(FACTS)}:{interesting_text(random)}=x", "--operation", "share"],
    )
    return Case("tables", {name: content}, [random.choice(commands)], cpu_seconds=20, mib=600)


def _options(random: Random) -> Case:
    """A command line with options of which some are no options' values."""
    verb = random.choice((["check"], ["rules", "list"], ["rules", "show"], ["rules", "test"], ["rules", "schema"], []))
    command = [*verb]
    for _ in range(random.randrange(1, 5)):
        name = random.choice(
            ("--set", "--assume", "--operation", "--select", "--ignore", "--from", "--az", "--flavor", "--image",
             "--ecs", "--format", "--fail-on", "--evaluator", "--pack", "--explain", "--all-rules", "-v", "--version",
             "--", "")
        )  # fmt: skip
        value = random.choice(
            (interesting_text(random), f"{random.choice(FACTS)}={interesting_text(random)}", random.choice(OPERATIONS),
             f"{random.choice(FACTS)}=@{random.choice(FACTS)}", "boot", "boot,arch", "json", "reference", "tabular")
        )  # fmt: skip
        command += [name] if random.random() < 0.15 else [name, value]
    return Case("options", {}, [command])


def _how(random: Random, formats: tuple[str, ...] = REPORTS, *, all_rules: bool = True) -> list[str]:
    """Options that most verbs have."""
    found = ["--operation", random.choice(OPERATIONS)] if random.random() < 0.95 else []
    if random.random() < 0.4:
        found += ["--set", _assignment(random)]
    if random.random() < 0.3:
        found += ["--assume", _assignment(random, "ecs.account=@image.owner")]
    if (name := random.choice(FORMATS)) is not None:
        found += ["--from", name]
    if random.random() < 0.5:
        found += ["--format", random.choice(formats)]
    if all_rules and random.random() < 0.3:
        found.append("--all-rules")
    return found


def _assignment(random: Random, *more: str) -> str:
    """A fact and its value, mostly right."""
    if random.random() < 0.15:
        return f"{random.choice(FACTS)}={interesting_text(random)}"
    return random.choice((*RIGHT, *more))
