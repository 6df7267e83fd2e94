import assert from 'node:assert/strict';
import { test } from 'node:test';

import { holdsCandidate } from '../src/candidates';

const encode = (text: string) => Buffer.from(text).toString('base64url');

test('every way to begin a header is a candidate', () => {
  const blanks = ['', ' ', '\n', '\r\n', '\t', '  ', '\n  ', '\r\n\t'];
  for (const before of blanks) {
    for (const after of blanks) {
      const header = encode(`${before}{${after}"alg":"RS256"}`);
      assert.ok(holdsCandidate(`x=${header}.e30.`), JSON.stringify([before, after, header]));
    }
  }
});

for (const text of [
  '{"alg":"RS256","typ":"JWT"}.{"iss":"https://sts.windows.net/"}.[Signature]',
  "{'alg': 'RS256'}.{}",
  '{"keys":[{"kty" : "RSA"}]}',
  String.raw`"{\"alg\":\"none\"}"`,
  '<policies>\n  <inbound />',
  '<fragment>',
  'fail: IDX10214: Audience validation failed.',
  '{"error_description":"AADSTS500011: The resource principal was not found."}',
  '<POLICIES xmlns="x">',
  String.raw`{"value": "\u003cpolicies\u003e"}`,
  '```xml\n<validate-jwt header-name="Authorization">\n```',
  "resource service 'Microsoft.ApiManagement/service@2024-05-01' existing = {",
  '{"AzureAd": {"ClientId": "x "}}',
  'JsonWebTokenError: jwt malformed',
  'WWW-Authenticate: Bearer error="invalid_token"',
]) {
  test(`a candidate: ${text.slice(0, 30)}`, () => {
    assert.ok(holdsCandidate(text));
  });
}

for (const text of [
  '',
  'Nothing to see here.',
  'eyJ is how tokens begin',
  'firewood by Hewlett-Packard',
  'an algorithm, "a policy", <policy> and <fragments-list>',
  'import { PolicyFragment } from "./policies";',
]) {
  test(`no candidate: ${text.slice(0, 30)}`, () => {
    assert.ok(!holdsCandidate(text));
  });
}

test('the time is linear in the text', () => {
  const shapes = ['ey', 'eyJa.', 'ewoabcdefghij.', '"alg"   ', '"kty"', '<policies', "'alg'        ", 'A'];
  for (const shape of shapes) {
    const text = shape.repeat(Math.ceil(4_000_000 / shape.length));
    const begin = process.cpuUsage();
    assert.ok(!holdsCandidate(text));
    const { user } = process.cpuUsage(begin);
    assert.ok(user < 2_000_000, `${shape}: ${String(user)} µs`);
  }
});
