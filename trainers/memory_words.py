"""How the libraries a trial trains with say that memory ran out, on a device or on the host, and the sizes they tell.

Told by what is printed, since that is all a script in another interpreter leaves. torch 2.13's own: `CUDA out of
memory. Tried to allocate …` (HIP and XPU likewise), `CUDA error: out of memory` from the driver, the libraries' status
codes, `MPS backend out of memory`, `Invalid buffer size` from Metal, `DefaultCPUAllocator: can't allocate memory`.
"""

from __future__ import annotations

import re

_AMOUNT = r"(\d[\d,]*(?:\.\d+)?)\s*([KMGTPE]?i?B|bytes?)?"

DEVICE = re.compile(
    r"(?:CUDA|HIP|XPU|MTIA) (?:error: )?out of memory|MPS (?:backend )?out of memory|Invalid buffer size: [\d.]+ ?\w+"
    r"|CallbackErrorOutOfMemory"  # Metal's command buffers
    r"|Triton Error \[\w+\]: out of memory|Cuda failure (?:\d+ )?'out of memory'"  # the second is NCCL's
    r"|(?:CU|HIP)(?:BLAS|DNN|SPARSE|SOLVER)_STATUS_ALLOC_FAILED|CUFFT_ALLOC_FAILED|rocblas_status_memory_error"
    r"|CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED"
    r"|CUDA_ERROR_OUT_OF_MEMORY|cudaErrorMemoryAllocation|hipErrorOutOfMemory|UR_RESULT_ERROR_OUT_OF_DEVICE_MEMORY"
    r"|RESOURCE_EXHAUSTED|OOM when allocating tensor|Out of memory allocating [\d,]+ bytes \(allocated so far",  # CuPy
    re.IGNORECASE,
)
HOST = re.compile(
    r"\bMemoryError\b|Cannot allocate memory|DefaultCPUAllocator: (?:can't|not enough) |std::bad_alloc"
    r"|CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED|UR_RESULT_ERROR_OUT_OF_HOST_MEMORY"
    r"|Unable to allocate [\d.]+ ?\w+ for an array|out of shared memory|JavaScript heap out of memory"
    r"|(?:libgomp|malloc): out of memory|Memory allocation still failed after \d+ retries"  # GNU OpenMP, OpenBLAS
    r"|Detected \d+ oom[-_]kill event|OOM Killed|\b(?:malloc|realloc) of size \d+ failed",  # Slurm's, Arrow's
    re.IGNORECASE,
)

# What was asked for, what was free, what there is in all, and what the trial held already.
DEVICE_SIZES = {
    "asked_bytes": rf"(?:Tried to allocate|trying to allocate|Invalid buffer size:|memory allocating)\s+{_AMOUNT}",
    "free_bytes": rf"(?:of which|allocated;)\s+{_AMOUNT}(?:\s+is)?\s+free",
    "total_bytes": rf"(?:total capacity of|GPU \d+;|max allowed:)\s+{_AMOUNT}",
    "used_bytes": rf"(?:Of the allocated memory|total capacity;|MPS allocated:|allocated so far:)\s+{_AMOUNT}",
}
HOST_SIZES = {
    "asked_bytes": rf"(?:(?:Unable|tried) to allocate|unable to mmap|alloc of size|memory allocating)\s+{_AMOUNT}",
}
