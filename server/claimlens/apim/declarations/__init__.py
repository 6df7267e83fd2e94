"""What the files of a workspace declare for policies: named values and policy fragments.

`claimlens.apim.declarations.read.read_declarations` reads one file, by its path and text: artifacts as APIOps lays them
out, Bicep, ARM templates, Terraform. `Declared` is what the files of a folder declare together, and the questions that
rules and editors ask of it. Secret values are not kept.
"""

from claimlens.apim.declarations.model import NOTHING_DECLARED, Declaration, Declared, NameKind, Strength

__all__ = ["NOTHING_DECLARED", "Declaration", "Declared", "NameKind", "Strength"]
