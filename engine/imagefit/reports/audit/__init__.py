"""An audit as a file or as text."""
