/** Every command, registered by `registerCommands`. */

import * as vscode from 'vscode';

import type { Command, Workbench } from './command';
import { copyClaims, copyPart } from './copy';
import { decodeClipboard, decodeTokenAtCursor, showToken } from './decode';
import { redactFile, redactToken } from './redact';
import { copyDiagnosticInformation, restartServer, showOutput } from './server';

const COMMANDS: readonly Command[] = [
  decodeTokenAtCursor,
  decodeClipboard,
  showToken,
  copyClaims,
  copyPart,
  redactToken,
  redactFile,
  restartServer,
  showOutput,
  copyDiagnosticInformation,
];

/** Register all of them. */
export function registerCommands(workbench: Workbench): vscode.Disposable {
  return vscode.Disposable.from(
    ...COMMANDS.map((command) =>
      vscode.commands.registerCommand(command.id, async (...args: unknown[]) => command.run(workbench, ...args)),
    ),
  );
}
