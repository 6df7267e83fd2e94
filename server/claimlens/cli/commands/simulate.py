"""``claimlens simulate``: what API Management would answer to a token."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from claimlens.apim.declarations import NOTHING_DECLARED
from claimlens.apim.simulator import IssuerDocuments, Outcome, Request, Simulation, StepVerdict
from claimlens.apim.sources import PolicySource, find_policies
from claimlens.cli import arguments as common
from claimlens.cli.errors import CommandError
from claimlens.cli.output import color, print_json, say, table, warn
from claimlens.rules.request_variables import unset
from claimlens.services import simulation
from claimlens.text.escape import terminal
from claimlens.text.lines import LineIndex
from claimlens.text.spans import Span

if TYPE_CHECKING:
    from claimlens.services.simulation_online import Simulate

DESCRIPTION = (
    "Say what API Management would answer to a token or request, and because of which line of the policy. Keys and "
    "metadata come from files; without them the signature is left open and the rest is judged."
)
JSON = (
    '{"outcome": "pass", "fail" or "undetermined", "status", "reason", "message", "body", "steps": [{"policy", '
    '"element", "check", "verdict": "pass", "fail", "unknown" or "skipped", "detail", "line", "path", "reading"}]}'
)
_EXIT = {Outcome.PASS: 0, Outcome.FAIL: 1, Outcome.UNDETERMINED: 2}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the policy, the token or request, and what the policy refers to."""
    common.add_token(parser)
    common.add_common(parser)
    parser.add_argument(
        "--policy",
        required=True,
        type=common.path_name,
        metavar="F",
        help="the policy, or a Bicep, ARM or Terraform file with one",
    )
    parser.add_argument(
        "--request",
        type=common.path_name,
        metavar="F",
        help="a request: raw HTTP, .http, a command, a HAR, Postman, Insomnia or Bruno file",
    )
    documents = "serves every openid-config without a URL in front (repeatable)"
    parser.add_argument("--metadata", action="append", default=[], metavar="[URL=]FILE", help=f"metadata; {documents}")
    parser.add_argument("--jwks", action="append", default=[], metavar="[URL=]FILE", help=f"a key set; {documents}")
    parser.add_argument("--named-values", type=common.path_name, metavar="F", help="a JSON object of named values")
    parser.add_argument(
        "--workspace", type=common.path_name, metavar="D", help="a folder with fragments, named values, outer scopes"
    )
    parser.add_argument("--online", action="store_true", help="fetch the metadata and keys that the policy names")
    common.add_network(parser)


def run(arguments: argparse.Namespace) -> int:
    """Simulate; 0 pass, 1 fail, 2 undetermined."""
    source, line_of = _policy(arguments.policy)
    given = simulation.issuer_documents(_documents(arguments.metadata), _documents(arguments.jwks))
    request, named_values = _request(arguments, source), _named_values(arguments.named_values)
    workspace = _workspace(arguments.workspace)
    declared = simulation.declared_in(workspace) if workspace else NOTHING_DECLARED

    def simulate(issuers: Mapping[str, IssuerDocuments]) -> Simulation:
        return simulation.run_policy(
            Path(arguments.policy),
            source.text,
            request,
            common.now(arguments),
            issuers=issuers,
            named_values=named_values,
            workspace=workspace,
            declared=declared,
        )

    answer = _online(arguments, simulate, given) if arguments.online else simulate(given)
    if arguments.format == "json":
        print_json(_as_json(answer, line_of))
    else:
        _print(answer, line_of)
        _tell_what_would_help(arguments, answer)
    return _EXIT[answer.outcome]


def _workspace(name: str | None) -> Path | None:
    if name is None:
        return None
    if not Path(name).is_dir():
        raise CommandError(f"{name}: not a folder")
    return Path(name)


def _online(arguments: argparse.Namespace, simulate: Simulate, given: Mapping[str, IssuerDocuments]) -> Simulation:
    import asyncio

    from claimlens.services.simulation_online import simulate_online

    answer = asyncio.run(simulate_online(simulate, common.document_cache(arguments), given))
    for failure in answer.failures:
        common.tell_how_to_allow(failure)
    return answer.simulation


def _policy(name: str) -> tuple[PolicySource, Callable[[Span], int]]:
    """Return the policy in a file (the first of several), and what tells the line of the file that a span begins on."""
    text = common.read_input(name)
    found = find_policies(text, name)
    if not found:
        raise CommandError(f"{name}: no API Management policy in it")
    if len(found) > 1:
        warn(f"{name}: {len(found)} policies; this is the first")
    if found[0].document.problems:
        warn(f"{name}: API Management does not accept a policy with such mistakes; claimlens check names them")
    lines = LineIndex(text)
    return found[0], lambda span: lines.position(found[0].host_offset(span.start)).line + 1


