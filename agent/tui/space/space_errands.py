"""What the space editor has done where the store is: reading, weighing, saving, writing the study file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.store import actions, proposals, settings, trials
from agent.study.memory_bound import MemoryBound
from agent.study.nouns import Action, ActionKind, Proposal, Trial
from agent.study.space_draft import Fault, SpaceDraft
from agent.study.space_edit import differences
from agent.study.spec import StudySpec
from agent.tui.back.orders import scope
from trainers.errors import TunewrightError

if TYPE_CHECKING:
    from agent.search.reshaping import Reshaped
    from agent.search.space_effects import Effect
    from agent.study.space_toml import StudyFile
    from agent.tui.errands import Room

KEPT = "space"  # under which an unsaved draft is remembered


@dataclass(frozen=True)
class SpaceRead:
    """`suggestion` is what the trials say, `asked` what the agent asks for; `draft` was left unsaved."""

    spec: StudySpec
    suggestion: Reshaped
    asked: Action | None
    file: StudyFile | None
    draft: SpaceDraft | None
    bounds: tuple[MemoryBound, ...] = ()
    hints: tuple[tuple[str, str], ...] = ()  # what the person said or edited in, and how much it counts


@dataclass(frozen=True)
class Weighed:
    """What is wrong with a draft, or else what it would mean."""

    draft: SpaceDraft
    faults: tuple[Fault, ...]
    effects: tuple[Effect, ...] = ()


@dataclass(frozen=True)
class Saved:
    spec: StudySpec
    changes: tuple[str, ...]
    effects: tuple[Effect, ...]
    expired: tuple[int, ...]
    file: StudyFile | None


def read(room: Room) -> SpaceRead:
    from agent.hinting import told
    from agent.search.from_store import history
    from agent.search.reshaping import reshaped
    from agent.study.space_toml import study_file

    store, study = room.store, room.open.study
    waiting = proposals.pending(store, study.id)
    past = history(store, study, trials.all_trials(store, study.id), waiting, proposals.next_number(store, study.id))
    asked = [a for a in actions.pending(store, study.id) if a.kind is ActionKind.EDIT_SPACE]
    kept = settings.take(store, scope(study.name), KEPT)
    return SpaceRead(
        study.spec,
        reshaped(past),
        asked[0] if asked else None,
        study_file(study.spec, study.folder),
        SpaceDraft.from_dict(kept) if kept else None,
        past.bounds,
        tuple(told(past)),
    )


def weigh(
    spec: StudySpec, draft: SpaceDraft, tried: Sequence[Trial], pending: Sequence[Proposal], best: Trial | None
) -> Callable[[Room], Weighed]:
    def do(_: Room) -> Weighed:
        from agent.search.space_effects import effects
        from agent.study.space_fit import misfits

        faults = draft.faults()
        if faults or (faults := misfits(spec, draft.space())):
            return Weighed(draft, tuple(faults))
        return Weighed(draft, (), tuple(effects(spec, draft.space(), tried, pending, best)))

    return do


def save(base: SpaceDraft, draft: SpaceDraft) -> Callable[[Room], Saved]:
    """Gives the study the space, unless it has another by now than the one that was edited."""

    def do(room: Room) -> Saved:
        from agent.study.space_toml import study_file

        before = room.open.spec.space
        if SpaceDraft.of(before).to_dict() != base.to_dict():
            apart = "; ".join(differences(base.space(), before))
            raise TunewrightError(f"the space was changed meanwhile ({apart})", remedy="Save again to replace it.")
        return _change(room, draft, study_file)

    return do


def change(words: Sequence[str]) -> Callable[[Room], Saved]:
    """Does what `/space lr.high=.01` says, at once."""

    def do(room: Room) -> Saved:
        from agent.plain.space import meant
        from agent.study.space_toml import study_file

        return _change(room, SpaceDraft.of(meant(room.open.study, words)), study_file)

    return do


def _change(room: Room, draft: SpaceDraft, file_of: Callable[..., StudyFile | None]) -> Saved:
    from agent.plain.space import weighed
    from agent.study.space_fit import misfits

    session, space = room.open, draft.space()
    if faults := misfits(session.spec, space):
        raise TunewrightError(faults[0].text, where=f"space.{faults[0].name}")
    meaning = weighed(room.store, session.study, space)
    expired = session.edit_space(space)
    study = session.study
    settings.put(room.store, scope(study.name), KEPT, None)
    numbers = tuple(p.number for p in expired)
    return Saved(session.spec, meaning.changes, meaning.effects, numbers, file_of(study.spec, study.folder))


def drop_bound(number: int) -> Callable[[Room], SpaceRead]:
    """Lets go of the bound learnt from a trial that ran out of memory; what there is then."""

    def do(room: Room) -> SpaceRead:
        from agent.settling import drop_bound

        room.open.study = drop_bound(room.store, room.open.study, number)
        return read(room)

    return do


def hint(said: str) -> Callable[[Room], SpaceRead]:
    """Has the searches know where the person expects good values; what there is then."""

    def do(room: Room) -> SpaceRead:
        from agent.hinting import hint

        room.open.study = hint(room.store, room.open.study, said)
        return read(room)

    return do


def write(room: Room) -> StudyFile:
    """Writes the study's space into its file. Raises TunewrightError where there is none, or nothing to write."""
    from agent.study.space_toml import FILE, study_file, write_space

    study = room.open.study
    file = study_file(study.spec, study.folder)
    if file is None:
        remedy = "Only a script's study that was made from one has it."
        raise TunewrightError(f"there is no {FILE} of this study in it", where=str(study.folder), remedy=remedy)
    if not file.changes:
        raise TunewrightError("it says so already", where=str(file.path))
    write_space(study.spec, file)
    return file
