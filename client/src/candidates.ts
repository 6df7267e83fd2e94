/**
 * The cheap question asked of every open document: could there be anything in it that the server knows about?
 *
 * A wrong yes costs one start of the server, a wrong no costs the user everything; so the patterns are wide. Each is a
 * fixed beginning with bounded repetition, so that the test is linear in the text.
 */

/** What is looked for. The server's own patterns are stricter; a test holds these to be wider. */
const PATTERNS: readonly RegExp[] = [
  // The base64url of `{"` or `{ `, as nearly every token begins; it may be cut off soon after.
  /ey[A-DI-L][\w-]{5}/,
  // The same with other blanks and line breaks. Words such as Hewlett hold these three letters: more has to follow.
  /(?:ew[klo01]|I(?:C[AB]|A[klop01]|Hs)|C(?:[Si][AB]|[Qg][klop01]|[Xn]s)|D(?:S[AB]|Q[klop01]|Xs))[\w-]{12}/,
  // A token printed decoded, and a JSON Web Key.
  /["'](?:alg|kty)\\?["']\s{0,8}:/,
  // The root of an Azure API Management policy or policy fragment.
  /<(?:policies|fragment)[\s>]/i,
  // An error code of token validation, as it stands in logs and responses.
  /\b(?:IDX\d{5}|AADSTS\d{4}|AADB2C\d{5})/,
];

/** Tell whether the server may have something to say about this text. */
export function holdsCandidate(text: string): boolean {
  return PATTERNS.some((pattern) => pattern.test(text));
}
