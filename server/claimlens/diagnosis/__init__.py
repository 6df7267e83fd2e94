"""Why a token is rejected: ranked causes with evidence and fix, and the ordered walk that led to them.

- `claimlens.diagnosis.case.Case.of` reads what there is: tokens, policies, settings, logs, requests and answers.
- `claimlens.diagnosis.diagnose.diagnose` runs the detectors over it (`claimlens.diagnosis.detectors`).
- `claimlens.diagnosis.snippets` writes code, commands and queries with the values of a token filled in.
- `claimlens.diagnosis.comparison` sets two tokens side by side.

What a cause means is data: ``causes.toml``; what explains what: ``precedence.toml``.
"""
