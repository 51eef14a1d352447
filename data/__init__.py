"""Reference catalogs and sample input: data, read by `imagefit.readers`."""
