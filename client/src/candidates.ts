/**
 * The cheap question asked of every open document: could there be anything in it that the server knows about?
 *
 * A wrong yes costs one start of the server, a wrong no costs the user everything; so the patterns are wide. Each is a
 * fixed beginning with bounded repetition, so that the test is linear in the text.
 */

/** Signs of errors of token validation, as they stand in logs and responses; the server looks for the same. */
const ERROR_SIGNS: readonly RegExp[] = [
  /IDX[0-9]{5}/,
  /AADSTS[0-9]{4}/,
  /AADB2C[0-9]{5}/,
  /AKV[0-9]{5}/,
  /IDW[0-9]{5}/,
  /ERR_J[WO]/,
  /error="in[sv]/,
  /TokenError: /,
  /UnauthorizedErr/,
  /JwtException/,
  /JOSEException/,
  /jwt\.exceptions/,
  /jose\.e[rx]/,
  /oidc: [a-z]/,
  /token is [mu]/,
  /token has inv/,
  /token signature /,
  /Jwt (?:is|ve)/,
  /Audiences in Jwt/,
  /Jwks doesn/,
  /InvalidAuth/,
  /Authorization_Re/,
  /wrong audience/,
  /JWT [VvNn][a-z]/,
  /Continuous acces/,
  /Authorization fa/,
  /authenticationSc/,
];

/** What is looked for. The server's own patterns are stricter; a test holds these to be wider. */
const PATTERNS: readonly RegExp[] = [
  // The base64url of `{"` or `{ `, as nearly every token begins; it may be cut off soon after.
  /ey[A-DI-L][\w-]{5}/,
  // The same with other blanks and line breaks. Words such as Hewlett hold these three letters: more has to follow.
  /(?:ew[klo01]|I(?:C[AB]|A[klop01]|Hs)|C(?:[Si][AB]|[Qg][klop01]|[Xn]s)|D(?:S[AB]|Q[klop01]|Xs))[\w-]{12}/,
  // A token printed decoded, and a JSON Web Key.
  /["'](?:alg|kty)\\?["']\s{0,8}:/,
  // The root of an Azure API Management policy or policy fragment, which JSON may escape, and policies without one.
  /(?:<|\\u003c)(?:policies|fragment)[\s>\\]/i,
  /<(?:inbound|validate-|authentication-|set-(?:header|variable|body|backend)|include-fragment|return-response)/,
  // Templates that declare policies and what they refer to; settings that say which tokens are accepted.
  /Microsoft\.ApiManagement\/|azurerm_api_management|["']AzureAd(?:B2C)?["']/,
  ...ERROR_SIGNS,
];

/** Tell whether the server may have something to say about this text. */
export function holdsCandidate(text: string): boolean {
  return PATTERNS.some((pattern) => pattern.test(text));
}
