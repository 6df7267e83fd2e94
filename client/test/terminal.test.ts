import assert from 'node:assert/strict';
import { test } from 'node:test';

import { reads, waits } from '../src/terminal';

for (const [shell, language] of [
  ['/bin/bash', 'shellscript'],
  ['/usr/bin/zsh', 'shellscript'],
  ['C:\\Program Files\\Git\\bin\\bash.exe', 'shellscript'],
  ['C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe', 'powershell'],
  ['/opt/microsoft/powershell/7/pwsh', 'powershell'],
  ['PWSH.EXE', 'powershell'],
] as const) {
  test(`${shell} reads ${language} and nothing else`, () => {
    assert.ok(reads(shell, language));
    assert.ok(!reads(shell, language === 'powershell' ? 'shellscript' : 'powershell'));
  });
}

test('other shells, and what is no shell, read neither', () => {
  for (const shell of ['cmd.exe', '/usr/bin/fish', 'nu', 'node', '', undefined]) {
    assert.ok(!reads(shell, 'shellscript') && !reads(shell, 'powershell'), String(shell));
  }
  assert.ok(!reads('bash', 'kusto'));
});

test('only what cannot end a line or act as a key waits at the prompt', () => {
  assert.ok(waits("az login --tenant 'contoso' # ü"));
  for (const text of ['az\n', 'az\r', 'a\r\nb', 'a\tb', 'a\u0003', 'a\u001b[201~', 'a\u0085b']) {
    assert.ok(!waits(text), JSON.stringify(text));
  }
});
