"""From the address of Entra ID's metadata to the issuer that stands there, where the address leaves no doubt.

https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc
"""

from __future__ import annotations

import re

_ADDRESS = re.compile(
    r"https://(?P<host>login\.microsoftonline\.(?:com|us)|login\.partner\.microsoftonline\.cn)"
    r"/(?P<tenant>[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|common|organizations)(?P<version>/v2\.0)?"
    r"/\.well-known/openid-configuration(?:\?[^#\s]*)?",
    re.IGNORECASE,
)
_HOSTS_OF_VERSION_1 = {"login.partner.microsoftonline.cn": "sts.chinacloudapi.cn"}


def issuer_at(address: str) -> str | None:
    """Return the ``issuer`` of the metadata at an address; None where only the document tells, as for a domain's name.

    >>> issuer_at("https://login.microsoftonline.com/common/v2.0/.well-known/openid-configuration")
    'https://login.microsoftonline.com/{tenantid}/v2.0'
    """
    found = _ADDRESS.fullmatch(address)
    if found is None:
        return None
    host, tenant = found["host"].lower(), found["tenant"].lower()
    named = tenant if "-" in tenant else "{tenantid}"
    if found["version"]:
        return f"https://{host}/{named}/v2.0"
    return f"https://{_HOSTS_OF_VERSION_1.get(host, 'sts.windows.net')}/{named}/"
