/** Writes code, commands and queries for a token: shown, copied, inserted or put to a prompt. Nothing is run. */

import * as vscode from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';

import { notify } from '../notify';
import { snippet } from '../server/protocol';
import type { SnippetCommand, SnippetTarget, TokenParams } from '../server/protocol';
import { writeToTerminal } from '../terminal';
import { chosenTokens } from './chosenTokens';
import { connect } from './connect';
import type { Command, Workbench } from './command';

type Use = (text: string, language: string) => Promise<void>;

export const getToken: Command = {
  id: 'claimlens.getToken',
  run: async (workbench, token) => write(workbench, token, 'obtain'),
};

export const insertValidationCode: Command = {
  id: 'claimlens.insertValidationCode',
  run: async (workbench, token) => write(workbench, token, 'validate'),
};

export const queryForToken: Command = {
  id: 'claimlens.queryForToken',
  run: async (workbench, token) => write(workbench, token, 'logs'),
};

/** Write one of a group of snippets for the token that was handed over, or the one the user means. */
async function write(workbench: Workbench, given: unknown, group: SnippetTarget['group']): Promise<void> {
  const client = await connect(workbench);
  if (client === undefined) {
    return;
  }
  for await (const token of chosenTokens(client, given as TokenParams | undefined)) {
    const answer = await client.sendRequest(snippet, token);
    const targets = answer?.targets?.filter((target) => target.group === group);
    if (targets === undefined) {
      continue;
    }
    if (targets.length === 0) {
      await notify('information', vscode.l10n.t('There is nothing of this kind to write for this token.'));
      return;
    }
    await writeOne(client, token, targets);
    return;
  }
  await notify('information', vscode.l10n.t('There is no token at the cursor, in the selection or in the clipboard.'));
}

async function writeOne(client: LanguageClient, token: TokenParams, targets: readonly SnippetTarget[]): Promise<void> {
  const items = targets.map(({ title, name }) => ({ label: title, name }));
  const chosen =
    items.length === 1 ? items[0] : await vscode.window.showQuickPick(items, { title: vscode.l10n.t('Write what?') });
  if (chosen === undefined) {
    return;
  }
  const answer = await client.sendRequest(snippet, { ...token, target: chosen.name });
  if (answer?.text === undefined || answer.language === undefined) {
    await notify('information', answer?.refusal ?? vscode.l10n.t('There is no token at the cursor.'));
    return;
  }
  const use = await vscode.window.showQuickPick(uses(answer.commands ?? []), { title: chosen.label });
  await use?.run(answer.text, answer.language);
}

function uses(commands: readonly SnippetCommand[]): (vscode.QuickPickItem & { readonly run: Use })[] {
  const editor = vscode.window.activeTextEditor;
  return [
    { label: `$(new-file) ${vscode.l10n.t('Open as a new document')}`, run: open },
    { label: `$(copy) ${vscode.l10n.t('Copy')}`, run: copy },
    ...(editor === undefined
      ? []
      : [
          {
            label: `$(edit) ${vscode.l10n.t('Insert at the cursor')}`,
            run: async (text: string) => insert(editor, text),
          },
        ]),
    ...(commands.length === 0
      ? []
      : [
          {
            label: `$(terminal) ${vscode.l10n.t('Write to the prompt of a terminal')}`,
            run: async (_: string, language: string) => toTerminal(commands, language),
          },
        ]),
  ];
}

async function open(text: string, language: string): Promise<void> {
  const known = (await vscode.languages.getLanguages()).includes(language);
  const document = await vscode.workspace.openTextDocument({ content: text, ...(known ? { language } : {}) });
  await vscode.window.showTextDocument(document);
}

async function copy(text: string): Promise<void> {
  await vscode.env.clipboard.writeText(text);
  vscode.window.setStatusBarMessage(`$(check) ${vscode.l10n.t('Copied')}`, 3_000);
}

async function insert(editor: vscode.TextEditor, text: string): Promise<void> {
  const done = await editor.edit((edit) => {
    edit.replace(editor.selection, text);
  });
  if (!done) {
    await notify('warning', vscode.l10n.t('The document could not be changed.'));
  }
}

async function toTerminal(commands: readonly SnippetCommand[], language: string): Promise<void> {
  const items = commands.map(({ title, text }) => ({ label: title, detail: text }));
  const title = vscode.l10n.t('Write which command? You run it yourself.');
  const chosen = await vscode.window.showQuickPick(items, { title });
  if (chosen !== undefined) {
    await writeToTerminal(chosen.detail, language);
  }
}
