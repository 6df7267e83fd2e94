/** Writes a command to the prompt of a terminal, where it waits for the user to read it and to run it. */

import { existsSync } from 'node:fs';

import * as vscode from 'vscode';

import { notify } from './notify';
import { onPath } from './python/onPath';

/** By the language of a command, the shells that read it, the usual one first. */
const SHELLS: Readonly<Record<string, readonly string[]>> = {
  shellscript: ['bash', 'zsh', 'gitbash'],
  powershell: ['pwsh', 'powershell'],
};

/** How long a new shell may take until its prompt, in milliseconds. */
const PROMPT_TIMEOUT = 3_000;

interface ShellIntegration {
  readonly onDidChangeTerminalShellIntegration?: vscode.Event<{ readonly terminal: vscode.Terminal }>;
}

/** Tell whether a shell, given by its name or its program, reads commands of a language. */
export function reads(shell: string | undefined, language: string): boolean {
  const program = shell?.split(/[\\/]/).at(-1) ?? '';
  return SHELLS[language]?.includes(program.toLowerCase().replace(/\.exe$/, '')) ?? false;
}

/** Tell whether a text stays at the prompt: a line break runs it, and other control characters act as keys. */
export function waits(text: string): boolean {
  return !/[\u0000-\u001f\u007f-\u009f]/.test(text);
}

/** Write a command to a terminal whose shell reads its language, the active one if it does. */
export async function writeToTerminal(command: string, language: string): Promise<void> {
  if (!waits(command)) {
    await notify('warning', vscode.l10n.t('A terminal would run this at its first line break. Copy it instead.'));
    return;
  }
  const open = [vscode.window.activeTerminal, ...vscode.window.terminals];
  const found = open.find((each) => each !== undefined && isFree(each, language));
  const terminal = found ?? create(language);
  if (terminal === undefined) {
    const shell = SHELLS[language]?.[0] ?? language;
    await notify('warning', vscode.l10n.t('There is no {0} here to write this to. Copy it instead.', shell));
    return;
  }
  terminal.show();
  if (found === undefined) {
    await prompted(terminal);
  }
  terminal.sendText(command, false);
}

function isFree(terminal: vscode.Terminal, language: string): boolean {
  const { shell } = terminal.state as { readonly shell?: string }; // since VS Code 1.99, and only while it is a shell
  return terminal.exitStatus === undefined && reads(shell, language);
}

function create(language: string): vscode.Terminal | undefined {
  if (reads(vscode.env.shell, language)) {
    return vscode.window.createTerminal({ name: 'Claimlens' });
  }
  const [shellPath] = (SHELLS[language] ?? []).flatMap((name) =>
    onPath(name, process.env, process.platform, existsSync),
  );
  return shellPath === undefined ? undefined : vscode.window.createTerminal({ name: 'Claimlens', shellPath });
}

/** Wait for the prompt of a new terminal, if the editor tells of it: what is written before is drawn twice. */
async function prompted(terminal: vscode.Terminal): Promise<void> {
  const { onDidChangeTerminalShellIntegration: changed } = vscode.window as ShellIntegration; // since VS Code 1.93
  if (changed === undefined) {
    return;
  }
  await new Promise<void>((done) => {
    const late = setTimeout(end, PROMPT_TIMEOUT);
    const listener = changed((event) => {
      if (event.terminal === terminal) {
        end();
      }
    });
    function end(): void {
      clearTimeout(late);
      listener.dispose();
      done();
    }
  });
}
