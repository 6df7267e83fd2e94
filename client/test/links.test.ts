import assert from 'node:assert/strict';
import { test } from 'node:test';

import { followable } from '../src/links';
import { Uri, workspace } from './vscode';

test('links into the first folder become paths in it; others are named only', () => {
  workspace.workspaceFolders = [{ uri: Uri.parse('file:///home/a%20b') }];
  const report = [
    '- [policy&#46;xml, line 3](<file:///home/a%20b/api/policy%20(1).xml#L3>): `x`',
    '- [other, line 1](<file:///home/a%20bc/other.xml#L1>)',
    '[Read more](<https://learn.microsoft.com/>)',
  ].join('\n');
  assert.equal(
    followable(report),
    [
      '- [policy&#46;xml, line 3](</api/policy%20(1).xml#L3>): `x`',
      '- other, line 1',
      '[Read more](<https://learn.microsoft.com/>)',
    ].join('\n'),
  );
});

test('without a folder nothing is a link', () => {
  workspace.workspaceFolders = undefined;
  assert.equal(followable('[a, line 1](<file:///a#L1>)'), 'a, line 1');
});
