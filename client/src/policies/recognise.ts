/** Tells by its text whether a document is an API Management policy. */

/** What is looked at: a root stands near the beginning. */
const BEGINNING = 20_000;

/** A root with a section or a policy's typical child in it; comments and templates may stand before it. */
const POLICY = /<policies\s*>[\s\S]{0,4000}?<(?:inbound|backend|outbound|on-error)\s*\/?>/;
const FRAGMENT =
  /<fragment\s*>[\s\S]{0,4000}?<(?:base|choose|cors|set-[a-z-]+|validate-[a-z-]+|rate-limit[a-z-]*|send-request|authentication-[a-z-]+|cache-[a-z-]+|return-response|include-fragment)[\s/>]/;

/** Tell whether this is the text of a policy or a policy fragment. The server judges more finely; this is for offers. */
export function isPolicy(text: string): boolean {
  const beginning = text.slice(0, BEGINNING);
  return POLICY.test(beginning) || FRAGMENT.test(beginning);
}
