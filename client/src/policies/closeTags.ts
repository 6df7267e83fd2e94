/** Writes the closing tag when the opening one is finished, in documents of the policy language. */

import * as vscode from 'vscode';

import { closeTag } from '../server/protocol';
import type { Server } from '../server/server';
import { POLICY_LANGUAGE } from './offerLanguage';

/** Watch what is typed; stops when disposed. */
export function closeTags(server: Server): vscode.Disposable {
  return vscode.workspace.onDidChangeTextDocument(({ document, contentChanges, reason }) => {
    const editor = vscode.window.activeTextEditor;
    const [change, ...others] = contentChanges;
    const typed = reason === undefined && others.length === 0 && change?.text === '>';
    if (typed && document.languageId === POLICY_LANGUAGE && editor?.document === document) {
      void close(editor, change.range.start.translate(0, 1), server);
    }
  });
}

/** Ask what is to be written at a position, and write it unless the document or the cursor has moved on. */
async function close(editor: vscode.TextEditor, position: vscode.Position, server: Server): Promise<void> {
  const { document } = editor;
  const { version } = document;
  const client = await server.ready();
  const textDocument = { uri: document.uri.toString() };
  const answer = await client?.sendRequest(closeTag, { textDocument, position });
  const stays = document.version === version && editor.selection.isEmpty && editor.selection.active.isEqual(position);
  if (answer && stays) {
    const snippet = new vscode.SnippetString().appendTabstop(0).appendText(answer.text);
    await editor.insertSnippet(snippet, position, { undoStopBefore: false, undoStopAfter: true });
  }
}
