"""What source code says it accepts: literals, and names and holes that the same file fills in; no more."""

from __future__ import annotations

import pytest

from claimlens.expectations import read

TENANT = "11111111-2222-3333-4444-555555555555"
V1 = f"https://sts.windows.net/{TENANT}/"
V2 = f"https://login.microsoftonline.com/{TENANT}/v2.0"

CASES = {
    "constants of Python": (
        "auth.py",
        (
            f'TENANT = "{TENANT}"\nISSUER = f"https://sts.windows.net/{{TENANT}}/"\nAUDIENCE = "api://orders"\n'
            "claims = jwt.decode(raw, key, audience=AUDIENCE)\n"
        ),
        {"issuer": [V1], "audience": ["api://orders", "api://orders"]},
    ),
    "an f-string that nobody fills": ("auth.py", 'ISSUER = f"https://sts.windows.net/{tenant()}/"\n', {"issuer": []}),
    "a template of JavaScript": (
        "auth.js",
        (
            f"const tenant = '{TENANT}';\n"
            "const options = { issuer: `https://login.microsoftonline.com/${tenant}/v2.0` };\n"
        ),
        {"issuer": [V2]},
    ),
    "a name from elsewhere": (
        "auth.js",
        "const o = { audience: config.clientID, issuer: settings.issuer };\n",
        {"audience": [], "issuer": []},
    ),
    "a truth value": ("auth.js", "const o = { validateIssuer: true, issuer: false };\n", {"issuer": []}),
    "an interpolated string of C#": (
        "Program.cs",
        f'var tenant = "{TENANT}";\noptions.Authority = $"https://login.microsoftonline.com/{{tenant}}/v2.0";\n',
        {"authority": [V2]},
    ),
    "a name of several values": (
        "auth.py",
        'audience = "api://a"\nif test:\n    audience = "api://b"\ndecode(raw, valid_audience=audience)\n',
        {"audience": ["api://a", "api://b"]},
    ),
    "a template in a plain string": (
        "auth.py",
        'ISSUER = "https://login.microsoftonline.com/{tenantid}/v2.0"\n',
        {"issuer": ["https://login.microsoftonline.com/{tenantid}/v2.0"]},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_source_code_states_what_it_spells_out(case: str) -> None:
    name, text, wanted = CASES[case]
    found = read(name, text)

    assert {role: [stated.value for each in found for stated in each.of(role)] for role in wanted} == wanted
