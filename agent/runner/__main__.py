"""`python -m agent.runner STORE`."""

import sys
from pathlib import Path

from agent.runner.process import main

sys.exit(main(Path(sys.argv[1]).absolute()))
