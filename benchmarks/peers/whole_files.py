"""A whole job as someone would do it by hand: five rules, a verdict and a text of reasons for each row of a file.

``python whole_files.py duckdb|polars IN [OUT]``: the endings of the names say the formats (.parquet, .csv, .jsonl);
without OUT the verdicts are counted. A program of its own, so that nothing is imported that the job does not need.
"""

from __future__ import annotations

import sys
from typing import Any

RULES = (
    "status.active",
    "locality.image-in-ecs-region",
    "arch.matches",
    "boot.uefi-on-heterogeneous",
    "sizing.system-disk",
)
"""The rules of imagefit's pack that these are: what is compared are the verdicts of these alone."""

SQL = (  # a violation, null where it is unknown, and the message
    ("\"image.status\" <> 'active'", "'the image is ' || \"image.status\" || '; it has to be active'"),
    (
        '"image.region" <> "ecs.region"',
        "'the image is in ' || \"image.region\" || ' and is needed in ' || \"ecs.region\"",
    ),
    (
        '"image.architecture" <> "ecs.architecture"',
        "'the image is built for ' || \"image.architecture\" || ' and the ECS is ' || \"ecs.architecture\"",
    ),
    (
        "\"image.boot_mode\" <> 'bios' AND \"ecs.accelerator\" IN ('gpu', 'npu', 'encoding_card')"
        " AND \"image.visibility\" IN ('private', 'shared')",
        "'the image boots in ' || \"image.boot_mode\" || ' mode, and an ECS with an accelerator (' "
        "|| \"ecs.accelerator\" || ') takes private images in BIOS mode only'",
    ),
    (
        '"ecs.system_disk" = \'explicit\' AND "ecs.system_disk_gib" < "image.min_disk_gib"',
        "'the system disk is ' || \"ecs.system_disk_gib\" || ' GiB, and the image needs at least '"
        " || \"image.min_disk_gib\" || ' GiB'",
    ),
)


def by_duckdb(source: str, target: str | None) -> None:
    import duckdb

    read = {
        "parquet": f"read_parquet('{source}')",
        "csv": f"read_csv('{source}', header=true, sample_size=20000)",
        "jsonl": f"read_json('{source}', format='newline_delimited', sample_size=20000)",
    }[_ending(source)]
    names = [f"v{number}" for number in range(len(SQL))]
    any_fails = " OR ".join(names)
    flags = ", ".join(f"({rule}) AS {name}" for name, (rule, _) in zip(names, SQL, strict=True))
    texts = ", ".join(
        f"CASE WHEN {name} THEN {text} WHEN {name} IS NULL THEN 'not decided: {rule}' END"
        for name, rule, (_, text) in zip(names, RULES, SQL, strict=True)
    )
    verdict = (
        f"CASE WHEN {any_fails} THEN 'incompatible' WHEN ({any_fails}) IS NULL THEN 'unknown' ELSE 'compatible' END"
    )
    connection = duckdb.connect()
    connection.execute("SET threads = 2; SET preserve_insertion_order = true")
    rows = f"(SELECT *, {flags} FROM {read})"
    if target is None:
        print(connection.execute(f"SELECT {verdict} AS verdict, count(*) FROM {rows} GROUP BY 1").fetchall())
        return
    form = {"parquet": "FORMAT parquet", "csv": "FORMAT csv, HEADER", "jsonl": "FORMAT json"}[_ending(target)]
    select = (
        f"SELECT * EXCLUDE ({', '.join(names)}), {verdict} AS verdict, concat_ws('; ', {texts}) AS reasons FROM {rows}"
    )
    connection.execute(f"COPY ({select}) TO '{target}' ({form})")


def by_polars(source: str, target: str | None) -> None:
    import polars as pl

    scan: Any = {"parquet": pl.scan_parquet, "csv": pl.scan_csv, "jsonl": pl.scan_ndjson}[_ending(source)]
    lazy = scan(source) if _ending(source) == "parquet" else scan(source, infer_schema_length=20_000)
    c = pl.col
    rules = (
        (c("image.status") != "active", pl.format("the image is {}; it has to be active", c("image.status"))),
        (
            c("image.region") != c("ecs.region"),
            pl.format("the image is in {} and is needed in {}", c("image.region"), c("ecs.region")),
        ),
        (
            c("image.architecture") != c("ecs.architecture"),
            pl.format("the image is built for {} and the ECS is {}", c("image.architecture"), c("ecs.architecture")),
        ),
        (
            (c("image.boot_mode") != "bios")
            & c("ecs.accelerator").is_in(["gpu", "npu", "encoding_card"])
            & c("image.visibility").is_in(["private", "shared"]),
            pl.format(
                "the image boots in {} mode, and an ECS with an accelerator ({}) "
                "takes private images in BIOS mode only",
                c("image.boot_mode"),
                c("ecs.accelerator"),
            ),
        ),
        (
            (c("ecs.system_disk") == "explicit") & (c("ecs.system_disk_gib") < c("image.min_disk_gib")),
            pl.format(
                "the system disk is {} GiB, and the image needs at least {} GiB",
                c("ecs.system_disk_gib"),
                c("image.min_disk_gib"),
            ),
        ),
    )
    names = [f"v{number}" for number in range(len(rules))]
    lazy = lazy.with_columns([rule.alias(name) for name, (rule, _) in zip(names, rules, strict=True)])
    any_fails = pl.any_horizontal(names)
    verdict = pl.when(any_fails).then(pl.lit("incompatible")).when(any_fails.is_null()).then(pl.lit("unknown"))
    lazy = lazy.with_columns(verdict=verdict.otherwise(pl.lit("compatible")))
    if target is None:
        print(lazy.group_by("verdict").len().collect(engine="streaming").rows())
        return
    texts = [
        pl.when(c(name)).then(text).when(c(name).is_null()).then(pl.lit(f"not decided: {rule}"))
        for name, rule, (_, text) in zip(names, RULES, rules, strict=True)
    ]
    lazy = lazy.with_columns(reasons=pl.concat_str(texts, separator="; ", ignore_nulls=True)).drop(names)
    if _ending(target) == "parquet":
        lazy.sink_parquet(target)
    elif _ending(target) == "csv":
        lists = [name for name, type_ in lazy.collect_schema().items() if isinstance(type_, pl.List)]
        lazy.with_columns([c(name).list.join(";") for name in lists]).sink_csv(target)
    else:
        lazy.sink_ndjson(target)


def _ending(path: str) -> str:
    return path.rpartition(".")[2]


if __name__ == "__main__":
    {"duckdb": by_duckdb, "polars": by_polars}[sys.argv[1]](sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else None)
