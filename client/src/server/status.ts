/** Shows the server's state beside the language indicator, from its first start on. */

import * as vscode from 'vscode';

import type { Server, ServerState } from './server';

/** Make the status item when there is something to show; it lives as long as the extension. */
export function showStatus(server: Server): vscode.Disposable {
  let item: vscode.LanguageStatusItem | undefined;
  const subscription = server.onDidChangeState((state) => {
    if (item === undefined && state.kind === 'idle') {
      return;
    }
    item ??= makeItem();
    render(item, state);
  });
  return new vscode.Disposable(() => {
    subscription.dispose();
    item?.dispose();
  });
}

function makeItem(): vscode.LanguageStatusItem {
  const item = vscode.languages.createLanguageStatusItem('claimlens.server', '*');
  item.name = 'Claimlens';
  return item;
}

function render(item: vscode.LanguageStatusItem, state: ServerState): void {
  const restart = { title: vscode.l10n.t('Restart'), command: 'claimlens.restartServer' };
  const show = { title: vscode.l10n.t('Show Output'), command: 'claimlens.showOutput' };
  const failed = state.kind === 'failed';
  item.busy = state.kind === 'starting';
  item.severity = failed ? vscode.LanguageStatusSeverity.Error : vscode.LanguageStatusSeverity.Information;
  item.command = failed ? restart : show;
  item.text = text(state);
  item.detail = failed ? state.reason : state.kind === 'running' ? state.launch.description : '';
}

function text(state: ServerState): string {
  switch (state.kind) {
    case 'running':
      return `Claimlens ${state.version}`;
    case 'starting':
      return vscode.l10n.t('Claimlens: starting');
    case 'failed':
      return vscode.l10n.t('Claimlens: not running');
    case 'idle':
      return vscode.l10n.t('Claimlens: stopped');
  }
}
