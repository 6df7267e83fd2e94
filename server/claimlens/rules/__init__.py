"""What is wrong with a document, and how to mend it: rules, their findings, severities and suppressions.

Start at `claimlens.rules.engine.check` for what is found, `claimlens.rules.registry.registry` for which rules there
are. A rule is one function in a module of its family (`claimlens.rules.tokens` for tokens); its docstring is its page.
"""
