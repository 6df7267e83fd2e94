"""Findings that somebody decided not to hear of."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimlens.rules import suppression
from claimlens.rules.engine import check
from claimlens.rules.registry import unknown_codes
from claimlens.rules.suppression import directives, relative_path
from claimlens.settings import Settings
from claimlens.text.snapshot import Snapshot
from tests.support.checking import NOW, check_text
from tests.support.tokens import make_token

EXPIRED = make_token({"alg": "RS256"}, {"scope": "a", "iat": 1768467600, "exp": 1768471200})
EVIL = make_token({"alg": "none"}, {"scope": "a", "iat": 1768467600, "exp": 1768471200})


def codes(text: str, **settings: object) -> list[str]:
    return [finding.code for finding in check_text(text, **settings).findings]


class TestComments:
    @pytest.mark.parametrize(
        "comment",
        [
            "# {}",
            "// {}",
            "/* {} */",
            "<!-- {} -->",
            "-- {}",
            "; {}",
            "REM {}",
            "' {}",
            "{{# {} #}}",
            "(* {} *)",
            "% {}",
        ],
    )
    def test_any_syntax_of_comments_will_do(self, comment: str) -> None:
        assert codes(f"{comment.format('claimlens: ignore[jwt-expired]')}\n{EXPIRED}") == []

    @pytest.mark.parametrize("written", ["claimlens: ignore", "claimlens:ignore", "claimlens:  ignore [jwt-expired]"])
    def test_blanks_do_not_matter(self, written: str) -> None:
        assert codes(f"{EXPIRED} # {written}") == []

    @pytest.mark.parametrize(
        "written", ["my-claimlens-ignore", "xclaimlens: ignore", "claimlens ignore", "Claimlens: ignore"]
    )
    def test_what_only_looks_like_it_does_nothing(self, written: str) -> None:
        assert codes(f"{EXPIRED} # {written}") == ["jwt-expired"]

    def test_the_line_of_the_comment_comes_first(self) -> None:
        assert codes(f"{EXPIRED} # claimlens: ignore\n{EXPIRED}") == ["jwt-expired"]

    def test_else_the_next_line_is_meant_and_none_behind_it(self) -> None:
        assert codes(f"# claimlens: ignore\n{EXPIRED}\n{EXPIRED}") == ["jwt-expired"]
        assert codes(f"# claimlens: ignore\n\n{EXPIRED}") == ["jwt-expired"]
        assert codes(f"{EXPIRED}\n# claimlens: ignore\n") == ["jwt-expired"]

    @pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
    def test_lines_end_as_everywhere(self, line_end: str) -> None:
        assert codes(f"# claimlens: ignore{line_end}{EXPIRED}{line_end}{EXPIRED}") == ["jwt-expired"]

    def test_a_line_separator_of_unicode_ends_no_line(self) -> None:
        assert codes(f"# claimlens: ignore\u2028 {EXPIRED}") == []

    def test_only_the_codes_listed_are_silenced(self) -> None:
        assert codes(EVIL) == ["jwt-alg-none", "jwt-expired"]
        assert codes(f"# claimlens: ignore[jwt-expired]\n{EVIL}") == ["jwt-alg-none"]
        assert codes(f"# claimlens: ignore[jwt-expired, jwt-alg-none]\n{EVIL}") == []
        assert codes(f"# claimlens: ignore[jwt-alg-*]\n{EVIL}") == ["jwt-expired"]
        assert codes(f"# claimlens: ignore[*]\n{EVIL}") == []

    def test_two_comments_add_up(self) -> None:
        text = f"# claimlens: ignore[jwt-alg-none]\n{EVIL} # claimlens: ignore[jwt-expired]"

        assert codes(text) == []

    def test_a_finding_on_several_lines_counts_by_its_first(self) -> None:
        wrapped = f"{EXPIRED[:100]}\n{EXPIRED[100:200]}\n{EXPIRED[200:]}"

        assert codes(wrapped) == ["jwt-expired"]
        assert codes(f"# claimlens: ignore\n{wrapped}") == []

    @pytest.mark.parametrize("written", ["ignore[jwt-expired", "ignore[]", "ignore-lines", "ignore[ , ]"])
    def test_a_mistake_silences_nothing_and_is_said(self, written: str) -> None:
        assert codes(f"# claimlens: {written}\n{EXPIRED}") == ["suppression-invalid", "jwt-expired"]

    def test_an_unknown_code_names_the_nearest(self) -> None:
        [finding] = check_text("# claimlens: ignore[jwt-expird]").findings

        assert finding.message == "There is no rule 'jwt-expird'. Did you mean 'jwt-expired'?"


class TestFiles:
    def test_a_whole_file_is_silenced_from_its_first_ten_lines(self) -> None:
        assert codes(f"{EXPIRED}\n# claimlens: ignore-file\n{EXPIRED}") == []
        assert codes("\n" * 9 + f"# claimlens: ignore-file\n{EXPIRED}") == []
        assert codes("\n" * 10 + f"# claimlens: ignore-file\n{EXPIRED}") == ["suppression-invalid", "jwt-expired"]

    def test_of_some_codes_only(self) -> None:
        assert codes(f"# claimlens: ignore-file[jwt-expired]\n\n{EVIL}\n{EXPIRED}") == ["jwt-alg-none"]

    @pytest.mark.parametrize(
        ("glob", "uri", "ignored"),
        [
            ("*.log", "/w/a/b.log", True),
            ("*.log", "/w/a/b.txt", False),
            ("tests/", "/w/a/tests/b.txt", True),
            ("/tests/", "/w/a/tests/b.txt", False),
            ("/a/**/*.txt", "/w/a/x/y/b.txt", True),
            ("a/b.txt", "file:///w/a/b.txt", True),
            ("with space/*", "file:///w/with%20space/b.txt", True),
            ("**", "untitled:Untitled-1", True),
            ("!", "/w/a", False),
        ],
    )
    def test_globs_are_those_of_gitignore_relative_to_the_folder(self, glob: str, uri: str, ignored: bool) -> None:
        assert (suppression.ignored_codes(uri, "/w", {glob: ("jwt-*",)}) == {"jwt-*"}) is ignored

    @pytest.mark.parametrize(
        ("uri", "root", "path"),
        [
            ("file:///c%3A/Users/x/w/a.http", "file:///c%3A/Users/x/w", "a.http"),
            ("C:\\Users\\x\\w\\a\\b.http", "c:/Users/x/w/", "a/b.http"),
            ("file:///w/a.http", "/w", "a.http"),
            ("/w2/a.http", "/w", "w2/a.http"),
            ("./a/b.http", "", "a/b.http"),
            ("a.http", ".", "a.http"),
            ("/w", "/w", "w"),
        ],
    )
    def test_paths_and_uris_are_compared_alike(self, uri: str, root: str, path: str) -> None:
        assert relative_path(uri, root) == path

    def test_the_setting_leaves_out_what_it_names_and_nothing_else(self) -> None:
        settings = Settings(ignore={"*.log": ("jwt-expired",)})

        def said(uri: str) -> list[str]:
            return [finding.code for finding in check(Snapshot.of(EVIL, uri=uri), settings, NOW).findings]

        assert said("/w/x.log") == ["jwt-alg-none"]
        assert said("/w/x.txt") == ["jwt-alg-none", "jwt-expired"]

    def test_unknown_codes_in_settings_are_named_with_the_nearest(self) -> None:
        settings = Settings(rules={"jwt-expird": "off", "jwt-*": "off"}, ignore={"*.log": ("jwt-nothing-like-it",)})
        problems = unknown_codes(settings)

        assert [problem.key for problem in problems] == [
            "claimlens.rules.jwt-expird",
            "claimlens.ignore.jwt-nothing-like-it",
        ]
        assert problems[0].message == ("'rules.jwt-expird': There is no rule 'jwt-expird'. Did you mean 'jwt-expired'?")


class TestHostile:
    @pytest.mark.parametrize(
        "text", ["claimlens: ignore[a] " * 50_000, "# claimlens: ignore\n" * 50_000, "\r" * 500_000]
    )
    def test_many_directives_take_linear_time(self, text: str) -> None:
        started = time.process_time()

        assert len(directives(text)) in (0, suppression.MOST_DIRECTIVES)
        assert time.process_time() - started < 1

    @given(st.text(alphabet="claimlens: ignore-file[]*,\r\n#x", max_size=200))
    def test_no_text_makes_it_fail(self, text: str) -> None:
        lines = Snapshot.of(text).lines
        for directive in directives(text):
            place = lines.position(directive.span.start)

            assert directive.own_line == lines.line_span(place.line)
            assert directive.early == (place.line < suppression.FILE_LINES)
            if place.line + 1 < lines.line_count:
                assert directive.next_line == lines.line_span(place.line + 1)
