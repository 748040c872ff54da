"""How Python, torch, NumPy, scikit-learn and their like word their errors."""

from __future__ import annotations

import re


def any_of(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns))


IMPORT = any_of(
    r"ModuleNotFoundError",
    r"ImportError",
    r"No module named '?[\w.]+",
    r"cannot import name '?(\w+)",
    r"error while loading shared libraries",
    r"undefined symbol: ",
)

COMMAND_NOT_FOUND = any_of(r"command not found", r": not found$", r"cannot execute", r"Exec format error")

BAD_ARGUMENT = any_of(
    r"error: unrecognized arguments?",
    r"error: (the following )?arguments? .*(required|invalid|expected|not allowed)",
    r"error: argument ",
    r"No such option",
    r"Missing (option|argument)",
    r"Invalid value for '",
    r"Got unexpected extra argument",
    r"unexpected keyword argument",
    r"InvalidParameterError",
    r"Invalid parameter '?\w+'? for estimator",
    r"ValueError: Invalid (learning rate|momentum value|weight_decay|beta parameter|epsilon)",
    r"dropout probability has to be",
    r"must be divisible by",
    r"is not (a multiple of|divisible by)",
    r"ConfigAttributeError|ConfigKeyError|OverrideParseException|MissingMandatoryValue",
    r"batch_size should be a positive integer",
    r"[Vv]alidation errors? for",
    r"[Uu]nrecogni[sz]ed (option|flag|argument)",
    r"[Uu]nknown (option|flag|command line flag)",
    r"(should|must|has to) be (a )?(strictly )?(non-?negative|positive|greater|less|larger|smaller|at least|at most)",
    r"(should|must|has to) be [<>]",
    r"expects? .{0,40}(be|being) (a )?(non-?negative|positive)",
    r"(should|must) be (one of|in( the)? (range|interval)|between|an? .{0,30} in the range)",
    r"(should|must) be a (str|float|int)\b.{0,40} (in|among)",
    r"greater than the number of (samples|members)",
    r"must lie in the",
    r"missing \d+ required (positional|keyword-only) argument",
    r"(is|was) not a valid (choice|option|value|solver|optimi[sz]er)",
    r"expected one of",
    r"num_samples should be a positive integer",
    r"Trying to create tensor with negative dimension",
    r"negative dimensions are not allowed",
    r"cannot be greater than the number of members",
    r"n_splits=\d+ cannot be greater",
    r"Expected n_neighbors <= n_samples",
    r"is greater than the maximum",
    r"Nesterov momentum requires|should be \w+/\w+, not|Expected (a )?(non-negative|positive) (integer|float|number)",
    r"Unknown (nonlinearity|activation|optimi[sz]er|solver|loss|scheduler|kernel|model|architecture)",
    r"[Ss]olver \w+ supports only|by setting n_splits|Invalid value for \w+=|[Ll]arger sample than population",
    r"[Ee]xpected one of .{0,400}device type",
)

MISSING_FILE = any_of(
    r"FileNotFoundError",
    r"No such file or directory",
    r"can't open file",
    r"NotADirectoryError",
    r"IsADirectoryError",
    r"(unable|failed|cannot|could not|couldn't) to? ?(open|find|read|load) (the )?(file|dataset|checkpoint)",
    r"(file|dataset|checkpoint) .{0,120}(does not exist|not found)",
    r"[Dd]irectory .{0,160}(does not exist|doesn't exist|not found)",
    r"[Pp]ath .{0,160}(does not exist|doesn't exist|not found)",
    r"Unable to (synchronously )?open (file|object)",
    r"not a valid model identifier",
    r"Dataset not found",
    r"Couldn't find (any class folder|a dataset)",
    r"Found no valid file",
    r"provided filename .{0,160}does not exist|unable to open database file",
    r"No such object",
)

DISK_FULL = any_of(
    r"No space left on device",
    r"[Dd]is[ck] quota exceeded",
    r"Errno (28|122)\b",
    r"ENOSPC",
    r"PytorchStreamWriter failed",
)

NETWORK = any_of(
    r"Max retries exceeded|NewConnectionError|ConnectionRefusedError|ConnectionResetError|ConnectTimeout|ReadTimeout",
    r"Name or service not known|[Tt]emporary failure in name resolution|Network is unreachable",
    r"Failed to establish a new",
    r"HTTPError|HTTP Error \d|urlopen error|SSLError|ProxyError|couldn't connect to|Connection timed out",
)

DEVICE = any_of(
    r"Expected all tensors to be on the same device",
    r"Torch not compiled with CUDA enabled",
    r"No CUDA GPUs are available",
    r"Found no NVIDIA driver",
    r"invalid device ordinal",
    r"no kernel image is available",
    r"Attempting to deserialize object on a CUDA device",
    r"Input type \(torch\.\w*cuda\.\w+\) and weight type \(torch\.FloatTensor\)",
    r"CUDA driver version is insufficient|CUDA error: (?!out of memory|device-side assert)|cuDNN error|NCCL error",
    r"not currently implemented for the MPS device",
    r"arguments are located on different GPUs",
)

NAN_DATA = any_of(
    r"contains? NaN",
    r"contains infinity",
    r"must not contain infs or NaNs",
    r"Cannot convert non-finite values",
    r"cannot convert float NaN to integer",
    r"(missing|NaN) values? (in|found in) (the )?(data|input|features|labels)",
    r"NaN or Inf found in input",
    r"cannot convert float infinity to integer",
    r"[Ii]nput .{0,30}(has|have|with) (NaN|missing values|nulls?)",
    r"y contains NaN|Input y contains",
)

OVERFLOW = r"overflow encountered in"  # NumPy's words
BLOWN_UP = any_of(  # the model's own numbers left the finite, whatever the data were
    r"found invalid values",
    r"returned nan values in its",
    r"probability tensor contains either",
    r"FloatingPointError",
    r"Solver produced non-finite parameter weights",
    r"[Ll]oss (is|became|was|went|turned)( now)? ?(to )?(nan|NaN|inf|non-?finite|not finite)",
    r"(nan|NaN|[Nn]on-?finite|inf) (loss|gradients?|objective)",
    OVERFLOW,
    r"gradient.{0,20} (is|are|contains?) (nan|NaN|inf|non-?finite)",
)

CUDA_MEMORY = any_of(
    r"(CUDA|HIP|MPS backend|XPU) (error: )?out of memory",
    r"torch(\.cuda)?\.OutOfMemoryError",
    r"CUBLAS_STATUS_ALLOC_FAILED",
    r"CUDNN_STATUS_(ALLOC|INTERNAL_ERROR_DEVICE_ALLOCATION)_FAILED",
    r"RESOURCE_EXHAUSTED",
)

HOST_MEMORY = any_of(
    r"^MemoryError",
    r"\bMemoryError\b",
    r"can't allocate memory",
    r"Unable to allocate [\d.]+ [KMGTP]iB",
    r"std::bad_alloc",
    r"Cannot allocate memory",
    r"Out of memory: Killed process",
    r"oom-kill",
    r"insufficient shared memory",
    r"DataLoader worker .{0,40}killed by signal: Killed",
    r"[Uu]nable to mmap|out of shared memory",
)
