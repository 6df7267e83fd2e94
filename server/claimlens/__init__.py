"""Claimlens finds, explains and checks JSON Web Tokens and Azure API Management policies.

The packages stand in layers; each imports only what stands below it (ARCHITECTURE.md has the picture):

* ``lsp`` and ``cli``, the faces;
* ``services``, the use cases that need files or the network;
* ``diagnosis``, ``rules``, ``expectations``, ``settings``, the judgement;
* ``oidc``, the network;
* ``apim`` and ``entra``, the domains;
* ``jose``, tokens;
* ``text``, spans and lines.
"""

__version__ = "0.1.0"
