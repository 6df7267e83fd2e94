/**
 * The extension's entry.
 *
 * Activation registers commands and looks through the open documents; the server is started by the first document that
 * holds a candidate, or by a command. Where the server comes from is decided in `python/resolve.ts`, its life is in
 * `server/server.ts`.
 */

import { existsSync } from 'node:fs';
import * as path from 'node:path';

import * as vscode from 'vscode';

import { registerCommands } from './commands';
import { colourTokens } from './decorations';
import { PolicyMarks } from './policyMarks';
import { tellWhy } from './tellWhy';
import { closeTags } from './policies/closeTags';
import { offerPolicyLanguage } from './policies/offerLanguage';
import { offeredInterpreters } from './python/offered';
import { onPath } from './python/onPath';
import { probe } from './python/probe';
import { resolve } from './python/resolve';
import type { Resolution } from './python/resolve';
import { Reports } from './reports';
import { Server } from './server/server';
import { showStatus } from './server/status';
import { userLevel } from './settings';
import { startWhenNeeded } from './startWhenNeeded';

let running: Server | undefined;

export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel('Claimlens', { log: true });
  const policyMarks = new PolicyMarks();
  const reports = new Reports();
  const server = new Server(context.extensionPath, log, context.workspaceState, () =>
    findProgram(context.extensionPath, log),
  );
  running = server;
  context.subscriptions.push(
    log,
    policyMarks,
    reports,
    server,
    showStatus(server),
    colourTokens(server),
    offerPolicyLanguage(context.globalState),
    closeTags(server),
    server.onDidChangeState((state) => {
      if (state.kind === 'failed') {
        void tellWhy(state, server, log);
      }
    }),
    registerCommands({ context, log, policyMarks, reports, server }),
    startWhenNeeded(() => void server.ready()),
  );
}

export async function deactivate(): Promise<void> {
  await running?.stop();
}

function findProgram(folder: string, log: vscode.LogOutputChannel): Promise<Resolution> {
  return resolve({
    serverPath: programSetting('server.path'),
    interpreter: programSetting('server.interpreter'),
    trusted: vscode.workspace.isTrusted,
    folders: (vscode.workspace.workspaceFolders ?? [])
      .filter(({ uri }) => uri.scheme === 'file')
      .map(({ uri }) => uri.fsPath),
    platform: process.platform,
    boot: path.join(folder, 'bundled', 'boot.py'),
    exists: existsSync,
    onPath: (program) => onPath(program, process.env, process.platform, existsSync),
    offered: () => offeredInterpreters(log),
    probe: (candidate) => probe(candidate, folder),
  });
}

function programSetting(name: string): string {
  const value = userLevel(name);
  return typeof value === 'string' ? value.trim() : '';
}
