"""A study's command from a script as it was read: the options that are tuned get their placeholders.

Options on the command line become words (`--lr {lr}`), those of the environment go through `env LR={lr}`, and
those that stand in the script itself through the launcher, which the guide writes beside the study file.
"""

from __future__ import annotations

from collections.abc import Iterable

from agent.guide.nouns import Option, Reading, Style

LAUNCHER = "tunewright_launch.py"


def words_of(option: Option) -> tuple[str, ...]:
    """The option's words with its name in the placeholder: `--lr {lr}`, `{amp?--amp:--no-amp}`."""
    if option.words and not any("{}" in word for word in option.words):
        flag = f"{option.words[0]}:{option.off}" if option.off else option.words[0]
        return (f"{{{option.name}?{flag}}}",)
    return tuple(word.replace("{}", f"{{{option.name}}}") for word in option.words)


def in_script(options: Iterable[Option]) -> tuple[str, ...]:
    """The names of those that stand in the script itself: they need the launcher (`agent.guide.launcher`)."""
    return tuple(o.name for o in options if o.origin.style is Style.CONSTANTS and not o.words)


def command_of(reading: Reading, tuned: Iterable[Option]) -> tuple[str, ...]:
    """The command that runs the script with placeholders for what is tuned, and its own defaults for the rest."""
    tuned = tuple(tuned)
    command = list(reading.command)
    for option in tuned:
        if option.place is not None:
            command[option.place] = f"{{{option.name}}}"
    script = next((i for i, word in enumerate(command) if word.endswith((".py", ".sh"))), len(command) - 1)
    early = [word for option in tuned if option.early for word in words_of(option)]
    command[script + 1 : script + 1] = early
    if constants := in_script(tuned):
        command[script:script] = [LAUNCHER, "--set", ",".join(constants)]
    variables = [f"{option.variable}={{{option.name}}}" for option in tuned if option.variable]
    before = ["env", *variables] if variables else []
    late = [word for option in tuned if not option.early and option.place is None for word in words_of(option)]
    return (*before, *command, *late)
