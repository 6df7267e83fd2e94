"""``claimlens verify``: a token's signature and claims."""

from __future__ import annotations

import argparse
import asyncio
import os
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import attrs

from claimlens.cli import arguments as common
from claimlens.cli.errors import CommandError
from claimlens.cli.output import color, print_json, say, table
from claimlens.jose.claims_checks import Expected
from claimlens.jose.verification_keys import FAMILIES, KeyRing, KeySource, read_key_set
from claimlens.jose.verify import Verdict
from claimlens.services import verification
from claimlens.services.given_keys import ring_of_secret, ring_of_text
from claimlens.services.verification import Request, Verification
from claimlens.text.escape import terminal

DESCRIPTION = (
    "Verify a token with keys from files, or with those that its issuer publishes. Only the issuer's metadata and keys "
    "are fetched, and only from known identity providers and hosts you allow; the token itself is never sent."
)
JSON = (
    '{"verdict": "valid", "invalid" or "undetermined", "signature", "summary", "key": {"kid", "source"}, '
    '"checks": [{"check", "verdict": "pass", "fail" or "unknown", "detail"}], "failure"}'
)
_EXIT = {Verdict.VALID: 0, Verdict.INVALID: 1, Verdict.UNDETERMINED: 2}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the token, where keys come from, and what to insist on."""
    common.add_token(parser)
    common.add_common(parser)
    keys = parser.add_argument_group("keys", "without one of these the issuer is asked")
    keys.add_argument("--jwks", type=common.path_name, metavar="FILE", help="a JWK Set")
    keys.add_argument("--metadata", type=common.path_name, metavar="FILE", help="the issuer's metadata, with --jwks")
    keys.add_argument("--key", type=common.path_name, metavar="PEM", help="a public key or certificate; a JWK will do")
    keys.add_argument("--secret-env", metavar="VAR", help="the environment variable with the shared secret (HS256 …)")
    keys.add_argument("--issuer", metavar="URL", help="ask this issuer, and insist on it")
    common.add_network(parser)
    checks = parser.add_argument_group("what the token must say")
    checks.add_argument(
        "--audience", action="append", default=[], metavar="A", help="an accepted audience (repeatable)"
    )
    checks.add_argument("--tenant", action="append", default=[], metavar="T", help="an accepted tenant id (repeatable)")
    checks.add_argument(
        "--leeway",
        type=common.whole_number(most=86_400),
        default=0,
        metavar="SECONDS",
        help="how far clocks may differ",
    )
    checks.add_argument("--algorithms", type=_algorithms, metavar="A,B", help="the only algorithms allowed")


def _algorithms(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(","))
    unknown = next((name for name in names if name not in FAMILIES), None)
    if unknown is not None:
        raise argparse.ArgumentTypeError(f"'{unknown}' is none of {', '.join(FAMILIES)}")
    return names


def run(arguments: argparse.Namespace) -> int:
    """Verify; 0 valid, 1 invalid, 2 undetermined."""
    request = Request(
        token=common.read_token(arguments),
        now=common.now(arguments),
        expected=Expected(
            audiences=tuple(arguments.audience),
            tenants=tuple(arguments.tenant),
            leeway=timedelta(seconds=arguments.leeway),
        ),
        issuer=arguments.issuer,
        algorithms=arguments.algorithms,
    )
    given = _given_keys(arguments)
    if given is None:
        answer = asyncio.run(verification.verify_online(request, common.document_cache(arguments)))
        common.tell_how_to_allow(answer.failure)
    else:
        ring, source = given
        metadata = common.read_json(arguments.metadata) if arguments.metadata else None
        answer = verification.verify_offline(request, ring, source=source, metadata=metadata)
    if arguments.format == "json":
        print_json(_as_json(answer))
    else:
        _print(answer, common.now(arguments))
    return _EXIT[answer.verdict]


def _given_keys(arguments: argparse.Namespace) -> tuple[KeyRing, str] | None:
    """Return the keys that the arguments name, or None where the issuer is to be asked."""
    named = [name for name in ("jwks", "key", "secret_env") if getattr(arguments, name)]
    if len(named) > 1:
        raise CommandError("give the keys in one way: --jwks, --key or --secret-env")
    if not named:
        if arguments.metadata:
            raise CommandError("--metadata needs --jwks: metadata names the keys but does not hold them")
        return None
    if arguments.jwks:
        return _key_set(arguments.jwks), arguments.jwks
    if arguments.key:
        text = common.read_bytes(arguments.key).decode("utf-8", "replace")
        return _usable(ring_of_text(text)), arguments.key
    secret = os.environ.get(arguments.secret_env)
    if secret is None:
        raise CommandError(f"the environment variable {arguments.secret_env} is not set")
    return _usable(ring_of_secret(secret)), f"environment variable {arguments.secret_env}"


def _key_set(name: str) -> KeyRing:
    document = common.read_json(name)
    if isinstance(document.get("keys"), list):
        return read_key_set([key for key in document["keys"] if isinstance(key, Mapping)])
    if "kty" in document:
        return read_key_set([document], source=KeySource.LOCAL)
    raise CommandError(f'{name}: no key set: it has no list "keys"')


def _usable(ring: KeyRing) -> KeyRing:
    if ring.problem is not None:
        raise CommandError(f"the key cannot be used: {ring.problem}")
    return ring


def _as_json(answer: Verification) -> dict[str, Any]:
    key = None
    if answer.key is not None:
        key = {"kid": answer.key.kid, "source": answer.key.source}
        if answer.key.fetched_at is not None:
            key["fetched_at"] = answer.key.fetched_at.isoformat()
        if answer.key.outage is not None:
            key["outage"] = str(answer.key.outage)
    return {
        "verdict": str(answer.verdict),
        "signature": str(answer.signature),
        "summary": answer.summary,
        "key": key,
        "checks": [
            {"check": check.name, "verdict": str(check.verdict), "detail": check.detail} for check in answer.checks
        ],
        "failure": attrs.asdict(answer.failure) if answer.failure else None,
    }


def _print(answer: Verification, now: datetime) -> None:
    say(color(terminal(answer.summary), str(answer.verdict)))
    say()
    table([(color(str(check.verdict), str(check.verdict)), check.name, check.detail) for check in answer.checks])
    if answer.key is not None:
        say()
        say(f"  key {terminal(answer.key.kid or 'without kid')} from {terminal(answer.key.source)}")
