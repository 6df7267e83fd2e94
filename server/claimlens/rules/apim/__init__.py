"""Rules about API Management policies, codes ``apim-``; each module holds one subject.

All take a `claimlens.rules.apim.context.PolicyContext`. What holds an expression, a named value or a template is not
known before the policy runs, and no rule judges it.
"""
