"""Computing an audit: a source of rows, judged and counted batch by batch."""
