"""How Python, torch, NumPy, scikit-learn and their like word their errors."""

from __future__ import annotations

import re


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns))


IMPORT = _any(
    r"ModuleNotFoundError",
    r"ImportError",
    r"No module named '?[\w.]+",
    r"cannot import name '?(\w+)",
    r"error while loading shared libraries",
    r"undefined symbol: ",
)

COMMAND_NOT_FOUND = _any(r"command not found", r": not found$", r"cannot execute", r"Exec format error")

BAD_ARGUMENT = _any(
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
)

MISSING_FILE = _any(
    r"FileNotFoundError",
    r"No such file or directory",
    r"can't open file",
    r"NotADirectoryError",
    r"IsADirectoryError",
    r"(unable|failed|cannot|could not|couldn't) to? ?(open|find|read|load) (the )?(file|dataset|checkpoint)",
    r"(file|dataset|checkpoint) .{0,120}(does not exist|not found)",
)

DISK_FULL = _any(r"No space left on device", r"Disk quota exceeded", r"Errno 28\b", r"Errno 122\b")

DEVICE = _any(
    r"Expected all tensors to be on the same device",
    r"Torch not compiled with CUDA enabled",
    r"No CUDA GPUs are available",
    r"Found no NVIDIA driver",
    r"invalid device ordinal",
    r"no kernel image is available",
    r"Attempting to deserialize object on a CUDA device",
    r"Input type \(torch\.\w*cuda\.\w+\) and weight type \(torch\.FloatTensor\)",
)

NAN_DATA = _any(
    r"contains? NaN",
    r"contains infinity",
    r"must not contain infs or NaNs",
    r"Cannot convert non-finite values",
    r"cannot convert float NaN to integer",
    r"(missing|NaN) values? (in|found in) (the )?(data|input|features|labels)",
)

OVERFLOW = r"overflow encountered in"  # NumPy's words
BLOWN_UP = _any(  # the model's own numbers left the finite, whatever the data were
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

DTYPE = _any(
    r"expected scalar type",
    r"to have the same dtype",
    r"must have the same dtype",
    r"Found dtype \w+ but expected",
    r"Input type \(.*\) and (bias|weight) type \(.*\) should be the same",
    r"expected .{0,30}(Long|Int|Float|Double|Half|BFloat16|Byte|Bool).{0,40} but (got|found)",
    r"not implemented for '\w+'",
    r"can't be cast to the desired output type",
    r"tensors used as indices must be",
    r"could not convert string to float",
    r"can't convert np\.ndarray of type",
    r"did not contain a loop with signature matching",
    r"Cannot cast (ufunc|array)",
    r"(only|Only) Tensors of floating point",
    r"must be (a )?(real number|float|Tensor|tensor).{0,12}, not ",
    r"unsupported operand type\(s\)",
    r"can't multiply sequence by non-int",
    r"Unknown label type",
    r"Expected (tensor for|object of scalar type|floating point type|a floating)",
    r"(input|target|tensor) .{0,40}should be (of |a )?(floating|float|long|integer)",
    r"not supported between instances of",
    r"invalid literal for int\(\)",
    r"DType.{0,80}could not be promoted",
    r"has no attribute '(backward|dtype|to|float|size|dim)'",
)

SHAPE = _any(
    r"shapes? cannot be multiplied",
    r"size mismatch",
    r"must match the size of tensor",
    r"Expected input batch_size .* to match target batch_size",
    r"shape '.*' is invalid for input of size",
    r"Using a target size .* different to the input size",
    r"expected input.{0,60} to have \d+ channels",
    r"expects each tensor to be equal size",
    r"Sizes of tensors must match",
    r"Target -?\d+ is out of bounds",
    r"must be equal to input_size",
    r"Expected input.{0,20} to be \d",
    r"Dimension out of range",
    r"(e|E)xpected \d+D",
    r"[Ee]xpected .{0,40}dim",
    r"index out of range in self",
    r"is out of bounds for (dimension|axis)",
    r"(mat1|mat2|vec|batch1|batch2|self|tensor) .{0,40}(must be|dimensions|to be) .{0,20}(matrix|vector|\dD|broadcast)",
    r"could not be broadcast",
    r"shapes \(.*\) and \(.*\) not aligned",
    r"has a mismatch in its core dimension",
    r"cannot reshape array",
    r"(array|tensor) dimensions .*must match",
    r"inhomogeneous shape",
    r"setting an array element with a sequence",
    r"inconsistent numbers of samples",
    r"[Xx] has \d+ features?, but",
    r"Expected \dD array",
    r"(bad|wrong) (input )?shape",
    r"Incompatible shapes|[Ss]hapes .* are incompatible|incompatible shapes",
    r"dot_general requires contracting dimensions",
    r"Calculated padded input size per channel",
    r"expand\(.*\): the (number of sizes|expanded size)|The expanded size of the tensor",
    r"too many values to unpack",
    r"should contain \d+ elements",
    r"both arguments to (linear|matmul) need to be",
    r"running_mean should contain",
    r"Given normalized_shape",
    r"the number of (columns|features|classes) .{0,60}(match|differ|equal)",
    r"y_true and y_pred (have|contain) different",
    r"one of X and Y|same (length|number of)",
    r"stack\(|operands? .{0,40}shape",
)

CUDA_MEMORY = _any(
    r"(CUDA|HIP|MPS backend|XPU) (error: )?out of memory",
    r"torch(\.cuda)?\.OutOfMemoryError",
    r"CUBLAS_STATUS_ALLOC_FAILED",
    r"CUDNN_STATUS_(ALLOC|INTERNAL_ERROR_DEVICE_ALLOCATION)_FAILED",
    r"RESOURCE_EXHAUSTED",
)

HOST_MEMORY = _any(
    r"^MemoryError",
    r"\bMemoryError\b",
    r"can't allocate memory",
    r"Unable to allocate [\d.]+ [KMGTP]iB",
    r"std::bad_alloc",
    r"Cannot allocate memory",
    r"Out of memory: Killed process",
    r"oom-kill",
    r"insufficient shared memory",
)
