"""``claimlens explain``: why a token is rejected."""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs

from claimlens.cli import arguments as common
from claimlens.cli.errors import CommandError
from claimlens.cli.masking import masked_within
from claimlens.cli.output import color, print_inert, print_json, say, table, warn
from claimlens.diagnosis.case import Case
from claimlens.diagnosis.diagnose import diagnose
from claimlens.diagnosis.model import Diagnosis
from claimlens.diagnosis.report import markdown
from claimlens.jose import TokenForm
from claimlens.services import files
from claimlens.services.cases import declared_by, with_declared
from claimlens.services.files import Unreadable
from claimlens.text.escape import visible

DESCRIPTION = (
    "Read whatever there is (a token, a policy, settings, a log, a request and its answer) and name the causes for "
    "which the token is rejected, the most likely first, each with evidence and fix."
)
JSON = (
    '{"steps": [{"step", "verdict", "summary", "evidence"}], "causes": [{"code", '
    '"confidence": "certain", "likely" or "possible", "summary", "fix", "evidence": [{"path", "line", "text"}]}]}'
)
_MAXIMUM_FILES = 500
_GIVEN = (
    ("--token", "F", "a file with a token"),
    ("--policy", "F", "an API Management policy"),
    ("--config", "F", "settings or a manifest (repeatable)"),
    ("--log", "F", "a log"),
    (
        "--request",
        "F",
        "a request, an answer, or both: raw HTTP, .http, a command, a HAR, Postman, Insomnia or Bruno file",
    ),
    ("--dir", "D", "a folder with any of these"),
)
"""The arguments that name evidence, each of which may be given several times."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what can be read."""
    parser.add_argument("token_text", nargs="?", metavar="TOKEN", help="the token, or - for standard input")
    for name, metavar, meaning in _GIVEN:
        parser.add_argument(name, action="append", default=[], type=common.path_name, metavar=metavar, help=meaning)
    parser.add_argument("--missing-claim", metavar="C", help="a claim that should be in the token and is not")
    parser.add_argument(
        "--online", action="store_true", help="also check the token's signature with the keys that its issuer publishes"
    )
    common.add_network(parser)
    common.add_common(parser, "markdown")


def run(arguments: argparse.Namespace) -> int:
    """Explain; 1 where a cause was found, 0 where nothing explains a rejection, 2 where not all could be looked at."""
    complaints = common.Complaints()
    found = list(_read(arguments, complaints))
    if not found:
        raise CommandError("nothing to read: give a token, name files, or a folder with --dir")
    case = Case.of(found, common.now(arguments), missing_claim=arguments.missing_claim)
    case = with_declared(case, declared_by(case).value_of)
    if arguments.online:
        case = _checked_online(case, arguments, complaints)
    diagnosis = masked_within(diagnose(case))
    if arguments.format == "json":
        print_json(_as_json(diagnosis))
    elif arguments.format == "markdown":
        print_inert(markdown(diagnosis))
    else:
        _print(diagnosis)
    return 1 if diagnosis.causes else 2 if complaints.any else 0


def _checked_online(case: Case, arguments: argparse.Namespace, complaints: common.Complaints) -> Case:
    """Return the case with what the issuer's keys say about its token; only the keys are fetched.

    A connection that this machine does not get is no cause of anything: it is told, and the signature stays open.
    """
    if case.token is None or case.token.token.form is not TokenForm.JWS:
        warn("--online: there is no complete token whose signature could be checked")
        return case
    import asyncio

    from claimlens.services.verification import Request, signature_online

    cache = common.document_cache(arguments)
    request = Request(token=case.token.token, now=case.now)
    signature, failure = asyncio.run(signature_online(request, cache))
    if failure is not None and failure.kind.is_ours:
        complaints.tell(f"--online: {failure}")
        common.tell_how_to_allow(failure)
        return case
    return attrs.evolve(case, signature=signature)


def _read(arguments: argparse.Namespace, complaints: common.Complaints) -> list[tuple[str, str]]:
    named = [*arguments.token, *arguments.policy, *arguments.config, *arguments.log, *arguments.request]
    texts = [(name, common.read_input(name)) for name in named]
    given = arguments.token_text
    if given == common.STANDARD_INPUT:
        texts.insert(0, (common.STANDARD_INPUT, common.read_input(common.STANDARD_INPUT)))
    elif given is not None:
        common.refuse_file(given, "--token, --policy, --config, --log, --request or --dir")
        texts.insert(0, ("token", given))
    if given is not None:
        common.refuse_empty(texts[0][1])
    return [*texts, *itertools.chain.from_iterable(_read_folder(name, complaints) for name in arguments.dir)]


def _read_folder(name: str, complaints: common.Complaints) -> Iterator[tuple[str, str]]:
    root = Path(name)
    if not root.is_dir():
        raise CommandError(f"{name}: not a folder")
    for count, path in enumerate(files.discover([root])):
        if count == _MAXIMUM_FILES:
            warn(f"{name}: only the first {_MAXIMUM_FILES} files are read; name the folder or the files that matter")
            return
        file = files.read_text(path)
        if isinstance(file, Unreadable):
            complaints.add(file)
        elif file is not None:
            yield path.relative_to(root).as_posix(), file.text


def _as_json(diagnosis: Diagnosis) -> dict[str, Any]:
    return {
        "steps": [
            {
                "step": step.step,
                "verdict": str(step.verdict),
                "summary": step.summary,
                "evidence": [attrs.asdict(each) for each in step.evidence],
            }
            for step in diagnosis.steps
        ],
        "causes": [
            {
                "code": cause.code,
                "confidence": str(cause.confidence),
                "summary": cause.summary,
                "fix": cause.fix,
                "evidence": [attrs.asdict(each) for each in cause.evidence],
            }
            for cause in diagnosis.causes
        ],
    }


def _print(diagnosis: Diagnosis) -> None:
    say(color(visible(diagnosis.verdict), "title"))
    say()
    table([(color(str(step.verdict), str(step.verdict)), step.step, step.summary) for step in diagnosis.steps])
    for number, cause in enumerate(diagnosis.held, 1):
        say()
        say(color(f"{number}. {cause.code} ({cause.confidence})", "title"))
        table([("what", cause.summary), ("fix", cause.fix)])
        for evidence in cause.evidence:
            say(f"  {visible(evidence.path)}:{evidence.line}: {visible(evidence.text)}")
    if diagnosis.remote:
        say()
        say(color("Less likely", "title"))
        table([(cause.code, cause.summary) for cause in diagnosis.remote])