def _request(arguments: argparse.Namespace, policy: PolicySource) -> Request:
    given = arguments.token is not None or arguments.token_text is not None
    if arguments.request:
        request = _first_request(arguments.request)
        if given and request.header("authorization") is None:
            request = request.with_header("Authorization", f"Bearer {common.read_token(arguments).text}")
        return request
    if not given:
        raise CommandError("which token? Give it as an argument, by --token FILE, or a request by --request FILE")
    return simulation.request_with(_token_text(arguments), policy.document)


def _first_request(name: str) -> Request:
    found = simulation.requests_of(name, common.read_input(name))
    if not found:
        raise CommandError(f"{name}: no HTTP request in it")
    if len(found) > 1:
        warn(f"{name}: {len(found)} requests; this is the first")
    missing = next((lacks for part in (found[0].url, *dict(found[0].headers).values()) if (lacks := unset(part))), None)
    if missing is not None:
        warn(f"{name}: no value for {{{{{missing}}}}}; it is sent as it stands")
    return found[0]


def _token_text(arguments: argparse.Namespace) -> str:
    """Return the token as given: what is damaged must reach the policy damaged."""
    if arguments.token is None and arguments.token_text not in (None, common.STANDARD_INPUT):
        text = str(arguments.token_text)
        common.refuse_file(text, "--token")
        common.refuse_empty(text)
        return text.strip()
    text = common.read_input(arguments.token if arguments.token is not None else common.STANDARD_INPUT)
    common.refuse_empty(text)
    return simulation.first_token(text) or text.strip()


def _documents(named: list[str]) -> list[tuple[str, Mapping[str, Any]]]:
    found = []
    for each in named:
        url, equals, name = each.partition("=")
        if not equals or "://" not in url:
            url, name = "", each
        elif not Path(name).exists() and "=" in name:  # the URL itself holds an equals sign
            url, _, name = each.rpartition("=")
        found.append((url, common.read_json(name)))
    return found


def _named_values(name: str | None) -> dict[str, str]:
    if name is None:
        return {}
    return {key: value if isinstance(value, str) else str(value) for key, value in common.read_json(name).items()}


def _as_json(answer: Simulation, line_of: Callable[[Span], int]) -> dict[str, Any]:
    return {
        "outcome": str(answer.outcome),
        "status": answer.status,
        "reason": answer.error.reason if answer.error else None,
        "message": answer.error.message if answer.error else None,
        "body": answer.body,
        "steps": [
            {
                "policy": step.policy,
                "element": step.element,
                "check": step.check,
                "verdict": str(step.verdict),
                "detail": step.detail,
                "line": None if step.path else line_of(step.span),
                "path": step.path or None,
                "reading": step.reading,
            }
            for step in answer.steps
        ],
    }


def _tell_what_would_help(arguments: argparse.Namespace, answer: Simulation) -> None:
    """Name the arguments that would let open steps be judged."""
    missing = {step.check for step in answer.steps if step.verdict in (StepVerdict.UNKNOWN, StepVerdict.SKIPPED)}
    if arguments.workspace is None and missing & {"outer scopes", "fragment"}:
        warn("the policies of outer scopes and fragments are read with --workspace FOLDER")
    if not arguments.online and not arguments.jwks and "signature" in missing:
        warn("the issuer's keys are read with --jwks FILE, or fetched with --online")


def _print(answer: Simulation, line_of: Callable[[Span], int]) -> None:
    told = {Outcome.PASS: "valid", Outcome.FAIL: "invalid", Outcome.UNDETERMINED: "undetermined"}[answer.outcome]
    reason = f": {answer.error.reason}" if answer.error else ""
    status = f" (status {answer.status})" if answer.status else ""
    say(color(f"{str(answer.outcome).capitalize()}{reason}{status}", told))
    if answer.error is not None:
        say(terminal(answer.error.message))
    say()
    table(
        [
            (
                color(str(step.verdict), str(step.verdict)),
                f"{step.path}:" if step.path else f"line {line_of(step.span)}",
                f"{step.element} {step.check}" if step.check != step.element else step.element,
                step.detail + (" (our reading)" if step.reading else ""),
            )
            for step in answer.steps
        ]
    )
    if answer.body:
        say()
        say(f"body: {terminal(answer.body)}")
