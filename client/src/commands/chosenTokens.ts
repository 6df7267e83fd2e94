/** Which token a command means that was not told: the selected one, the one at the cursor, or that of the clipboard. */

import * as vscode from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';

import type { TokenParams } from '../server/protocol';

/** Yield where to look, one place after the other; the clipboard is read only if the others hold none. */
export async function* chosenTokens(
  client: LanguageClient,
  given: TokenParams | undefined,
): AsyncGenerator<TokenParams> {
  if (given !== undefined) {
    yield given;
    return;
  }
  const editor = vscode.window.activeTextEditor;
  if (editor !== undefined) {
    const { document, selection } = editor;
    const converter = client.code2ProtocolConverter;
    yield selection.isEmpty
      ? {
          textDocument: converter.asTextDocumentIdentifier(document),
          position: converter.asPosition(selection.active),
        }
      : { text: document.getText(selection) };
  }
  const text = await vscode.env.clipboard.readText();
  if (text !== '') {
    yield { text };
  }
}
