"""The rules about tokens, codes ``jwt-``: each takes a `claimlens.rules.context.TokenContext`.

What severity a rule has follows the policy in `claimlens.rules.severity`. No two rules say the same thing of the same
token: where one explains what another would report as well, the other keeps silent, and says so in its code.
"""
