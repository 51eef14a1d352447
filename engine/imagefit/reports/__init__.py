"""Reports: verdicts as text for a person and as JSON for a program. They show; they never evaluate."""
