"""What code and settings take from other files is known once those are: by the name, whatever writes it."""

from __future__ import annotations

import pytest

from claimlens.expectations import entries_of, read
from claimlens.expectations.formats.model import Entry
from claimlens.expectations.references import settings_of, with_settings

API = "8c2b7f10-4d6e-4a19-b3c5-6f0e9d8a7b21"


def settings(*files: tuple[str, str]) -> dict[str, str]:
    def entries(name: str, text: str) -> tuple[tuple[Entry, ...], bool]:
        found, kind = entries_of(name, text)
        return found, kind.value == "source code"

    return dict(settings_of(entries(*file) for file in files))


def audiences(name: str, text: str, *files: tuple[str, str]) -> list[str]:
    filled = with_settings(read(name, text), settings(*files))
    return [stated.value for each in filled for stated in each.of("audience")]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Startup.cs", 'options.Audience = Configuration["Orders:For"];'),
        ("Startup.cs", 'options.Audience = builder.Configuration.GetValue<string>("Orders:For");'),
        ("Startup.vb", 'options.ValidAudience = ConfigurationManager.AppSettings("Orders:For")'),
        ("Startup.cs", 'options.Audience = Environment.GetEnvironmentVariable("Orders__For");'),
        ("app.py", 'jwt.decode(token, key, audience=os.environ["ORDERS__FOR"])'),
        ("app.py", 'jwt.decode(token, key, audience=os.getenv("ORDERS__FOR"))'),
        ("app.py", 'jwt.decode(token, key, audience=os.environ.get("ORDERS__FOR", "none"))'),
        ("app.js", "const options = { audience: process.env.ORDERS__FOR };"),
        ("app.ts", "const options = { audience: process.env.ORDERS__FOR! };"),
        ("app.js", 'const options = { audience: process.env["ORDERS__FOR"] };'),
        ("app.js", 'const options = { audience: config.get("orders.for") };'),
        ("app.js", "const options = { audience: `${process.env.ORDERS__FOR}` };"),
        ("main.go", 'cfg := Config{Audience: os.Getenv("ORDERS__FOR")}'),
        ("config.php", "return ['audience' => env('ORDERS__FOR')];"),
        ("application.yml", "jwt:\n  audience: ${orders.for}\n"),
        ("application.yml", "jwt:\n  audience: ${ORDERS__FOR:somebody}\n"),
    ],
)
def test_a_setting_is_filled_in_however_it_is_read(name: str, text: str) -> None:
    assert audiences(name, text, ("appsettings.json", f'{{"Orders": {{"For": "{API}"}}}}')) == [API]
    assert API not in audiences(name, text)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (".env", f"ORDERS_FOR={API}\n"),
        ("local.settings.json", f'{{"Values": {{"ORDERS_FOR": "{API}"}}}}'),
        ("launchSettings.json", f'{{"profiles": {{"api": {{"environmentVariables": {{"ORDERS_FOR": "{API}"}}}}}}}}'),
        ("compose.yaml", f"services:\n  api:\n    environment:\n      - ORDERS_FOR={API}\n"),
        ("compose.yaml", f"services:\n  api:\n    environment:\n      ORDERS_FOR: {API}\n"),
        ("map.yaml", f"kind: ConfigMap\ndata:\n  ORDERS_FOR: {API}\n"),
        ("deployment.yaml", f"env:\n  - name: ORDERS_FOR\n    value: {API}\n"),
        ("settings.py", f'ORDERS_FOR = "{API}"\n'),
    ],
)
def test_a_name_is_found_wherever_it_is_given_a_value(name: str, text: str) -> None:
    code = 'jwt.decode(token, key, audience=os.environ["ORDERS_FOR"])'

    assert audiences("app.py", code, (name, text)) == [API]


def test_a_name_with_two_values_stays_open() -> None:
    code = 'jwt.decode(token, key, audience=os.environ["ORDERS_FOR"])'

    assert audiences("app.py", code, ("a/.env", "ORDERS_FOR=one\n"), ("b/.env", "ORDERS_FOR=two\n")) == []


def test_a_default_counts_in_settings_alone() -> None:
    assert audiences("application.yml", "jwt:\n  audience: ${ORDERS_FOR:orders}\n") == ["orders"]
    assert audiences("Startup.cs", 'options.Audience = Configuration["Orders:For"];') == []


def test_what_is_read_from_a_request_is_no_setting() -> None:
    code = 'const options = { audience: request.headers.get("Authorization") };'

    assert "x" not in audiences("app.js", code, (".env", "Authorization=x\n"))
