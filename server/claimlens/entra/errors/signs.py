"""Signs of errors, cheap to look for in a text of any length before it is searched for the errors themselves.

Each is a pattern for 16 characters at most. They stand here and not among the data because whoever starts up needs
them, and reading the data takes time.
"""

SIGNS = (
    r"IDX[0-9]{5}",
    r"AADSTS[0-9]{4}",
    r"AADB2C[0-9]{5}",
    r"AKV[0-9]{5}",
    r"IDW[0-9]{5}",
    r"ERR_J[WO]",
    r'error="in[sv]',
    r"TokenError: ",
    r"UnauthorizedErr",
    r"JwtException",
    r"JOSEException",
    r"jwt\.exceptions",
    r"jose\.e[rx]",
    r"oidc: [a-z]",
    r"token is [mu]",
    r"token has inv",
    r"token signature ",
    r"Jwt (?:is|ve)",
    r"Audiences in Jwt",
    r"Jwks doesn",
    r"InvalidAuth",
    r"Authorization_Re",
    r"wrong audience",
    r"JWT [VvNn][a-z]",
    r"Continuous acces",
    r"Authorization fa",
    r"authenticationSc",
)
