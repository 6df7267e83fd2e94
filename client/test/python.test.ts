import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { after, test } from 'node:test';

import { onPath } from '../src/python/onPath';
import { probe, read } from '../src/python/probe';

const folder = mkdtempSync(path.join(tmpdir(), 'claimlens-probe-'));
after(() => {
  rmSync(folder, { recursive: true });
});

function program(name: string, text: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, `#!/bin/sh\n${text}\n`);
  chmodSync(file, 0o755);
  return file;
}

const ask = (command: string) => probe({ command, args: [], source: 'test' }, folder);

test('the PATH: the absolute folders that have the program, in order', () => {
  const exists = (file: string) => ['/b/python3', '/c/python3', 'python3', '/folder/python3'].includes(file);
  assert.deepEqual(onPath('python3', { PATH: ':.:bin:/a:/b:/c' }, 'linux', exists), ['/b/python3', '/c/python3']);
  assert.deepEqual(onPath('python3', { PATH: '' }, 'linux', exists), []);
  assert.deepEqual(onPath('python3', {}, 'linux', exists), []);
});

test('the PATH: Windows spells the variable in any case and adds .exe', () => {
  const exists = (file: string) => file === 'C:\\Python\\python.exe';
  assert.deepEqual(onPath('python', { Path: '.;C:\\Windows;C:\\Python' }, 'win32', exists), ['C:\\Python\\python.exe']);
});

test('a probe reads what Python answers', () => {
  assert.deepEqual(read('/usr/bin/python3\n3 11 2\n'), { executable: '/usr/bin/python3', version: [3, 11, 2] });
  assert.deepEqual(read('C:\\py thon\\python.exe\r\n3 14 0\r\n'), {
    executable: 'C:\\py thon\\python.exe',
    version: [3, 14, 0],
  });
});

for (const answer of ['', 'Python 3.11.2', '/usr/bin/python3\n3 11', 'welcome\n/usr/bin/python3\n3 11 2']) {
  test(`a probe refuses ${JSON.stringify(answer)}`, () => {
    assert.ok('problem' in read(answer));
  });
}

if (process.platform !== 'win32') {
  test('a probe says what went wrong and never rejects', async () => {
    const outcomes = [
      await ask(path.join(folder, 'missing')),
      await ask(program('fails', 'exit 3')),
      await ask(program('chatty', 'echo Python was not found')),
    ];
    const problems = outcomes.map((outcome) => ('problem' in outcome ? outcome.problem : 'none'));
    assert.deepEqual(problems, [
      'cannot be started (ENOENT)',
      'cannot be started (3)',
      'does not answer as Python does',
    ]);
  });

  test('a probe isolates the interpreter it asks', async () => {
    const outcome = await ask(program('echoes', 'echo "$1$2$3$4"; echo 3 11 2'));
    assert.deepEqual(outcome, { executable: '-I-S-Xutf8', version: [3, 11, 2] });
  });
}
