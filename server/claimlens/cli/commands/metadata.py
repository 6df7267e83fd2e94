"""``claimlens metadata``: an issuer's metadata and keys, checked."""

from __future__ import annotations

import argparse
import asyncio
from typing import Any

import attrs

from claimlens.cli import arguments as common
from claimlens.cli.output import color, print_json, say, table, warn
from claimlens.oidc import FetchError
from claimlens.services.metadata import IssuerReport, show_issuer
from claimlens.text.escape import terminal

DESCRIPTION = "Fetch the OpenID Connect metadata and the keys of an issuer, and say what is doubtful about them."
JSON = '{"issuer", "metadata_url", "jwks_uri", "keys": […], "findings": […]}'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the issuer and what may be reached."""
    parser.add_argument("issuer", metavar="ISSUER", help="the iss of a token, or the URL of metadata")
    common.add_common(parser)
    common.add_network(parser)


def run(arguments: argparse.Namespace) -> int:
    """Fetch and print; 1 where something is doubtful, 2 where nothing could be fetched."""
    try:
        report = asyncio.run(show_issuer(arguments.issuer, common.document_cache(arguments)))
    except FetchError as error:
        warn(str(error.failure))
        common.tell_how_to_allow(error.failure)
        return 2
    if arguments.format == "json":
        print_json(_as_json(report))
    else:
        _print(report)
    return int(any(remark.code != "issuer-template" for remark in report.remarks))


def _as_json(report: IssuerReport) -> dict[str, Any]:
    return {
        "issuer": report.issuer,
        "metadata_url": report.metadata_url,
        "jwks_uri": report.jwks_uri,
        "keys": [attrs.asdict(key) for key in report.keys],
        "findings": [attrs.asdict(remark) for remark in report.remarks],
    }


def _print(report: IssuerReport) -> None:
    table([("issuer", report.issuer), ("metadata", report.metadata_url), ("keys", report.jwks_uri)], indent="")
    say()
    rows = []
    for key in report.keys:
        told = [key.algorithm or "any algorithm", key.curve or "", key.issuer or ""]
        if key.certificate is not None:
            told.append(f"certificate until {key.certificate.not_after:%Y-%m-%d}")
        rows.append((key.kid or "without kid", key.kty, "  ".join(part for part in told if part)))
    table(rows)
    for remark in report.remarks:
        say()
        say(color(terminal(remark.message), "warning"))
