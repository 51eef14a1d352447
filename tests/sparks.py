"""One Spark session for all tests: on this machine alone, two cores, little memory."""

from __future__ import annotations

import os
import sys
from functools import cache
from typing import Any


def environment() -> dict[str, str]:
    """Return what processes of Spark have around them: all on loopback, with this Python.

    Each of them lives for a minute, in which the JVM's better compiler costs more than it saves.
    """
    quick = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
    return {"SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": sys.executable, "JAVA_TOOL_OPTIONS": quick}


@cache
def local_session() -> Any:
    from pyspark.sql import SparkSession

    from imagefit.spark.running import SPLIT_ABOVE

    os.environ.update(environment())
    options = {
        "spark.driver.memory": "1500m",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.codegen.hugeMethodLimit": str(SPLIT_ABOVE),
    }
    builder: Any = SparkSession.builder.master("local[2]").appName("imagefit tests")
    for name, value in options.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()
