/** Show what a token's issuer publishes, and forget it. */

import * as vscode from 'vscode';

import { notify } from '../notify';
import { unlessCancelled } from '../server/cancelled';
import { clearMetadata, metadata } from '../server/protocol';
import type { MetadataParams, MetadataResult, TokenParams } from '../server/protocol';
import { chosenTokens } from './chosenTokens';
import { connect } from './connect';
import type { Command, Workbench } from './command';

export const showIssuerMetadata: Command = {
  id: 'claimlens.showIssuerMetadata',
  async run(workbench, token) {
    const client = await connect(workbench);
    if (client === undefined) {
      return;
    }
    const ask = async (params: MetadataParams): Promise<MetadataResult | null | undefined> =>
      unlessCancelled(client.sendRequest(metadata, params));
    for await (const params of chosenTokens(client, token as TokenParams | undefined)) {
      const result = await ask(params);
      if (result !== null) {
        await show(workbench, result);
        return;
      }
    }
    const issuer = await vscode.window.showInputBox({
      prompt: vscode.l10n.t('The issuer of tokens (iss), or the URL of its metadata'),
      placeHolder: 'https://login.microsoftonline.com/…/v2.0',
    });
    if (issuer !== undefined && issuer !== '') {
      await show(workbench, await ask({ issuer }));
    }
  },
};

export const clearMetadataCache: Command = {
  id: 'claimlens.clearMetadataCache',
  async run({ server }) {
    const client = server.state.kind === 'running' ? await server.ready() : undefined;
    await client?.sendRequest(clearMetadata);
    vscode.window.setStatusBarMessage(`$(check) ${vscode.l10n.t('Metadata cache cleared')}`, 3_000);
  },
};

/** Show the metadata, or why there is none; nothing if the user has cancelled. */
async function show(workbench: Workbench, result: MetadataResult | null | undefined): Promise<void> {
  if (result?.text !== undefined) {
    await workbench.reports.showJson(vscode.l10n.t('Issuer metadata'), result.text);
  } else if (result?.failure !== undefined) {
    await notify('warning', result.failure.message);
  }
}
