"""Apache Spark: `audit` and `match` on DataFrames, by Spark itself, wherever it runs.

Everything is said in methods of the DataFrame, so that it is the same on Spark, Spark Connect and what speaks its
protocol. Of an audit nothing is collected, and nothing runs before the caller asks for rows.
"""

from __future__ import annotations

from imagefit.spark.auditing import audit
from imagefit.spark.matching import match

__all__ = ["audit", "match"]
