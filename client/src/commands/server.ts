/** Commands about the server itself. They work whether it runs or not. */

import * as vscode from 'vscode';

import { diagnosticInformation } from '../diagnosticInformation';
import { status } from '../server/protocol';
import type { Command } from './command';

export const restartServer: Command = {
  id: 'claimlens.restartServer',
  async run({ server }) {
    await server.restart();
  },
};

export const showOutput: Command = {
  id: 'claimlens.showOutput',
  async run({ log }) {
    log.show();
    return Promise.resolve();
  },
};

export const copyDiagnosticInformation: Command = {
  id: 'claimlens.copyDiagnosticInformation',
  async run({ context, server, log }) {
    const client = server.state.kind === 'running' ? await server.ready() : undefined;
    const answer = await client?.sendRequest(status, {}).catch((error: unknown) => {
      log.warn(`The server did not say how it is: ${String(error)}`);
      return undefined;
    });
    const text = diagnosticInformation({
      extension: String((context.extension.packageJSON as { version?: unknown }).version),
      editor: `${vscode.env.appName} ${vscode.version}`,
      remote: vscode.env.remoteName,
      platform: `${process.platform} ${process.arch}`,
      trusted: vscode.workspace.isTrusted,
      state: server.state,
      answer,
    });
    await vscode.env.clipboard.writeText(text);
    vscode.window.setStatusBarMessage(`$(check) ${vscode.l10n.t('Diagnostic information copied')}`, 3_000);
  },
};
