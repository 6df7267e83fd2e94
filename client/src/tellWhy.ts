/** Says why no server runs, and what can be done about it. */

import * as vscode from 'vscode';

import { notify } from './notify';
import { OLDEST_PYTHON } from './python/resolve';
import type { Failure, Server } from './server/server';
import { LAUNCH_SETTINGS, SECTION } from './settings';

/** Tell the user once, with buttons; resolves when one was pressed or the message closed. */
export async function tellWhy(failure: Failure, server: Server, log: vscode.LogOutputChannel): Promise<void> {
  const showOutput = {
    title: vscode.l10n.t('Show Output'),
    run: () => {
      log.show();
    },
  };
  if (failure.resolution === undefined) {
    const restart = { title: vscode.l10n.t('Restart'), run: () => server.restart() };
    await notify('error', `Claimlens: ${failure.reason}.`, [restart, showOutput]);
    return;
  }
  const wanted = failure.resolution.rejections.find((rejection) => rejection.wanted);
  if (wanted !== undefined) {
    const message = vscode.l10n.t('Claimlens cannot run {0}: {1}.', wanted.candidate, wanted.reason);
    await notify('error', message, [{ title: vscode.l10n.t('Open Settings'), run: openSettings }, showOutput]);
    return;
  }
  const message = vscode.l10n.t('Claimlens needs Python {0} or newer and found none.', OLDEST_PYTHON.join('.'));
  await notify('error', message, [
    { title: vscode.l10n.t('Choose Python...'), run: choosePython },
    { title: vscode.l10n.t('Get Python'), run: getPython },
    showOutput,
  ]);
}

async function openSettings(): Promise<void> {
  await vscode.commands.executeCommand('workbench.action.openSettings', LAUNCH_SETTINGS.join(' '));
}

async function getPython(): Promise<void> {
  await vscode.env.openExternal(vscode.Uri.parse('https://www.python.org/downloads/'));
}

async function choosePython(): Promise<void> {
  const files = await vscode.window.showOpenDialog({ title: vscode.l10n.t('Choose a Python interpreter') });
  const [file] = files ?? [];
  if (file !== undefined) {
    const configuration = vscode.workspace.getConfiguration(SECTION);
    await configuration.update('server.interpreter', file.fsPath, vscode.ConfigurationTarget.Global);
  }
}
