#!/usr/bin/env bash
# Trains the sequence model. Every setting can be given from outside:
#     LR=0.01 HIDDEN=64 ./run.sh
set -euo pipefail
cd "$(dirname "$0")"

export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}
LR=${LR:-3e-3}
HIDDEN="${HIDDEN:-32}"
: "${BATCH:=32}"
STEPS=${1:-300}
OUT=runs/$(date +%s)

python main.py \
    --lr "$LR" \
    --hidden-size "$HIDDEN" \
    --batch-size=${BATCH} \
    --steps "$STEPS" \
    --cell gru \
    --out "$OUT" "${@:2}"
