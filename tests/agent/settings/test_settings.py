"""One schema of settings: what holds, where it comes from, and a file that survives being written to."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from agent.settings import defaults, effective, of_study, schema, values
from agent.settings.file import read_file, settings_file, write
from agent.settings.setting import PERSON, Origin
from agent.study.spec import StudySpec
from agent.study.study_schema import TABLES
from trainers.contract import Objective
from trainers.errors import TunewrightError
from trainers.ranges import FloatParameter
from trainers.space import SearchSpace

MAKER = Path(__file__).resolve().parents[3] / "docs" / "make_settings.py"
THEME, SEARCH = schema.find("look.theme"), schema.find("study.search")


def spec() -> StudySpec:
    space = SearchSpace([FloatParameter(name="lr", low=1e-5, high=1e-1, log=True)])
    return StudySpec(name="s", trainer="script", space=space, objective=Objective("loss"))


def loaded(tmp_path: Path, text: str = "", environment: dict[str, str] | None = None, **flags: object):  # type: ignore[no-untyped-def]
    path = tmp_path / "settings.toml"
    path.write_text(text)
    return effective.load(path, environment or {}, flags)


class TestSchema:
    def test_every_default_fits_its_own_setting(self) -> None:
        for setting in schema.SETTINGS:
            if setting.default is not None:
                assert values.from_toml(setting, values.to_toml(setting, setting.default)) == setting.default

    def test_names_flags_and_variables_mean_one_thing(self) -> None:
        for names in ([s.name for s in schema.SETTINGS], [s.environment for s in schema.SETTINGS]):
            assert len(set(names)) == len(names)
        flags = [s.flag for s in schema.SETTINGS if s.flag]
        assert len(set(flags)) == len(flags)

    def test_what_a_script_is_told_is_not_taken_for_a_setting(self) -> None:
        told = {"CONFIG", "REPORTS", "CHECKPOINT", "RESUME", "RUN_DIR", "SEED", "LESSONS", "EMBEDDER", "API_KEY"}
        assert not {s.environment for s in schema.SETTINGS} & {f"TUNEWRIGHT_{name}" for name in told}

    def test_a_study_has_what_its_file_may_hold(self) -> None:
        for table in ("agent", "engine", "study.budget"):
            in_file = {f"{table}.{name}" for name in TABLES[table] or {} if name != "kind"}
            assert in_file == {s.name for s in of_study.SETTINGS if s.table == table}

    @pytest.mark.parametrize("setting", of_study.SETTINGS, ids=lambda s: s.name)
    def test_each_of_a_study_is_read_back_as_it_was_put(self, setting) -> None:  # type: ignore[no-untyped-def]
        samples = {"integer": 3, "number": 0.5, "switch": True, "duration": 60.0, "size": 1024, "text": "x"}
        value = setting.key.choices[-1] if setting.key.choices else samples[setting.key.kind]
        assert of_study.get(of_study.put(spec(), setting.name, value), setting.name) == value
        assert of_study.get(spec(), setting.name) == setting.default

    def test_a_short_name_will_do_where_it_is_one_setting(self) -> None:
        assert schema.find("theme") is THEME
        with pytest.raises(TunewrightError, match=r"study\.budget\.trials or study\.policy\.trials"):
            schema.find("trials")
        with pytest.raises(TunewrightError, match="Did you mean 'theme'"):
            schema.find("teme")


class TestPrecedence:
    def test_flag_environment_file_default(self, tmp_path: Path) -> None:
        text, variable = '[look]\ntheme = "light"\n', {"TUNEWRIGHT_THEME": "ansi"}
        assert loaded(tmp_path, text, variable, **{"look.theme": "dark"}).told(THEME) == ("dark", Origin.FLAG)
        assert loaded(tmp_path, text, variable).told(THEME) == ("ansi", Origin.ENVIRONMENT)
        assert loaded(tmp_path, text).told(THEME) == ("light", Origin.FILE)
        assert loaded(tmp_path).told(THEME) == ("auto", Origin.DEFAULT)

    def test_a_study_comes_before_the_persons_file_and_after_the_environment(self, tmp_path: Path) -> None:
        mine = loaded(tmp_path, '[study]\nsearch = "gp"\n')
        assert mine.in_study(SEARCH, spec().replace(search="tpe")) == ("tpe", Origin.STUDY)
        assert mine.in_study(SEARCH, spec().replace(search="gp")) == ("gp", Origin.FILE)
        told = loaded(tmp_path, "", {"TUNEWRIGHT_SEARCH": "tpe"})
        assert told.in_study(SEARCH, spec().replace(search="tpe")) == ("tpe", Origin.ENVIRONMENT)

    def test_a_new_study_takes_defaults_only_for_what_its_file_leaves_open(self, tmp_path: Path) -> None:
        mine = loaded(tmp_path, '[study]\nsearch = "gp"\npolicy = "watch"\n[agent]\nmoney = 5\n[engine]\njobs = 2\n')
        given = defaults.stated('[study]\nname = "x"\njobs = 4\npolicy = { kind = "ask" }\n')
        made = defaults.filled(spec(), given, mine)
        assert (made.search, made.policy.kind, made.agent.money, made.engine.jobs) == ("gp", "ask", 5, None)

    def test_the_folder_of_the_file_is_that_of_xdg(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
        assert settings_file() == tmp_path / "tunewright" / "settings.toml"


class TestMistakes:
    @pytest.mark.parametrize(
        ("text", "said"),
        [
            (
                '[look]\nteme = "dark"\n',
                "settings.toml:2: look.teme: there is no setting 'look.teme'. Did you mean 'look.theme'?",
            ),
            (
                '# mine\n[look]\ntheme = "drak"\n',
                "settings.toml:3: look.theme: 'drak' is not known here. Did you mean 'dark'?",
            ),
            (
                "[look]\nframes = 60\n",
                "settings.toml:2: look.frames: 60 is out of range. It must be at least 0.2 and at most 4.",
            ),
            ("[notify]\nbell = 1\n", "settings.toml:2: notify.bell: 1 is not true or false"),
            ("[study]\nseed = 3\n", "settings.toml:2: study.seed: this belongs to one study"),
            ("[look\n", "settings.toml: it is not TOML"),
        ],
    )
    def test_each_is_told_with_file_line_and_nearest_and_the_rest_holds(
        self, tmp_path: Path, text: str, said: str
    ) -> None:
        mine = loaded(tmp_path, text + ("[log]\nlines = 900\n" if "[look\n" not in text else ""))
        (complaint,) = mine.complaints()
        assert said in complaint
        assert mine.value("look.theme") == "auto" and mine.value("look.frames") == 4
        assert mine.value("log.lines") == (900 if "[look\n" not in text else 20_000)

    def test_all_of_them_at_once(self, tmp_path: Path) -> None:
        assert len(loaded(tmp_path, '[look]\nteme = 1\ntheme = "x"\nframes = "fast"\n').complaints()) == 3

    def test_a_variable_that_fits_nothing_is_told_and_passed_over(self, tmp_path: Path) -> None:
        mine = loaded(tmp_path, environment={"TUNEWRIGHT_THEME": "drak"})
        assert mine.told(THEME) == ("auto", Origin.DEFAULT)
        assert mine.complaints() == ["TUNEWRIGHT_THEME: there is no theme 'drak'. Did you mean 'dark'?"]

    @pytest.mark.parametrize(
        "data", [b"\xff\xfe", b"x" * (2 << 20), b"\0", b"look = 3\n"], ids=["utf16", "huge", "nul", "odd"]
    )
    def test_no_file_is_so_bad_that_nothing_holds(self, tmp_path: Path, data: bytes) -> None:
        (tmp_path / "settings.toml").write_bytes(data)
        mine = effective.load(tmp_path / "settings.toml", {})
        assert mine.value("look.theme") == "auto"
        assert mine.complaints()

    def test_a_folder_in_its_place_is_told(self, tmp_path: Path) -> None:
        mine = effective.load(tmp_path, {})
        assert mine.value("look.theme") == "auto" and "cannot be read" in mine.complaints()[0]


class TestWriting:
    TEXT = '# my colours\n[look]  # how it looks\ntheme = "dark"   # at night\nmouse = false\n\n[odd]\nkept = 1\n'

    def test_comments_and_everything_else_stay(self, tmp_path: Path) -> None:
        mine = loaded(tmp_path, self.TEXT).put(THEME, "light")
        assert mine.value("look.theme") == "light"
        assert mine.written.path.read_text() == self.TEXT.replace('"dark"', '"light"')

    def test_a_new_file_says_what_it_is(self, tmp_path: Path) -> None:
        path = tmp_path / "deep" / "settings.toml"
        write(path, THEME, "ansi")
        assert path.read_text().startswith("# Tunewright's settings")
        assert read_file(path).values == {"look.theme": "ansi"}

    def test_taking_out_the_last_of_a_table_takes_the_table(self, tmp_path: Path) -> None:
        mine = loaded(tmp_path, '[look]\ntheme = "dark"\n').put(THEME, None, unset=True)
        assert mine.written.path.read_text().strip() == ""
        assert mine.told(THEME) == ("auto", Origin.DEFAULT)

    def test_a_file_that_is_not_toml_is_left_as_it_is(self, tmp_path: Path) -> None:
        mine = loaded(tmp_path, "[look\n")
        with pytest.raises(TunewrightError, match="Correct or remove it first"):
            mine.put(THEME, "light")
        assert mine.written.path.read_text() == "[look\n"

    def test_a_link_stays_a_link(self, tmp_path: Path) -> None:
        (tmp_path / "dotfiles").mkdir()
        real = tmp_path / "dotfiles" / "settings.toml"
        real.write_text("")
        link = tmp_path / "settings.toml"
        link.symlink_to(real)
        write(link, THEME, "light")
        assert link.is_symlink() and 'theme = "light"' in real.read_text()

    @pytest.mark.parametrize("setting", [s for s in schema.SETTINGS if PERSON in s.scopes], ids=lambda s: s.name)
    def test_what_is_typed_is_what_is_read_back(self, tmp_path: Path, setting) -> None:  # type: ignore[no-untyped-def]
        typed = {"integer": "600", "number": "0.5", "text": "word"}.get(setting.key.kind, "off")
        if setting.short == "proposals":
            typed = "4"
        typed = values.choices(setting)[-1] if values.choices(setting) else typed
        mine = loaded(tmp_path).put(setting, values.read(setting, typed))
        assert mine.complaints() == []
        value, origin = mine.told(setting)
        assert (values.shown(setting, value), origin) == (typed, Origin.FILE)


def test_the_page_of_settings_is_up_to_date() -> None:
    found = importlib.util.spec_from_file_location("make_settings", MAKER)
    assert found is not None and found.loader is not None
    made = importlib.util.module_from_spec(found)
    found.loader.exec_module(made)
    assert made.page() == made.PAGE.read_text(encoding="utf-8"), "python docs/make_settings.py writes it anew"


def test_every_setting_of_a_person_has_a_section_that_is_explained() -> None:
    from agent.settings.person import SECTIONS

    assert {s.table for s in schema.SETTINGS if PERSON in s.scopes} == set(SECTIONS)
