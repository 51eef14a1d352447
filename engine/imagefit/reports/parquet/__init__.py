"""Tables as Parquet: written by Arrow, beside columns of the caller that are copied as they lie."""
