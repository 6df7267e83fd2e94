/** Every command, registered by `registerCommands`. */

import * as vscode from 'vscode';

import type { Command, Workbench } from './command';
import { compareTokens } from './compare';
import { copyClaims, copyPart } from './copy';
import { decodeClipboard, decodeTokenAtCursor, showToken } from './decode';
import { explainRejection } from './explain';
import { clearMetadataCache, showIssuerMetadata } from './metadata';
import { redactFile, redactLog, redactToken } from './redact';
import { copyDiagnosticInformation, restartServer, showOutput } from './server';
import { toggleErrorHints } from './errorHints';
import { getToken, insertValidationCode, queryForToken } from './snippets';
import { testPolicy, testToken, testTokenAgainstPolicy } from './testPolicy';
import { checkWithKeyFile, checkWithSecret, verifyToken } from './verify';

const COMMANDS: readonly Command[] = [
  decodeTokenAtCursor,
  decodeClipboard,
  showToken,
  copyClaims,
  copyPart,
  explainRejection,
  toggleErrorHints,
  compareTokens,
  testPolicy,
  testToken,
  testTokenAgainstPolicy,
  verifyToken,
  checkWithKeyFile,
  checkWithSecret,
  showIssuerMetadata,
  clearMetadataCache,
  redactToken,
  redactFile,
  redactLog,
  getToken,
  insertValidationCode,
  queryForToken,
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
