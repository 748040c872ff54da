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


def needs_launcher(options: Iterable[Option]) -> bool:
    """Whether some of these can only be set through the launcher."""
    return any(option.origin.style is Style.CONSTANTS and not option.words for option in options)


def command_of(reading: Reading, tuned: Iterable[Option]) -> tuple[str, ...]:
    """The command that runs the script with placeholders for what is tuned, and its own defaults for the rest."""
    tuned = tuple(tuned)
    command = reading.command
    if needs_launcher(tuned):
        at = next((i for i, word in enumerate(command) if word.endswith(".py")), len(command))
        command = (*command[:at], LAUNCHER, *command[at:])
    variables = [f"{o.variable or o.name}={{{o.name}}}" for o in tuned if o.origin.style is Style.ENVIRONMENT]
    if variables:
        command = ("env", *variables, *command)
    return (*command, *(word for option in tuned for word in words_of(option)))
