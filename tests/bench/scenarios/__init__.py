"""One module for each subject. Importing them registers their scenarios, in the order of the table."""
from scenarios import pipes  # noqa: F401
