/** Lets the user choose a token: one of the open documents, that of the clipboard, or one that is pasted hidden. */

import * as vscode from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';

import { openTokens } from '../server/protocol';
import type { TokenParams } from '../server/protocol';

interface Choice extends vscode.QuickPickItem {
  take(): Promise<TokenParams | undefined>;
}

/** Return the token that was chosen; undefined where none was. `title` says what it is for. */
export async function pickToken(client: LanguageClient, title: string): Promise<TokenParams | undefined> {
  const chosen = await vscode.window.showQuickPick(choices(client), {
    title,
    placeHolder: vscode.l10n.t('Which token?'),
    matchOnDescription: true,
  });
  return chosen?.take();
}

async function choices(client: LanguageClient): Promise<Choice[]> {
  const found = await client.sendRequest(openTokens, null);
  return [
    ...found.map(({ label, name, textDocument, position }) => ({
      label: `$(key) ${label}`,
      description: `${name}:${String(position.line + 1)}`,
      take: () => Promise.resolve({ textDocument, position }),
    })),
    { label: `$(clippy) ${vscode.l10n.t('The token in the clipboard')}`, take: fromClipboard },
    { label: `$(lock) ${vscode.l10n.t('Paste a token...')}`, take: pasted },
  ];
}

async function fromClipboard(): Promise<TokenParams> {
  return { text: await vscode.env.clipboard.readText() };
}

async function pasted(): Promise<TokenParams | undefined> {
  const text = await vscode.window.showInputBox({
    prompt: vscode.l10n.t('The token. It is used once and kept nowhere.'),
    password: true,
    ignoreFocusOut: true,
  });
  return text === undefined || text === '' ? undefined : { text };
}
