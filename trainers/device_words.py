"""How drivers and libraries say that a GPU is gone: fallen off the bus, broken, taken away, or never there."""

from __future__ import annotations

import re

LOST = re.compile(
    r"no (?:CUDA|ROCm|HIP)-capable device|No (?:CUDA|HIP) GPUs are available|uncorrectable ECC error"
    r"|fallen off the bus|(?:GPU|device) (?:is|was) lost|Xid \(|CUDA-capable device\(s\) is/are busy or unavailable"
    r"|CUDA_ERROR_(?:NO_DEVICE|ECC_UNCORRECTABLE|DEVICE_UNAVAILABLE)|hipErrorNoDevice"
    r"|cudaError(?:NoDevice|ECCUncorrectable|DevicesUnavailable)",
    re.IGNORECASE,
)
