"""Settings, in every way people write them."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimlens.settings import (
    ExpectedSettings,
    NetworkSettings,
    PolicySettings,
    Settings,
    from_mapping,
    from_toml,
    merge,
    pages,
    schema,
)

ROOT = Path(__file__).parents[2]


def read(mapping: Any, **more: Any) -> Settings:
    settings, problems = from_mapping(mapping, **more)

    assert problems == ()
    return settings


def problem(mapping: Any, **more: Any) -> tuple[str, str]:
    settings, problems = from_mapping(mapping, **more)

    assert settings == Settings()
    assert len(problems) == 1
    return problems[0].key, problems[0].message


class TestNames:
    @pytest.mark.parametrize(
        "mapping",
        [
            {"clockSkewSeconds": 5},
            {"clock-skew-seconds": 5},
            {"claimlens.clockSkewSeconds": 5},
            {"claimlens": {"clock-skew-seconds": 5}},
        ],
    )
    def test_camel_case_and_kebab_case_with_and_without_the_prefix(self, mapping: dict[str, Any]) -> None:
        assert read(mapping) == Settings(clock_skew_seconds=5)

    @pytest.mark.parametrize(
        "mapping",
        [
            {"expected": {"audiences": ["a"]}, "codeLens": {"enabled": False}},
            {"expected.audiences": ["a"], "code-lens.enabled": False},
            {"claimlens.expected": {"audiences": ["a"]}, "claimlens": {"code-lens": {"enabled": False}}},
        ],
    )
    def test_nested_and_dotted(self, mapping: dict[str, Any]) -> None:
        assert read(mapping) == Settings(expected=ExpectedSettings(audiences=("a",)), code_lens_enabled=False)

    def test_one_setting_leaves_its_neighbours_alone(self) -> None:
        settings = read({"expected.audiences": ["a"], "expected.roles": ["r"], "policies": {"namedValues": {"x": "y"}}})

        assert settings.expected == ExpectedSettings(audiences=("a",), roles=("r",))
        assert settings.policies == PolicySettings(named_values={"x": "y"})

    @pytest.mark.parametrize(
        ("key", "nearest"),
        [
            ("clockSkew", "'claimlens.clockSkewSeconds' (a whole number from 0 to 86400)"),
            ("clock_skew_seconds", "'claimlens.clockSkewSeconds' (a whole number from 0 to 86400)"),
            ("expected.audience", "'claimlens.expected.audiences' (a list of texts)"),
        ],
    )
    def test_an_unknown_name_is_said_with_the_nearest_and_what_it_may_be(self, key: str, nearest: str) -> None:
        assert problem({key: 1}) == (
            f"claimlens.{key}",
            f"'claimlens.{key}': There is no such setting. Did you mean {nearest}?",
        )

    @pytest.mark.parametrize(
        ("mapping", "message"),
        [
            (
                {"clock-skew": 1},
                "'clock-skew': There is no such setting. Did you mean 'clock-skew-seconds' (a whole number from",
            ),
            (
                {"tool": {"claimlens": {}}},
                "'tool': There is no such setting. The table [tool.claimlens] is for pyproject",
            ),
            ({"rules": {"jwt-expired": "loud"}}, "'rules.jwt-expired': This entry is ignored: 'rules' is an object"),
        ],
    )
    def test_in_a_toml_file_names_are_as_they_are_written_there(self, mapping: dict[str, Any], message: str) -> None:
        assert from_mapping(mapping, source="claimlens.toml")[1][0].message.startswith(message)

    def test_a_name_that_is_like_no_other(self) -> None:
        assert problem({"zzz": {"y": 1}}) == ("claimlens.zzz", "'claimlens.zzz': There is no such setting.")

    def test_names_are_inert_and_short_in_messages(self) -> None:
        key, message = problem({"\u202ex" * 500: 1})

        assert key.isprintable()
        assert len(message) < 2000

    def test_the_source_is_told(self) -> None:
        assert from_mapping({"x": 1}, source="claimlens.toml")[1][0].source == "claimlens.toml"


class TestValues:
    @pytest.mark.parametrize(
        ("key", "value", "message"),
        [
            (
                "clockSkewSeconds",
                "5",
                "must be a whole number from 0 to 86400; it is a text. The default (300) is used.",
            ),
            (
                "clockSkewSeconds",
                -1,
                "must be a whole number from 0 to 86400; it is -1. The default (300) is used.",
            ),
            (
                "clockSkewSeconds",
                True,
                "must be a whole number from 0 to 86400; it is a boolean. The default (300) is used.",
            ),
            (
                "clockSkewSeconds",
                1.5,
                "must be a whole number from 0 to 86400; it is 1.5. The default (300) is used.",
            ),
            ("codeLens.enabled", "no", "must be true or false; it is a text. The default (true) is used."),
            ("expected.roles", "a", "must be a list of texts; it is a text. The default (nothing) is used."),
            ("expected.roles", ["a", 1], "must be a list of texts; it is a list. The default (nothing) is used."),
            ("rules", ["a"], "it is a list. The default (nothing) is used."),
            ("ignore", 5, "must be a list of globs, or an object from glob to a list of rule codes; it is 5."),
            ("policies.gateway", "v3", "must be one of classic, v2, consumption, self-hosted, workspace, or null;"),
            ("policies.gateway", [], "it is a list."),
        ],
    )
    def test_a_wrong_type_names_the_key_and_what_is_expected(self, key: str, value: Any, message: str) -> None:
        named, said = problem({key: value})

        assert named == f"claimlens.{key}"
        assert said.startswith(f"'claimlens.{key}': ")
        assert message in said

    def test_a_wrong_entry_costs_itself_alone(self) -> None:
        settings, problems = from_mapping({"rules": {"jwt-expired": "off", "jwt-*": "loud", "x": 3}})

        assert settings.rules == {"jwt-expired": "off"}
        assert [each.key for each in problems] == ["claimlens.rules.jwt-*", "claimlens.rules.x"]

    def test_globs_alone_leave_out_everything(self) -> None:
        assert read({"ignore": ["*.log", "tests/"]}).ignore == {"*.log": ("*",), "tests/": ("*",)}

    def test_globs_with_codes(self) -> None:
        assert read({"ignore": {"*.log": ["jwt-expired"]}}).ignore == {"*.log": ("jwt-expired",)}

    def test_a_whole_number_may_come_as_a_float(self) -> None:
        assert read({"clockSkewSeconds": 5.0}).clock_skew_seconds == 5

    def test_null_and_nothing_are_the_absence_of_a_text(self) -> None:
        assert read({"policies.gateway": None, "network.proxy": ""}, trusted_user_level=True) == Settings()

    @pytest.mark.parametrize("mapping", [None, {}])
    def test_nothing_set_is_the_default(self, mapping: Any) -> None:
        assert read(mapping) == Settings()

    @pytest.mark.parametrize("mapping", [[], "x", 5])
    def test_settings_that_are_no_object(self, mapping: Any) -> None:
        assert problem(mapping)[0] == "claimlens"

    def test_no_value_is_repeated_in_a_problem(self) -> None:
        _, problems = from_mapping({"policies.namedValues": {"secret": ["hunter2"]}, "rules": "hunter2"})

        assert len(problems) == 2
        assert "hunter2" not in repr(problems)

    @given(
        st.dictionaries(
            st.sampled_from([*schema.known_settings(), "x", "expected", "claimlens"]) | st.text(max_size=5),
            st.recursive(
                st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
                lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
                max_leaves=5,
            ),
            max_size=5,
        )
    )
    def test_nothing_makes_it_fail(self, mapping: dict[str, Any]) -> None:
        settings, problems = from_mapping(mapping)

        assert settings.network == NetworkSettings()
        assert all(each.message for each in problems)

    def test_a_mapping_nested_without_end_does_no_harm(self) -> None:
        mapping: dict[str, Any] = {}
        for _ in range(5000):
            mapping = {"claimlens": mapping}

        assert from_mapping(mapping)[0] == Settings()
        assert from_mapping({"expected": mapping})[0] == Settings()

    def test_there_are_never_more_than_fifty_problems(self) -> None:
        assert len(from_mapping({f"x{number}": 1 for number in range(500)})[1]) == 50


class TestTrust:
    MAPPING = {"network": {"allowedHosts": ["localhost:8080"], "offline": True}}  # noqa: RUF012

    def test_a_folder_cannot_set_what_may_be_reached(self) -> None:
        settings, problems = from_mapping(self.MAPPING)

        assert settings == Settings()
        assert [each.key for each in problems] == ["claimlens.network.allowedHosts", "claimlens.network.offline"]
        assert "user settings only" in problems[0].message

    def test_the_user_can(self) -> None:
        settings = read(self.MAPPING, trusted_user_level=True)

        assert settings.network == NetworkSettings(allowed_hosts=("localhost:8080",), offline=True)

    def test_what_only_the_extension_reads_is_known_and_for_the_user(self) -> None:
        assert read({"server.interpreter": "python3"}, trusted_user_level=True) == Settings()
        assert problem({"server.path": "/evil"})[0] == "claimlens.server.path"

    def test_no_file_can_say_that_it_is_trusted(self) -> None:
        settings, problems = from_toml('[network]\nallowed-hosts = ["x"]', source="claimlens.toml")

        assert settings == Settings()
        assert len(problems) == 1


class TestToml:
    def test_a_file_of_its_own(self) -> None:
        text = 'clock-skew-seconds = 0\nignore = ["*.log"]\n[rules]\njwt-expired = "error"\n[expected]\nroles = ["r"]\n'
        settings, problems = from_toml(text, source="a/claimlens.toml")

        assert problems == ()
        assert settings == Settings(
            clock_skew_seconds=0,
            ignore={"*.log": ("*",)},
            rules={"jwt-expired": "error"},
            expected=ExpectedSettings(roles=("r",)),
        )

    def test_a_table_of_a_project(self) -> None:
        text = "[tool.claimlens]\nexpiry-hint-minutes = 1\n[tool.ruff]\nline-length = 3"

        assert from_toml(text, source="C:\\w\\pyproject.toml") == (Settings(expiry_hint_minutes=1), ())

    @pytest.mark.parametrize("text", ["", "[tool.ruff]", "tool = 3", "[project]\nname = 'x'"])
    def test_a_project_without_the_table_has_no_settings(self, text: str) -> None:
        assert from_toml(text, source="pyproject.toml") == (None, ())

    @pytest.mark.parametrize(
        "text",
        ["secret = hunter2", "[", "a = " + "[" * 100_000, "a = 1" + "0" * 5000, "a = 'x", "\x00", "a = 1\na = 2"],
    )
    def test_no_toml_is_one_problem_that_repeats_nothing_of_it(self, text: str) -> None:
        settings, problems = from_toml(text, source="claimlens.toml")

        assert settings in (None, Settings())
        assert len(problems) == 1
        assert "hunter2" not in problems[0].message

    def test_the_place_of_a_mistake_is_told(self) -> None:
        assert "(line 2, column 5)" in from_toml("a = 1\nb = x", source="claimlens.toml")[1][0].message


class TestMerge:
    def test_what_is_set_on_top_wins_and_the_rest_stays(self) -> None:
        file = Settings(clock_skew_seconds=1, expiry_hint_minutes=2, expected=ExpectedSettings(("a",), roles=("r",)))
        editor = Settings(expiry_hint_minutes=3, expected=ExpectedSettings(("b",)))

        assert merge(file, editor) == Settings(
            clock_skew_seconds=1, expiry_hint_minutes=3, expected=ExpectedSettings(("b",), roles=("r",))
        )

    def test_tables_are_joined(self) -> None:
        merged = merge(Settings(rules={"a": "off", "b": "off"}), Settings(rules={"b": "error"}))

        assert merged.rules == {"a": "off", "b": "error"}

    def test_nothing_on_top_changes_nothing(self) -> None:
        settings = Settings(rules={"a": "off"}, network=NetworkSettings(offline=True), code_lens_enabled=False)

        assert merge(settings, Settings()) == merge(Settings(), settings) == settings


class TestSchema:
    def test_every_field_has_a_setting_and_every_setting_a_field(self) -> None:
        def fields(value: Any, path: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
            if not attrs.has(type(value)):
                return {path}
            return {
                inner
                for field in attrs.fields(type(value))
                for inner in fields(getattr(value, field.name), (*path, field.name))
            }

        assert fields(Settings()) == {setting.field for setting in schema.describe() if setting.field}

    def test_every_default_is_a_value_that_is_accepted(self) -> None:
        for setting in schema.describe():
            assert setting.type.read(setting.default) is not schema.Wrong.VALUE

    def test_descriptions_are_sentences(self) -> None:
        assert all(setting.description[0].isupper() for setting in schema.describe())
        assert all(setting.description.endswith(".") for setting in schema.describe())

    def test_the_manifest_of_the_extension_has_the_same_settings_types_defaults_and_scopes(self) -> None:
        manifest = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
        groups = manifest["contributes"]["configuration"]
        written = {key: value for group in groups for key, value in group["properties"].items()}

        ours = {setting.key: setting for setting in schema.describe()}
        assert set(ours) <= set(written)
        for key, setting in ours.items():
            types = written[key]["type"]
            assert setting.type.name in ([types] if isinstance(types, str) else types), key
            assert setting.type.read(written[key]["default"]) == setting.default, key
            assert (written[key]["scope"] == "machine") == (setting.scope == "user"), key

    def test_the_severities_are_those_of_findings(self) -> None:
        from claimlens.rules.model import Severity

        assert set(schema.SEVERITIES) == set(Severity)

    def test_the_names_are_camel_case(self) -> None:
        assert all(re.fullmatch(r"[a-z][A-Za-z]*(\.[a-z][A-Za-z]*)?", setting.name) for setting in schema.describe())


def test_the_reference_is_that_of_the_schema() -> None:
    """``UPDATE_PAGES=1`` writes it anew."""
    path = ROOT / "docs" / "settings.md"
    if os.environ.get("UPDATE_PAGES"):
        path.write_text(pages.page(), encoding="utf-8")

    assert path.read_text(encoding="utf-8") == pages.page()


def test_the_names_and_the_example_in_the_reference_are_accepted() -> None:
    example = pages.page().partition("```toml\n")[2].partition("```")[0]
    names = re.findall(r"\| `[^`]+` \| `([^`]+)` \|", pages.page())

    assert from_toml(example, source="claimlens.toml")[1] == ()
    assert len(names) == sum(setting.scope == "folder" for setting in schema.describe())
    for name in names:
        assert "There is no such setting" not in repr(from_mapping({name: object()})[1])
