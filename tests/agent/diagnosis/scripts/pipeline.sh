#!/bin/sh
# A shell wrapper, as people have them: sets things up, then trains.
set -e
echo "preparing in $(basename "$PWD")"
case "$1" in
  tool) prepare_dataset --all ;;
  module) exec python -m trainning.main --lr "$2" ;;
  quota) echo "cp: error writing 'cache/x.bin': No space left on device" >&2; exit 1 ;;
  oom) python -c "import os, signal; os.kill(os.getpid(), signal.SIGKILL)" ;;
  exit) echo "score below the gate, giving up" >&2; exit 3 ;;
esac
python -c "
import random, sys
random.seed(1)
best = 0.0
for n in range(40):
    best += ($2 ** 0.5) * (1 - best) * 0.2 * random.random()
    print(f'generation {n} fitness={best + 0.02 * random.random():.4f}')
"
