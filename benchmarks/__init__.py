"""Each figure the README quotes, beside its peer, in one run: `python -m benchmarks [NAME …]`."""

import os
import tempfile

# Studies that end here teach nobody: the lessons of whoever runs them are theirs.
_FOLDER = tempfile.TemporaryDirectory(prefix="tunewright-benchmarks-")
os.environ.setdefault("TUNEWRIGHT_LESSONS", os.path.join(_FOLDER.name, "lessons.sqlite"))
