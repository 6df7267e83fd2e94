/** Verify a token: against its issuer, with a key from a file, or with a secret that is typed. */

import * as path from 'node:path';

import * as vscode from 'vscode';

import { notify } from '../notify';
import { verify } from '../server/protocol';
import type { TokenParams, VerifyResult } from '../server/protocol';
import { unlessCancelled } from '../server/cancelled';
import { connect } from './connect';
import type { Command, Workbench } from './command';
import { chosenTokens } from './chosenTokens';

/** What a token is verified with; nothing asks its issuer. */
type Means = { readonly key: string; readonly keyName: string } | { readonly secret: string } | Record<string, never>;

/** Key files are a few kilobytes; whatever is larger is none. */
const LARGEST_KEY_FILE = 512 * 1024;

export const verifyToken: Command = {
  id: 'claimlens.verifyToken',
  run: async (workbench, token) => verifyWith(workbench, token, {}),
};

export const checkWithKeyFile: Command = {
  id: 'claimlens.checkWithKeyFile',
  async run(workbench, token) {
    const chosen = await vscode.window.showOpenDialog({
      title: vscode.l10n.t('Choose a PEM file, a certificate, a JWK or a JWK Set'),
      openLabel: vscode.l10n.t('Check'),
    });
    const file = chosen?.[0];
    if (file === undefined) {
      return;
    }
    const { size } = await vscode.workspace.fs.stat(file);
    if (size > LARGEST_KEY_FILE) {
      await notify('warning', vscode.l10n.t('The file is too large to be a key.'));
      return;
    }
    const key = new TextDecoder().decode(await vscode.workspace.fs.readFile(file));
    await verifyWith(workbench, token, { key, keyName: path.posix.basename(file.path) });
  },
};

export const checkWithSecret: Command = {
  id: 'claimlens.checkWithSecret',
  async run(workbench, token) {
    const secret = await vscode.window.showInputBox({
      prompt: vscode.l10n.t('The secret that signed the token. It is used once and kept nowhere.'),
      password: true,
      ignoreFocusOut: true,
    });
    if (secret !== undefined && secret !== '') {
      await verifyWith(workbench, token, { secret });
    }
  },
};

/** Verify the token that was handed over, or the one the user means, and show the report. */
async function verifyWith(workbench: Workbench, token: unknown, means: Means): Promise<void> {
  const client = await connect(workbench);
  if (client === undefined) {
    return;
  }
  const ask = async (params: TokenParams): Promise<VerifyResult | null | undefined> =>
    unlessCancelled(client.sendRequest(verify, { ...params, ...means }));
  for await (const params of chosenTokens(client, token as TokenParams | undefined)) {
    const result = await ask(params);
    if (result === undefined) {
      return; // the user has cancelled it
    }
    if (result !== null) {
      await workbench.reports.show(vscode.l10n.t('Verification'), result.report);
      return;
    }
  }
  await notify('information', vscode.l10n.t('There is no token at the cursor, in the selection or in the clipboard.'));
}
