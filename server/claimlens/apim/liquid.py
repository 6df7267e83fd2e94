"""Where Liquid templates stand: in them ``{{name}}`` is a value of Liquid.

https://learn.microsoft.com/azure/api-management/set-body-policy#using-liquid-templates-with-set-body
"""

from __future__ import annotations

from claimlens.apim.document import PolicyDocument
from claimlens.text.spans import Span


def liquid_templates(document: PolicyDocument) -> tuple[Span, ...]:
    """Return the contents of the bodies that are Liquid templates, in order."""
    if "template" not in document.text:
        return ()
    return tuple(element.content_span for element in document.elements if element.attribute("template") is not None)
