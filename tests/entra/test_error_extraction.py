"""Which error is recognised, and which values are taken out, in the logs of many stacks and versions."""

# ruff: noqa: E501 - log lines are as long as they are
from __future__ import annotations

import time

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimlens.entra.errors import recognise
from claimlens.entra.errors.recognise import MAXIMUM_MENTIONS

TENANT = "3f2c8a10-6b7d-4e59-9c21-0a4b8d7e6f15"
API = "8d1f4c72-0b9e-4a36-b5d8-27e6c3a9f041"
OTHER = "5a7e9b3c-12d4-4f68-8e90-b1c2d3e4f506"
V1 = f"https://sts.windows.net/{TENANT}/"
V2 = f"https://login.microsoftonline.com/{TENANT}/v2.0"
KID = "Lx9dQw3vRk-7TzUe0pYb2NcHm1s"


@attrs.frozen
class Case:
    """A text, the error in it, and the values that have to be found."""

    name: str
    text: str
    id: str
    values: dict[str, list[str]] = attrs.field(factory=dict)


CASES = [
    Case(
        "ASP.NET Core 8, wrapped by the logger",
        f"""info: Microsoft.AspNetCore.Authentication.JwtBearer.JwtBearerHandler[1]
      Failed to validate the token.
      Microsoft.IdentityModel.Tokens.SecurityTokenInvalidAudienceException: IDX10214: Audience validation failed. Audiences: 'api://{API}'. Did not match: validationParameters.ValidAudience: '{API}' or validationParameters.ValidAudiences: 'null'.
         at Microsoft.IdentityModel.Tokens.Validators.ValidateAudience(IEnumerable`1 audiences)""",
        "IDX10214",
        {"found_audience": [f"api://{API}"], "expected_audience": [API]},
    ),
    Case(
        "several accepted audiences",
        f"IDX10214: Audience validation failed. Audiences: '{OTHER}'. Did not match: validationParameters.ValidAudience: 'null' or validationParameters.ValidAudiences: '{API}, api://{API}'. For more details, see https://aka.ms/identitymodel/app-context-switches.",
        "IDX10214",
        {"found_audience": [OTHER], "expected_audience": [API, f"api://{API}"]},
    ),
    Case(
        "JSON log with escaped quotes",
        f'{{"msg":"IDX10214: Audience validation failed. Audiences: \\"{OTHER}\\". Did not match: validationParameters.ValidAudience: \\"{API}\\" or validationParameters.ValidAudiences: \\"null\\"."}}',
        "IDX10214",
        {"found_audience": [OTHER], "expected_audience": [API]},
    ),
    Case(
        "JSON log with quotes as \\u0027",
        f'{{"m":"IDX10205: Issuer validation failed. Issuer: \\u0027{V1}\\u0027. Did not match: validationParameters.ValidIssuer: \\u0027{V2}\\u0027 or validationParameters.ValidIssuers: \\u0027null\\u0027"}}',
        "IDX10205",
        {"found_issuer": [V1], "expected_issuer": [V2]},
    ),
    Case(
        "error page with quotes as HTML entities",
        f"IDX10205: Issuer validation failed. Issuer: &#39;{V1}&#39;. Did not match: validationParameters.ValidIssuer: &#39;{V2}&#39; or validationParameters.ValidIssuers: &#39;null&#39;.",
        "IDX10205",
        {"found_issuer": [V1], "expected_issuer": [V2]},
    ),
    Case(
        "issuer of the metadata",
        f"IDX10205: Issuer validation failed. Issuer: '{V1}'. Did not match: validationParameters.ValidIssuer: 'null' or validationParameters.ValidIssuers: 'null' or validationParameters.ConfigurationManager.CurrentConfiguration.Issuer: '{V2}'. For more details, see https://aka.ms/IdentityModel/issuer-validation.",
        "IDX10205",
        {"found_issuer": [V1], "expected_issuer": [V2]},
    ),
    Case(
        "API Management trace with a doubled full stop",
        f"""validate-jwt (41 ms)
{{
  "message": "JWT Validation Failed: IDX10205: Issuer validation failed. Issuer: '{V2}'. Did not match: validationParameters.ValidIssuer: '' or validationParameters.ValidIssuers: '{V1}'.."
}}""",
        "IDX10205",
        {"found_issuer": [V2], "expected_issuer": [V1]},
    ),
    Case(
        "Microsoft.Identity.Web, wording of the issuer validator",
        f"IDX40001: Issuer: '{V1}', does not match any of the valid issuers provided for this application. ",
        "IDX40001",
        {"found_issuer": [V1]},
    ),
    Case(
        "lifetime, newest wording",
        "IDX10223: Lifetime validation failed. The token is expired. ValidTo (UTC): '2/1/2026 8:00:00 AM', Current time (UTC): '2/1/2026 8:21:09 AM'.",
        "IDX10223",
        {"valid_to": ["2/1/2026 8:00:00 AM"], "current_time": ["2/1/2026 8:21:09 AM"]},
    ),
    Case(
        "lifetime, wording of version 5 over several lines",
        "IDX10223: Lifetime validation failed. The token is expired.\nValidTo: '02/01/2026 08:00:00'\nCurrent time: '02/01/2026 08:21:09'.",
        "IDX10223",
        {"valid_to": ["02/01/2026 08:00:00"], "current_time": ["02/01/2026 08:21:09"]},
    ),
    Case(
        "not yet valid",
        "IDX10222: Lifetime validation failed. The token is not yet valid. ValidFrom (UTC): '2/1/2026 8:00:00 AM', Current time (UTC): '2/1/2026 7:51:00 AM'.",
        "IDX10222",
        {"valid_from": ["2/1/2026 8:00:00 AM"], "current_time": ["2/1/2026 7:51:00 AM"]},
    ),
    Case(
        "key, version 5",
        f"IDX10501: Signature validation failed. Unable to match 'kid': '{KID}', \ntoken: '{{\"alg\":\"RS256\",\"typ\":\"JWT\"}}.{{\"aud\":\"{API}\"}}'.",
        "IDX10501",
        {"kid": [KID]},
    ),
    Case(
        "key, version 6",
        f"IDX10501: Signature validation failed. Unable to match key: \nkid: '{KID}'.\nExceptions caught:\n ''. \ntoken: '[PII is hidden]'.",
        "IDX10501",
        {"kid": [KID]},
    ),
    Case(
        "key, version 8, with the keys tried",
        f"IDX10503: Signature validation failed. The token's kid is: '{KID}', but did not match any keys in TokenValidationParameters or Configuration. Keys tried: 'Microsoft.IdentityModel.Tokens.RsaSecurityKey, KeyId: 'abcdef123456', InternalId: 'ghijkl7890'. , KeyId: abcdef123456\n'. Number of keys in TokenValidationParameters: '0'.",
        "IDX10503",
        {"kid": [KID], "key_type": ["RsaSecurityKey"]},
    ),
    Case(
        "key of the wrong type",
        "IDX10634: Unable to create the SignatureProvider.\nAlgorithm: 'RS256', SecurityKey: 'Microsoft.IdentityModel.Tokens.SymmetricSecurityKey, KeyId: '', InternalId: 'x'.'\nis not supported.",
        "IDX10634",
        {"found_algorithm": ["RS256"], "key_type": ["SymmetricSecurityKey"]},
    ),
    Case(
        "metadata with the address",
        f"System.InvalidOperationException: IDX20803: Unable to obtain configuration from: '{V2}/.well-known/openid-configuration'. Will retry at '2/1/2026'.",
        "IDX20803",
        {"url": [f"{V2}/.well-known/openid-configuration"]},
    ),
    Case(
        "metadata that answers 404",
        f"IDX20807: Unable to retrieve document from: '{V2}x/.well-known/openid-configuration'. HttpResponseMessage: 'StatusCode: 404, ReasonPhrase: 'Not Found', Version: 1.1'",
        "IDX20807",
        {"url": [f"{V2}x/.well-known/openid-configuration"], "status": ["404"]},
    ),
    Case("claim that is missing", "IDX14304: Claim with name 'preferred_username' does not exist in the header.", "IDX14304", {"claim": ["preferred_username"]}),
    Case(
        "WWW-Authenticate with the audience",
        f"HTTP/1.1 401 Unauthorized\nWWW-Authenticate: Bearer error=\"invalid_token\", error_description=\"The audience '{OTHER}' is invalid\"",
        "aspnet-audience-invalid",
        {"found_audience": [OTHER]},
    ),
    Case(
        "WWW-Authenticate with the issuer",
        f"www-authenticate: Bearer error=\"invalid_token\", error_description=\"The issuer '{V1}' is invalid\"",
        "aspnet-issuer-invalid",
        {"found_issuer": [V1]},
    ),
    Case("WWW-Authenticate without the value", 'Bearer error="invalid_token", error_description="The audience is invalid"', "aspnet-audience-invalid-unnamed"),
    Case("WWW-Authenticate, unknown key", 'Bearer error="invalid_token", error_description="The signature key was not found"', "aspnet-key-not-found"),
    Case(
        "WWW-Authenticate, expired",
        "Bearer error=\"invalid_token\", error_description=\"The token expired at '02/01/2026 08:00:00'\"",
        "aspnet-token-expired",
        {"valid_to": ["02/01/2026 08:00:00"]},
    ),
    Case("no scheme", "System.InvalidOperationException: No authenticationScheme was specified, and there was no DefaultAuthenticateScheme found.", "aspnet-no-scheme"),
    Case("scheme that is not registered", "No authentication handler is registered for the scheme 'AzureAd'. The registered schemes are: Bearer.", "aspnet-no-handler", {"scheme": ["AzureAd"]}),
    Case(
        "role that is required",
        "Authorization failed. These requirements were not met:\nRolesAuthorizationRequirement:User.IsInRole must be true for one of the following roles: (Invoices.Approve|Invoices.Read)",
        "aspnet-roles-requirement",
        {"role": ["Invoices.Approve|Invoices.Read"]},
    ),
    Case(
        "claim that is required",
        "ClaimsAuthorizationRequirement:Claim.Type=http://schemas.microsoft.com/identity/claims/scope and Claim.Value is one of the following values: (invoices.read)",
        "aspnet-claims-requirement",
        {"claim": ["http://schemas.microsoft.com/identity/claims/scope"], "required_value": ["invoices.read"]},
    ),
    Case("neither scp nor roles", "IDW10201: Neither scope nor roles claim was found in the bearer token. Authentication scheme used: 'Bearer'. ", "IDW10201", {"scheme": ["Bearer"]}),
    Case("scope that is missing", "IDW10203: The 'scope' or 'scp' claim does not contain scopes 'invoices.read' or was not found. ", "IDW10203", {"scope": ["invoices.read"]}),
    Case(
        "App Service authentication, issuer",
        f"2026-02-01T08:00:00 PID[2340] Warning JWT validation failed: Issuer validation failure - Expected: {V2}, Actual: {V1}",
        "easyauth-issuer-failure",
        {"found_issuer": [V1], "expected_issuer": [V2]},
    ),
    Case("App Service authentication, refused", "You do not have permission to view this directory or page.", "easyauth-no-permission"),
    Case(
        "on behalf of, another application's token",
        f"AADSTS500131: Assertion audience does not match the Client app presenting the assertion. The audience in the assertion was '{OTHER}' and the expected audience is 'api://{API}' or one of the Application Uris of this application with App ID '{API}'(api). Trace ID: 0\r\nTimestamp: 2026-02-01 08:00:00Z",
        "AADSTS500131",
        {"found_audience": [OTHER], "expected_audience": [f"api://{API}"], "application": [API]},
    ),
    Case(
        "consent",
        f'{{"error":"invalid_grant","error_description":"AADSTS65001: The user or administrator has not consented to use the application with ID \'{API}\' named \'billing\'. Send an interactive authorization request for this user and resource.","error_codes":[65001]}}',
        "AADSTS65001",
        {"application": [API]},
    ),
    Case(
        "resource that the tenant does not know",
        "AADSTS500011: The resource principal named api://billing-api was not found in the tenant named Contoso Ltd. This can happen if the application has not been installed.",
        "AADSTS500011",
        {"resource": ["api://billing-api"], "tenant": ["Contoso Ltd"]},
    ),
    Case(
        "application that the tenant does not know",
        f"AADSTS700016: Application with identifier '{API}' was not found in the directory 'Contoso'.",
        "AADSTS700016",
        {"application": [API], "tenant": ["Contoso"]},
    ),
    Case(
        "federated credential, subject",
        "AADSTS700213: No matching federated identity record found for presented assertion subject 'repo:contoso/shop:pull_request'. Check your federated identity credential Subject, Audience and Issuer.",
        "AADSTS700213",
        {"subject": ["repo:contoso/shop:pull_request"]},
    ),
    Case(
        "federated credential, issuer",
        "AADSTS700211: No matching federated identity record found for presented assertion issuer 'https://oidc.prod-aks.azure.example/x/'.",
        "AADSTS700211",
        {"found_issuer": ["https://oidc.prod-aks.azure.example/x/"]},
    ),
    Case(
        "assertion out of its time",
        "AADSTS700024: Client assertion is not within its valid time range. Current time: 2026-02-01T08:21:00.1234567Z, assertion valid from 2026-02-01T08:00:00.0000000Z, expiry time of assertion 2026-02-01T08:05:00.0000000Z.",
        "AADSTS700024",
        {
            "valid_from": ["2026-02-01T08:00:00.0000000Z"],
            "valid_to": ["2026-02-01T08:05:00.0000000Z"],
            "current_time": ["2026-02-01T08:21:00.1234567Z"],
        },
    ),
    Case(
        "guest",
        f"AADSTS50020: User account 'someone@gmail.example' from identity provider '{V1}' does not exist in tenant 'Contoso' and cannot access the application '{API}'(shop) in that tenant.",
        "AADSTS50020",
        {"user": ["someone@gmail.example"], "identity_provider": [V1], "tenant": ["Contoso"], "application": [API]},
    ),
    Case(
        "redirect URI",
        f"AADSTS50011: The redirect URI 'http://shop.contoso.example/signin-oidc' specified in the request does not match the redirect URIs configured for the application '{API}'.",
        "AADSTS50011",
        {"redirect_uri": ["http://shop.contoso.example/signin-oidc"], "application": [API]},
    ),
    Case("scope, version 2", "AADSTS70011: The provided value for the input parameter 'scope' is not valid. The scope billing.read openid is not valid.", "AADSTS70011", {"scope": ["billing.read openid"]}),
    Case("scope of client credentials", "AADSTS1002012: The provided value for scope api://billing/read is not valid. Client credential flows must have a scope value with /.default", "AADSTS1002012", {"scope": ["api://billing/read"]}),
    Case("B2C, scope", "AADB2C90117: The scope 'https://contoso.onmicrosoft.com/billing/read' provided in the request is not supported.\r\nCorrelation ID: 0", "AADB2C90117", {"scope": ["https://contoso.onmicrosoft.com/billing/read"]}),
    Case(
        "Resource Manager, audience",
        f"{{\"error\":{{\"code\":\"InvalidAuthenticationTokenAudience\",\"message\":\"The access token has been obtained for wrong audience or resource '{OTHER}'. It should exactly match with one of the allowed audiences 'https://management.core.windows.net/','https://management.azure.com'.\"}}}}",
        "arm-audience",
        {"found_audience": [OTHER], "expected_audience": ["https://management.core.windows.net/", "https://management.azure.com"]},
    ),
    Case(
        "Resource Manager, tenant",
        f"The access token is from the wrong issuer '{V1}'. It must match one of the tenants 'https://sts.windows.net/{OTHER}/,https://sts.windows.net/{API}/' associated with this subscription.",
        "arm-wrong-issuer",
        {"found_issuer": [V1], "expected_issuer": [f"https://sts.windows.net/{OTHER}/", f"https://sts.windows.net/{API}/"]},
    ),
    Case(
        "Resource Manager, role",
        f"(AuthorizationFailed) The client '{API}' with object id '{OTHER}' does not have authorization to perform action 'Microsoft.Web/sites/read' over scope '/subscriptions/{TENANT}' or the scope is invalid.",
        "arm-authorization-failed",
        {"object_id": [OTHER], "action": ["Microsoft.Web/sites/read"], "target": [f"/subscriptions/{TENANT}"]},
    ),
    Case(
        "Key Vault, audience",
        "AKV10022: Invalid audience. Expected https://vault.azure.net, found: https://vault.azure.net/.",
        "AKV10022",
        {"found_audience": ["https://vault.azure.net/"], "expected_audience": ["https://vault.azure.net"]},
    ),
    Case("Graph, audience", '{"error":{"code":"InvalidAuthenticationToken","message":"Access token validation failure. Invalid audience."}}', "graph-audience"),
    Case("Graph, permissions", '{"error":{"code":"Authorization_RequestDenied","message":"Insufficient privileges to complete the operation."}}', "graph-request-denied"),
    Case("Graph, continuous access evaluation", "Continuous access evaluation resulted in challenge with result: InteractionRequired and code: TokenIssuedBeforeRevocationTimestamp", "cae-revoked"),
    Case("SQL", "Microsoft.Data.SqlClient.SqlException (0x80131904): Login failed for user '<token-identified principal>'.", "sql-token-principal"),
    Case("Logic Apps", '{"error":{"code":"DirectApiAuthorizationRequired","message":"The request has both SAS authentication scheme and \'Bearer\' authorization scheme."}}', "arm-direct-api"),
    Case("PyJWT, audience", "  File \"jwt/api_jwt.py\", line 363\n    raise InvalidAudienceError(\"Audience doesn't match\")\njwt.exceptions.InvalidAudienceError: Audience doesn't match", "pyjwt-audience"),
    Case("PyJWT, key", f'jwt.exceptions.PyJWKClientError: Unable to find a signing key that matches: "{KID}"', "pyjwt-no-key", {"kid": [KID]}),
    Case("Authlib, issuer", "authlib.jose.errors.InvalidClaimError: invalid_claim: Invalid claim 'iss'", "authlib-invalid-claim", {"claim": ["iss"]}),
    Case("google-auth, clock", "Token used too early, 1769932000 < 1769932500. Check that your computer's clock is set correctly.", "google-early", {"current_time": ["1769932000"], "valid_from": ["1769932500"]}),
    Case("jsonwebtoken, audience", f"JsonWebTokenError: jwt audience invalid. expected: api://{API}\n    at /app/node_modules/jsonwebtoken/verify.js:193", "jsonwebtoken-audience", {"expected_audience": [f"api://{API}"]}),
    Case("jsonwebtoken, issuer", f"JsonWebTokenError: jwt issuer invalid. expected: {V2}", "jsonwebtoken-issuer", {"expected_issuer": [V2]}),
    Case("jose for JavaScript", "  code: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED',", "ERR_JWS_SIGNATURE_VERIFICATION_FAILED"),
    Case("openid-client", f"RPError: unexpected iss value, expected https://login.microsoftonline.com/{{tenantid}}/v2.0, got: {V2}", "openid-client-mismatch", {"found_issuer": [V2], "expected_issuer": ["https://login.microsoftonline.com/{tenantid}/v2.0"]}),
    Case("angular-oauth2-oidc", f"Wrong issuer: {V1}", "oidc-js-wrong-issuer", {"found_issuer": [V1]}),
    Case("Spring Security", "o.s.s.oauth2.jwt.JwtValidationException: An error occurred while attempting to decode the Jwt: Jwt expired at 2026-02-01T08:00:00Z", "spring-expired", {"valid_to": ["2026-02-01T08:00:00Z"]}),
    Case("Nimbus, key", "com.nimbusds.jose.proc.BadJOSEException: Signed JWT rejected: Another algorithm expected, or no matching key(s) found", "nimbus-no-key"),
    Case("Nimbus, issuer", f"BadJWTException: JWT iss claim has value {V1}, must be {V2}", "nimbus-claim-iss", {"found_issuer": [V1], "expected_issuer": [V2]}),
    Case("Spring Cloud Azure", f"BadJWTException: Invalid token audience. Provided value [{OTHER}]does not match neither client-id nor AppIdUri.", "nimbus-audience", {"found_audience": [OTHER]}),
    Case("Quarkus", f"Issuer (iss) claim value ({V1}) doesn't match expected value of {V2}", "quarkus-issuer", {"found_issuer": [V1], "expected_issuer": [V2]}),
    Case(
        "AADSTS500131, in JSON with escaped slashes",
        f"The audience in the assertion was 'https:\\/\\/contoso.example\\/orders' (AADSTS500131: the audience in the assertion was '{OTHER}' and the expected audience is 'https:\\/\\/contoso.example\\/orders')",
        "AADSTS500131",
        {"found_audience": [OTHER], "expected_audience": ["https://contoso.example/orders"]},
    ),
    Case("the number of a code in a sign-in log", "Sign-in error code       50020\nUser   ada@contoso.example", "AADSTS50020"),
    Case("the number of a code in an answer", '{"error":"invalid_grant","error_codes":[50013],"trace_id":"x"}', "AADSTS50013"),
    Case("the number of a code in a result", "TimeGenerated=2026-02-01 ResultType=65001 AppDisplayName=Orders", "AADSTS65001"),
    Case("Microsoft Graph, expired", "CompactToken validation failed with reason code: 80049228.", "graph-compact-token-expired"),
    Case("Microsoft Graph, unreadable", "CompactToken parsing failed with error code: 80049217", "graph-compact-token"),
    Case("passport-azure-ad, scope", "authentication failed due to: In Strategy.prototype.jwtVerify: scope is not found in token", "passport-azure-no-scope"),
    Case("Spring's older resource server", f'"Invalid Issuer (iss) claim: {V2}"', "issuer-refused", {"found_issuer": [V2]}),
    Case("go-oidc, audience", f'oidc: expected audience "{API}" got ["spn:{OTHER}"]', "go-oidc-audience", {"found_audience": [f"spn:{OTHER}"], "expected_audience": [API]}),
    Case("go-oidc, audience in JSON", f'{{"msg":"oidc: expected audience \\"{API}\\" got [\\"{OTHER}\\"]"}}', "go-oidc-audience", {"found_audience": [OTHER], "expected_audience": [API]}),
    Case("go-oidc, issuer in JSON", f'{{"level":"error","msg":"oidc: id token issued by a different provider, expected \\"{V2}\\" got \\"{V1}\\""}}', "go-oidc-issuer", {"found_issuer": [V1], "expected_issuer": [V2]}),
    Case(
        "go-oidc, metadata",
        'oidc: issuer did not match the issuer returned by provider, expected "https://login.microsoftonline.com/common/v2.0" got "https://login.microsoftonline.com/{tenantid}/v2.0"',
        "go-oidc-provider",
        {"expected_issuer": ["https://login.microsoftonline.com/common/v2.0"], "metadata_issuer": ["https://login.microsoftonline.com/{tenantid}/v2.0"]},
    ),
    Case("golang-jwt", "http: 401 token has invalid claims: token is expired", "golang-jwt-expired"),
    Case("php-jwt", "PHP Fatal error: Uncaught Firebase\\JWT\\BeforeValidException: Cannot handle token prior to 2026-02-01T08:00:00+0000 in /app/JWT.php:150", "php-jwt-before", {"valid_from": ["2026-02-01T08:00:00+0000"]}),
    Case("league/oauth2 for Azure", "RuntimeException: The client_id / audience is invalid!", "oauth2-azure-audience"),
    Case("ruby-jwt", f"JWT::InvalidAudError (Invalid audience. Expected [\"api://{API}\"], received {OTHER})", "ruby-jwt-audience", {"found_audience": [OTHER], "expected_audience": [f"api://{API}"]}),
    Case("Elixir", 'Expected `alg` in ID Token to be "HS256", got "RS256"', "elixir-alg", {"found_algorithm": ["RS256"], "expected_algorithm": ["HS256"]}),
    Case("Envoy", "[2026-02-01][jwt_authn] Jwks doesn't have key to match kid or alg from Jwt", "envoy-key"),
    Case("oauth2-proxy", f"audience from claim aud with value [{OTHER}] does not match with any of allowed audiences map[{API}:{{}}]", "oauth2-proxy-audience", {"found_audience": [OTHER], "expected_audience": [API]}),
    Case("MSAL for Python, clock", "RuntimeError: 0. The ID token is not yet valid. Make sure your computer's time and time zone are both correct.", "msal-python-not-yet"),
    Case("passport-azure-ad, audience", f'{{"name":"AzureAD: Bearer Strategy","level":30,"msg":"authentication failed due to: jwt audience is invalid. expected: {API},spn:{API}","v":0}}', "passport-azure-audience", {"expected_audience": [API, f"spn:{API}"]}),
    Case("passport-azure-ad, issuer", f"authentication failed due to: jwt issuer is invalid. expected: {V2}", "passport-azure-issuer", {"expected_issuer": [V2]}),
    Case("passport-azure-ad, no token", '{"msg":"authentication failed due to: token is not found","level":30}', "passport-azure-no-token"),
    Case("passport-azure-ad, unknown key", "authentication failed due to: In Strategy.prototype.jwtVerify: We did not receive a token we know how to validate", "passport-azure-unknown-key"),
    Case("passport-azure-ad, /common", "Error: In BearerStrategy constructor: you are using common endpoint, please either set 'validateIssuer' to false, or provide 'issuer' value in options", "passport-azure-common"),
    Case("jsonwebtoken, several audiences", f'{{"name":"JsonWebTokenError","message":"jwt audience invalid. expected: {API} or api://{API}"}}', "jsonwebtoken-audience", {"expected_audience": [API, f"api://{API}"]}),
    Case("jsonwebtoken, when it expired", '{"name":"TokenExpiredError","message":"jwt expired","expiredAt":"2026-02-01T08:00:00.000Z"}', "jsonwebtoken-expired", {"valid_to": ["2026-02-01T08:00:00.000Z"]}),
    Case("jose for JavaScript, claim beside the code", '{"code":"ERR_JWT_CLAIM_VALIDATION_FAILED","claim":"iss","reason":"check_failed"}', "jose-code-iss", {"claim": ["iss"]}),
    Case("express-oauth2-jwt-bearer", "InvalidTokenError: Unexpected 'aud' value", "express-oauth2-aud", {"claim": ["aud"]}),
    Case("openid-client, audience", f"RPError: aud mismatch, expected {API}, got: {OTHER}", "openid-client-audience", {"found_audience": [OTHER], "expected_audience": [API]}),
    Case("openid-client, key", f'RPError: no valid key found in issuer\'s jwks_uri for key parameters {{"kid":"{KID}","alg":"RS256"}}', "openid-client-no-key", {"kid": [KID]}),
    Case("Auth.js with /common", '[auth][error] OperationProcessingError: "response" body "issuer" property does not match the expected value', "oauth4webapi-metadata-issuer"),
    Case("Auth.js, older", '[auth][cause]: OperationProcessingError: "response" body "issuer" does not match "expectedIssuer"', "oauth4webapi-metadata-issuer"),
    Case("Fastify", "FastifyError: Authorization token is invalid: The iss claim value is not allowed.", "fast-jwt-iss"),
    Case("Spring Security, a claim of one's own", "An error occurred while attempting to decode the Jwt: The tid claim is not valid", "spring-claim", {"claim": ["tid"]}),
    Case("Spring Security, metadata", 'java.lang.IllegalStateException: The Issuer "https://login.microsoftonline.com/{tenantid}/v2.0" provided in the configuration metadata did not match the requested issuer "https://login.microsoftonline.com/common/v2.0"', "spring-issuer-differs", {"expected_issuer": ["https://login.microsoftonline.com/common/v2.0"], "metadata_issuer": ["https://login.microsoftonline.com/{tenantid}/v2.0"]}),
    Case("Spring Security, ID token of another client", f"[invalid_id_token] The ID Token contains invalid claims: {{aud=[{OTHER}]}}", "spring-id-token-audience"),
    Case("Nimbus, ID token", f"com.nimbusds.jwt.proc.BadJWTException: Unexpected JWT audience: [{OTHER}]", "nimbus-claim-aud", {"found_audience": [OTHER]}),
    Case("Nimbus, audience", f"JWT aud claim has value [{OTHER}], must be [{API}]", "nimbus-claim-aud", {"found_audience": [OTHER], "expected_audience": [API]}),
    Case("JJWT, as Databricks answers", "io.jsonwebtoken.IncorrectClaimException: Expected aud claim to be: 2ff814a6-3304-4ab8-85cb-cd0e6f879c1d, but was: https://management.core.windows.net/.", "jjwt-audience", {"found_audience": ["https://management.core.windows.net/"], "expected_audience": ["2ff814a6-3304-4ab8-85cb-cd0e6f879c1d"]}),
    Case("JJWT, issuer", f"io.jsonwebtoken.IncorrectClaimException: Expected iss claim to be: {V2}, but was: {V1}.", "jjwt-issuer", {"found_issuer": [V1], "expected_issuer": [V2]}),
    Case("jose4j, expired", "[[1] The JWT is no longer valid - the evaluation time NumericDate{1769855525 -> Jan 31, 2026 10:32:05 AM UTC} is on or after the Expiration Time (exp=NumericDate{1769852372 -> Jan 31, 2026 9:39:32 AM UTC}) claim value.]", "jose4j-expired", {"valid_to": ["1769852372"], "current_time": ["1769855525"]}),
    Case("Vert.x", f'Invalid JWT audience. expected: ["{API}"]', "vertx-audience", {"expected_audience": [API]}),
    Case("java-jwt, key", f"com.auth0.jwk.SigningKeyNotFoundException: No key found in https://login.microsoftonline.com/common/discovery/v2.0/keys with kid {KID}", "java-jwks-no-key", {"kid": [KID]}),
    Case("joserfc, audience", "joserfc.errors.InvalidClaimError: invalid_claim: Invalid claim: 'aud'", "authlib-claim-aud", {"claim": ["aud"]}),
    Case("joserfc, missing claim", "joserfc.errors.MissingClaimError: missing_claim: Missing claim: 'nonce'", "authlib-missing-claim", {"claim": ["nonce"]}),
    Case("django-auth-adfs", "User claim's doesn't have the claim 'upn' in his claims: {'aud': 'x'}", "django-adfs-claim", {"claim": ["upn"]}),
    Case("golang-jwt, claim", "token has invalid claims: token is missing required claim: aud claim is required", "golang-jwt-claim", {"claim": ["aud"]}),
    Case("golang-jwt, Bearer parsed as well", "token is malformed: tokenstring should not contain 'bearer '", "golang-jwt-bearer"),
    Case("jwx, in JSON", '{"error":"\\"aud\\" not satisfied"}', "jwx-audience"),
    Case("jwx, key", f'failed to find key with key ID "{KID}" in key set', "jwx-key", {"kid": [KID]}),
    Case("go-jose, issuer", "go-jose/go-jose/jwt: validation failed, invalid issuer claim (iss)", "go-jose-issuer"),
    Case("Kubernetes, required claim", "oidc: required claim tid not present in ID token", "kubernetes-required-missing", {"claim": ["tid"]}),
    Case("Vault, groups", '"groups" claim not found in token', "vault-groups", {"claim": ["groups"]}),
    Case("Grafana", "error getting user info: user not a member of one of the required groups", "grafana-groups"),
    Case("Envoy's response code details", "response_code_details: jwt_authn_access_denied{Audiences_in_Jwt_are_not_allowed}", "envoy-audience"),
    Case("Envoy's access log, key", "jwt_authn_access_denied{Jwks_doesn't_have_key_to_match_kid_or_alg_from_Jwt}", "envoy-key"),
    Case("Kong", f"[openid-connect] required audience was not found [ {OTHER} ]", "kong-oidc-audience", {"found_audience": [OTHER]}),
    Case("Perl", "JWT: aud claim scalar check failed at app.pl line 7.", "perl-audience", {}),
    Case("Grafana", "level=warn msg=\"[jwt.invalid] failed to verify JWT: no keys found\"", "grafana-jwt", {}),
    Case("nginx with OpenID Connect", f"OIDC ID Token validation error: aud claim ({OTHER}) does not include configured $oidc_client ({API})", "nginx-js-audience", {"found_audience": [OTHER], "expected_audience": [API]}),
    Case("lua-resty-openidc", f'issuer "{V1}" in id_token is not equal to the issuer from the discovery document "{V2}"', "nginx-resty", {"found_issuer": [V1], "metadata_issuer": [V2]}),
    Case("mod_auth_openidc", f'oidc_proto_validate_jwt: requested issuer ({V2}) does not match received "iss" value in id_token ({V1})', "modauthopenidc-issuer", {"found_issuer": [V1], "expected_issuer": [V2]}),
    Case("openidconnect for Rust", f"InvalidAudience(\"`{OTHER}` does not match the expected audience `{API}`\")", "rust-openidconnect-audience", {"found_audience": [OTHER], "expected_audience": [API]}),
    Case("values in words that any product may use", f"auth: issuer mismatch, expected {V2}, got {V1}", "issuer-refused", {"found_issuer": [V1], "expected_issuer": [V2]}),
    Case("a constant of an unknown program", '{"code":"JWT_INVALID_AUDIENCE"}', "audience-name"),
    Case("a class of an unknown program", "com.contoso.auth.IssuerMismatchException: refused", "issuer-name"),
    Case("an identifier with dashes", '{"error":"jwt-expired"}', "expired-name"),
    Case("a sentence with both audiences", f"Token audience {OTHER} does not match expected audience api://{API}", "audience-words", {"found_audience": [OTHER], "expected_audience": [f"api://{API}"]}),
    Case("audience not in a list", f"audience '{OTHER}' not in ['{API}', 'api://{API}']", "audience-words", {"found_audience": [OTHER], "expected_audience": [API, f"api://{API}"]}),
    Case("audiences as pairs", f"token rejected: aud={OTHER}, expected={API}", "audience-words", {"found_audience": [OTHER], "expected_audience": [API]}),
    Case("audiences in JSON", f'{{"level":"warn","msg":"invalid audience","aud":"{OTHER}","expected":"{API}"}}', "audience-refused", {"found_audience": [OTHER], "expected_audience": [API]}),
    Case("audience in a full sentence", f"Audience not allowed: {OTHER}. Expected one of: {API}", "audience-refused", {"found_audience": [OTHER], "expected_audience": [API]}),
    Case("issuer got and wanted", f"iss mismatch: got {V1}, want {V2}", "issuer-words", {"found_issuer": [V1], "expected_issuer": [V2]}),
    Case("issuer in brackets", f"token issuer ({V1}) is not in the list of trusted issuers ({V2})", "issuer-words", {"found_issuer": [V1], "expected_issuer": [V2]}),
    Case("scope that a sentence asks for", "Token lacks required scope orders.read", "scope-words", {"scope": ["orders.read"]}),
    Case("role that a sentence asks for", "role 'Orders.Read' is required", "role-words", {"role": ["Orders.Read"]}),
    Case("MSAL for JavaScript, lost answer", "BrowserAuthError: hash_empty_error: Hash value cannot be processed because it is empty.", "msal-js-hash"),
    Case("MSAL for JavaScript, in JSON", '{"errorCode":"multiple_matching_tokens","name":"ClientAuthError"}', "msal-js-multiple"),
    Case("Azure Identity, command line", "AzureCliCredential: Please run 'az login' to set up an account", "azure-identity-cli"),
    Case("Storage without a token", "<Error><Code>NoAuthenticationInformation</Code></Error>", "storage-no-authentication"),
    Case("Cosmos DB, data plane", "(Forbidden) Request blocked by Auth shop : The given request [POST /dbs] cannot be authorized by AAD token in data plane.", "cosmos-data-plane"),
    Case("express-oauth2-jwt-bearer is not Azure Monitor", "InvalidTokenError: Unexpected 'iss' value", "express-oauth2-bearer", {"claim": ["iss"]}),
    Case("Ocelot", "ScopeNotAuthorizedError: no one user scope: 'openid' match with some allowed scope: 'orders.read'", "ocelot-scope"),
    Case("Blazor", "Microsoft.AspNetCore.Components.WebAssembly.Authentication.AccessTokenNotAvailableException: ''", "blazor-no-token"),
    Case("RabbitMQ", '{error,{invalid_aud,{resource_id_not_found_in_aud,<<"rabbitmq">>,[<<"api://orders">>]}}}', "rabbitmq-audience"),
    Case("Strimzi", f"Token validation failed: Token issuer not allowed: {V1}", "strimzi-issuer", {"found_issuer": [V1]}),
    Case("Crypt::JWT for Perl", "JWT: aud claim check failed", "perl-audience"),
    Case("refused without a reason", "[warn] Access token verification failed", "token-refused-words"),
    Case(
        "Auth.js, what it compared",
        """[auth][cause]: OperationProcessingError: "response" body "issuer" property does not match the expected value
    at OPE (/app/node_modules/oauth4webapi/build/index.js:252:15)
[auth][details]: {
  "expected": "https://login.microsoftonline.com/common/v2.0",
  "body": { "issuer": "https://login.microsoftonline.com/{tenantid}/v2.0" }
}""",
        "oauth4webapi-metadata-issuer",
        {"expected_issuer": ["https://login.microsoftonline.com/common/v2.0"], "metadata_issuer": ["https://login.microsoftonline.com/{tenantid}/v2.0"]},
    ),
    Case("Joken, key", "{:error, :kid_does_not_match}", "joken-key"),
    Case("a claim that a sentence misses", "Token does not contain preferred_username claim", "claim-words", {"claim": ["preferred_username"]}),
    Case("no scp", "Token has no scp claim", "scope-claim-words", {"claim": ["scp"]}),
    Case("keys that cannot be fetched", "Failed to fetch JWKS: connect ETIMEDOUT 10.0.0.4:443", "metadata-words"),
    Case("a group that is required", "User is not a member of the required group", "group-words"),
    Case("a constant with a long prefix", "code=AUTH_ERR_JWT_SIGNATURE_INVALID", "signature-name"),
    Case("a proxy that opens TLS", "javax.net.ssl.SSLHandshakeException: PKIX path building failed: unable to find valid certification path to requested target", "tls-untrusted"),
    Case("words that any product may use", "gateway: request refused, wrong audience", "audience-refused"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_error_is_recognised_with_its_values(case: Case) -> None:
    mentions = [mention for mention in recognise(case.text) if mention.entry.id == case.id]
    assert mentions, [mention.entry.id for mention in recognise(case.text)]
    found = {name: [value.text for value in values] for name, values in mentions[0].values.items()}

    assert {name: found.get(name) for name in case.values} == case.values


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_spans_lie_where_the_words_stand(case: Case) -> None:
    for mention in recognise(f"première ligne 😀\n{case.text}"):
        assert 0 <= mention.span.start < mention.span.end
        for values in mention.values.values():
            for value in values:
                assert 0 <= value.span.start <= value.span.end <= len(case.text) + 20


def test_the_span_of_a_value_is_the_value() -> None:
    text = f"IDX10214: Audience validation failed. Audiences: 'api://{API}'. Did not match: validationParameters.ValidAudience: '{API}'"
    (mention,) = recognise(text)

    value = mention.values["found_audience"][0]
    assert value.span.slice(text) == value.text == f"api://{API}"


@pytest.mark.parametrize(
    "marker",
    [
        "[PII is hidden]",
        "[PII of type 'System.String' is hidden. For more details, see https://aka.ms/IdentityModel/PII.]",
        "#ScrubbedArtifact#",
    ],
)
def test_a_hidden_value_is_known_to_be_one(marker: str) -> None:
    text = f"IDX10214: Audience validation failed. Audiences: '{marker}'. Did not match: validationParameters.ValidAudience: '{marker}' or validationParameters.ValidAudiences: 'null'."
    (mention,) = recognise(text)

    assert mention.values["found_audience"][0].hidden
    assert mention.first("found_audience") is None


def test_words_of_prose_can_be_left_out() -> None:
    assert [mention.entry.id for mention in recognise("jwt expired; AADSTS50126: no", loose=False)] == ["AADSTS50126"]


def test_of_two_codes_each_has_its_own_values() -> None:
    text = f"AADSTS700016: Application with identifier '{API}' was not found in the directory 'One'.\nAADSTS700016: Application with identifier '{OTHER}' was not found in the directory 'Two'."
    first, second = recognise(text)

    assert [value.text for value in second.values["application"]] == [OTHER]
    assert first.values["application"][0].text == API


def test_settings_behind_an_error_are_no_values_of_the_token() -> None:
    text = f"JsonWebTokenError: invalid signature\noptions: {{ audience: 'api://{API}', issuer: '{V2}' }}"

    assert all(not {"found_audience", "found_issuer"} & set(mention.values) for mention in recognise(text))


def test_a_token_is_never_a_value() -> None:
    text = "Wrong audience: eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJhIn0.c2ln"

    assert all(
        "eyJ" not in value.text for mention in recognise(text) for values in mention.values.values() for value in values
    )


@pytest.mark.parametrize(
    "prose",
    [
        "The audience of this talk was large, and its issuer of tickets was slow.",
        "Our API checks the audience and the issuer of each token before it looks at scopes and roles.",
        "Tokens expire after an hour; the client asks for a new one.",
        "GET /orders 200 OK in 12 ms, user authenticated, token validated",
        "Set ValidAudience to the Application ID URI, and Authority to the tenant.",
        "def verify(token, audience, issuer): return jwt.decode(token, key, audience=audience, issuer=issuer)",
        "The signature of the contract has to be on page two. The key is under the mat.",
        "resource 'azurerm_api_management' 'gateway' { location = 'westeurope' }",
        "scopes: openid profile email; roles: Reader, Writer",
        "Copyright 2026 Contoso. Permission is hereby granted, free of charge.",
        "IDX and AADSTS are prefixes of codes.",
        "https://login.microsoftonline.com/common/oauth2/v2.0/authorize?client_id=1&scope=openid",
        "JWT validation configured: audience=api://orders issuer=https://login.microsoftonline.com/common/v2.0",
        "Token validated. aud=api://orders iss=https://sts.windows.net/contoso/ exp=1769932000",
        "Expected audience: api://orders",
        "Access token is missing from cache, acquiring a new one",
        "role Admin granted; scopes required by /orders are checked; signature is valid",
        "@jwt_required() def orders(): ...; args: --oidc-required-claim=tid=contoso --no-auth",
        "KeyNotFoundException is handled; user_not_active",
        "case 'TOKEN_EXPIRED': const INVALID_AUDIENCE = 'INVALID_AUDIENCE'; if (error.code === 'jwt-issuer-mismatch') new InvalidSignatureError()",
        "JWKS fetched from https://login.microsoftonline.com/common/discovery/v2.0/keys; OpenID configuration loaded",
        "User is a member of the required group; no roles configured; claim mapping: email",
    ],
)
def test_prose_without_errors_mentions_none(prose: str) -> None:
    assert recognise(prose) == ()


@given(
    st.text(
        alphabet=st.sampled_from("IDX10214AADSTS50013:'\"\\ \n&#39;audienceissuer{}[]token was expired"), max_size=300
    )
)
def test_any_text_is_read_without_failing(text: str) -> None:
    mentions = recognise(text)

    assert [mention.span for mention in mentions] == sorted(mention.span for mention in mentions)


def test_a_text_full_of_errors_is_read_up_to_a_bound() -> None:
    assert len(recognise("IDX10214: Audience validation failed.\n" * (MAXIMUM_MENTIONS * 3))) == MAXIMUM_MENTIONS


@pytest.mark.parametrize(
    "hostile",
    [
        "Audiences: '" * 20_000,
        "audience " * 30_000,
        "IDX10214: " + "'" * 200_000,
        "issuer 'x" * 30_000,
        "kid " * 60_000,
    ],
    ids=["audiences", "audience", "quotes", "issuer", "kid"],
)
def test_hostile_text_takes_time_in_proportion_to_its_size(hostile: str) -> None:
    started = time.process_time()
    recognise(hostile[: len(hostile) // 4])
    quarter = time.process_time() - started
    started = time.process_time()
    recognise(hostile)
    whole = time.process_time() - started

    assert whole < 12 * max(quarter, 0.05)
