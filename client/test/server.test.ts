import assert from 'node:assert/strict';
import { test } from 'node:test';

import { diagnosticInformation } from '../src/diagnosticInformation';
import { CrashLimit } from '../src/server/crashLimit';
import { isServed } from '../src/server/documents';
import { RestartQueue } from '../src/server/restartQueue';
import { Uri } from './vscode';

test('ten wishes to restart at once make two restarts, one after the other', async () => {
  let running = 0;
  let restarts = 0;
  const queue = new RestartQueue(async () => {
    running += 1;
    assert.equal(running, 1);
    restarts += 1;
    await new Promise(setImmediate);
    running -= 1;
  });
  await Promise.all(Array.from({ length: 10 }, () => queue.request()));
  assert.equal(restarts, 2);
});

test('a wish that comes during a restart is fulfilled by one that begins later', async () => {
  const seen: string[] = [];
  let setting = 'old';
  const queue = new RestartQueue(async () => {
    seen.push(setting);
    await new Promise(setImmediate);
  });
  const first = queue.request();
  setting = 'new';
  await Promise.all([first, queue.request()]);
  assert.deepEqual(seen, ['old', 'new']);
});

test('after a restart the queue takes the next wish, and is settled meanwhile', async () => {
  let restarts = 0;
  const queue = new RestartQueue(() => {
    restarts += 1;
    return Promise.resolve();
  });
  await queue.settled();
  await queue.request();
  await queue.request();
  assert.equal(restarts, 2);
});

test('a server may crash four times in three minutes, not five', () => {
  const limit = new CrashLimit();
  const minute = 60_000;
  assert.deepEqual(
    [0, 1, 2, 3, 4].map((second) => limit.mayRestart(second * 1000)),
    [true, true, true, true, false],
  );
  assert.ok(limit.mayRestart(4 * minute), 'old crashes are forgotten');
});

test('a restart by the user forgets the crashes', () => {
  const limit = new CrashLimit(1);
  assert.ok(limit.mayRestart(0));
  assert.ok(!limit.mayRestart(1));
  limit.reset();
  assert.ok(limit.mayRestart(2));
});

test('any scheme is served, except our own documents and the inputs of the editor', () => {
  const served = (text: string) => isServed({ uri: Uri.parse(text) as never });
  const yes = [
    'file:///a.http',
    'untitled:Untitled-1',
    'vscode-vfs://github/a/b',
    'output:extension-output-rest-client',
  ];
  const no = ['claimlens:/Token.md?1', 'output:extension-output-claimlens.claimlens-%231-Claimlens', 'vscode-scm:git'];
  assert.deepEqual([yes.map(served), no.map(served)], [yes.map(() => true), no.map(() => false)]);
});

test('diagnostic information says why nothing runs', () => {
  const rejections = [
    { candidate: '/usr/bin/python3 (PATH)', reason: 'Python 3.9.2 is older than 3.11', wanted: false },
  ];
  const text = diagnosticInformation({
    extension: '0.1.0',
    editor: 'VS Code 1.100.0',
    remote: undefined,
    platform: 'linux x64',
    trusted: false,
    state: { kind: 'failed', reason: 'No suitable Python was found', resolution: { launch: undefined, rejections } },
    answer: undefined,
  });
  assert.equal(
    text,
    `Claimlens 0.1.0
Editor: VS Code 1.100.0
Platform: linux x64
Workspace trusted: no
Server: failed
Reason: No suitable Python was found
Not used: /usr/bin/python3 (PATH): Python 3.9.2 is older than 3.11
`,
  );
});
