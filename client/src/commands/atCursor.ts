/** What commands about the token at the cursor share. */

import * as vscode from 'vscode';
import type { Position, TextDocumentIdentifier } from 'vscode-languageclient/node';

import { notify } from '../notify';
import { connect } from './connect';
import type { Workbench } from './command';

/** The place of the cursor, as the server's requests take it. */
export interface Place {
  readonly textDocument: TextDocumentIdentifier;
  readonly position: Position;
}

/** Return the running client and the cursor's place; undefined after saying why there is none. */
export async function clientAndPlace(workbench: Workbench) {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined) {
    await notify('information', vscode.l10n.t('Open a document with a token first.'));
    return undefined;
  }
  const client = await connect(workbench);
  if (client === undefined) {
    return undefined;
  }
  const converter = client.code2ProtocolConverter;
  const place: Place = {
    textDocument: converter.asTextDocumentIdentifier(editor.document),
    position: converter.asPosition(editor.selection.active),
  };
  return { client, place };
}

/** Say that the cursor is not on a token. */
export async function noTokenHere(): Promise<void> {
  await notify('information', vscode.l10n.t('There is no token at the cursor.'));
}
