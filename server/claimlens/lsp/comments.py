"""How each language writes a comment, for the comment that silences a finding.

Languages that have none (JSON), and those we do not know, get no such code action: better none than a broken file.
Language ids are those of Visual Studio Code and Neovim.
"""

from __future__ import annotations

_HASH = (
    "conf coffeescript dockercompose dockerfile dotenv editorconfig elixir env graphql hcl ignore julia make makefile "
    "nginx perl plaintext powershell ps1 properties python r ruby sh shellscript systemd tcl terraform text toml yaml "
    "http rest"
)
_SLASHES = (
    "bicep c cpp csharp cs css-in-js dart fsharp go groovy java javascript javascriptreact jsonc json5 kotlin less "
    "objective-c objective-cpp php proto rust scala scss solidity swift typescript typescriptreact zig"
)
_ANGLES = "aspnetcorerazor astro html markdown md razor svelte svg vue xhtml xml xsl"
_DASHES = "ada haskell lua plsql sql"
_STARS = "css"
_SEMICOLONS = "clojure ini dosini lisp scheme"

_FORMS = {
    **dict.fromkeys(_HASH.split(), ("# ", "")),
    **dict.fromkeys(_SLASHES.split(), ("// ", "")),
    **dict.fromkeys(_ANGLES.split(), ("<!-- ", " -->")),
    **dict.fromkeys(_DASHES.split(), ("-- ", "")),
    **dict.fromkeys(_STARS.split(), ("/* ", " */")),
    **dict.fromkeys(_SEMICOLONS.split(), ("; ", "")),
}


def comment(language_id: str, text: str) -> str | None:
    """Return ``text`` as a comment of the language, or None where it has none.

    >>> comment("python", "claimlens: ignore"), comment("xml", "claimlens: ignore"), comment("json", "x")
    ('# claimlens: ignore', '<!-- claimlens: ignore -->', None)
    """
    form = _FORMS.get(language_id.lower())
    return f"{form[0]}{text}{form[1]}" if form else None
