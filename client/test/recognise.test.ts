import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isPolicy } from '../src/policies/recognise';

for (const text of [
  '<policies>\n  <inbound>\n    <base />',
  '\ufeff<!-- ours -->\n<policies><backend/></policies>',
  '<fragment>\n  <set-header name="x" />\n</fragment>',
]) {
  test(`a policy: ${text.slice(0, 30)}`, () => {
    assert.ok(isPolicy(text));
  });
}

for (const text of [
  '<project><inbound/></project>',
  '<policies><policy name="mapred" /></policies>',
  '<fragment xmlns="urn:x"><layout /></fragment>',
  '<configuration><inbound /></configuration>',
]) {
  test(`no policy: ${text.slice(0, 30)}`, () => {
    assert.ok(!isPolicy(text));
  });
}

test('a long document is no burden', () => {
  const begin = performance.now();
  assert.ok(!isPolicy('<policies>'.repeat(2_000) + '<fragment> '.repeat(500_000)));
  assert.ok(performance.now() - begin < 2_000);
});
