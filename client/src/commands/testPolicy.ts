/** Test a token against a policy: the report, and marks on the lines of the policy. */

import * as vscode from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';

import { followable } from '../links';
import { notify } from '../notify';
import { unlessCancelled } from '../server/cancelled';
import { openPolicies, simulate } from '../server/protocol';
import type { SimulateParams, TokenParams } from '../server/protocol';
import type { Place } from './atCursor';
import type { Command, Workbench } from './command';
import { connect } from './connect';
import { pickToken } from './pickToken';

/** Files of the workspace that are opened, unseen, to find policies in them. */
const MOST_FILES = 50;
const POLICY_FILES = '**/*{policy,policies}*.xml';
const LEFT_OUT = '**/{node_modules,.git,.venv}/**';

/** Named by the code lens of a policy, with its place. */
export const testPolicy: Command = {
  id: 'claimlens.testPolicy',
  run: async (workbench, policy) => test(workbench, policy as Place | undefined, undefined),
};

/** Named by the code lens of a token, with its place. */
export const testToken: Command = {
  id: 'claimlens.testToken',
  run: async (workbench, token) => test(workbench, undefined, token as TokenParams | undefined),
};

/** Of the palette: the policy is that of the document in view, where it has just one. */
export const testTokenAgainstPolicy: Command = {
  id: 'claimlens.testTokenAgainstPolicy',
  run: async (workbench) => test(workbench, undefined, undefined),
};

/** Ask for what was not given, and show what comes out. */
async function test(workbench: Workbench, policy: Place | undefined, token: TokenParams | undefined): Promise<void> {
  const client = await connect(workbench);
  const place = client && (policy ?? (await pickPolicy(client)));
  const sent = place && (token ?? (await pickToken(client, vscode.l10n.t('Test with a token'))));
  if (client === undefined || place === undefined || sent === undefined) {
    return;
  }
  await showAnswer(workbench, client, { ...place, token: sent });
}

/** Simulate and show the report; where keys are lacking, offer to fetch them, which is the user's to decide. */
async function showAnswer(workbench: Workbench, client: LanguageClient, params: SimulateParams): Promise<void> {
  const answer = await unlessCancelled(client.sendRequest(simulate, params));
  if (answer === undefined) {
    return; // the user has cancelled it
  }
  if (answer === null) {
    await notify('information', vscode.l10n.t('There is no policy or no token any more.'));
    return;
  }
  const document = client.protocol2CodeConverter.asUri(params.textDocument.uri);
  workbench.policyMarks.show(document, answer.marks);
  await workbench.reports.show(vscode.l10n.t('Policy Test'), followable(answer.report));
  if (params.online !== true && answer.keysFrom.length > 0) {
    const online = { ...params, online: true };
    const title = vscode.l10n.t('Check the Signature');
    const question = vscode.l10n.t(
      'The signature was not checked. Fetch the keys from {0}? The token is not sent.',
      answer.keysFrom.join(', '),
    );
    void notify('information', question, [{ title, run: async () => showAnswer(workbench, client, online) }]);
  }
}

async function pickPolicy(client: LanguageClient): Promise<Place | undefined> {
  const files = await vscode.workspace.findFiles(POLICY_FILES, LEFT_OUT, MOST_FILES);
  await Promise.allSettled(files.map((file) => vscode.workspace.openTextDocument(file)));
  const found = await client.sendRequest(openPolicies, null);
  const inView = found.filter(({ textDocument }) => textDocument.uri === uriInView(client));
  if (inView.length === 1) {
    return inView[0];
  }
  if (found.length === 0) {
    await notify('information', vscode.l10n.t('There is no policy that checks tokens. Open one first.'));
    return undefined;
  }
  const choices = found.map(({ label, name, textDocument, position }) => ({
    label: `$(shield) ${label}`,
    description: `${vscode.workspace.asRelativePath(vscode.Uri.parse(textDocument.uri))}:${String(position.line + 1)}`,
    detail: name,
    place: { textDocument, position },
  }));
  const title = vscode.l10n.t('Which policy?');
  return (await vscode.window.showQuickPick(choices, { title, matchOnDescription: true }))?.place;
}

function uriInView(client: LanguageClient): string | undefined {
  const document = vscode.window.activeTextEditor?.document;
  return document && client.code2ProtocolConverter.asUri(document.uri);
}
