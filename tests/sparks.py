"""One Spark session for all tests: on this machine alone, two cores, little memory."""

from __future__ import annotations

import os
import sys
from functools import cache
from typing import Any


@cache
def local_session() -> Any:
    from pyspark.sql import SparkSession

    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    os.environ["PYSPARK_PYTHON"] = sys.executable
    options = {
        "spark.driver.memory": "1500m",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.shuffle.partitions": "2",
    }
    builder: Any = SparkSession.builder.master("local[2]").appName("imagefit tests")
    for name, value in options.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()
