/**
 * Colours the parts of each token in the visible editors.
 *
 * Decorations, because semantic tokens of one extension hide those of another, and tokens stand in files of every
 * language.
 */

import * as vscode from 'vscode';

import { isServed } from './server/documents';
import { tokens } from './server/protocol';
import type { Server } from './server/server';
import { SECTION } from './settings';

/** Wait for a pause in typing that long. */
const PAUSE_MILLISECONDS = 150;

/** Start colouring; stops when disposed. */
export function colourTokens(server: Server): vscode.Disposable {
  const styles = { header: style('header'), payload: style('payload'), signature: style('signature') };
  const waiting = new Map<vscode.TextEditor, NodeJS.Timeout>();

  const update = async (editor: vscode.TextEditor): Promise<void> => {
    waiting.delete(editor);
    const found = await rangesIn(editor.document, server);
    if (found !== undefined) {
      editor.setDecorations(styles.header, found.header);
      editor.setDecorations(styles.payload, found.payload);
      editor.setDecorations(styles.signature, found.signature);
    }
  };
  const schedule = (editors: readonly vscode.TextEditor[], milliseconds = PAUSE_MILLISECONDS): void => {
    for (const editor of editors) {
      clearTimeout(waiting.get(editor));
      waiting.set(
        editor,
        setTimeout(() => void update(editor), milliseconds),
      );
    }
  };
  const all = (): void => {
    schedule(vscode.window.visibleTextEditors, 0);
  };

  return vscode.Disposable.from(
    ...Object.values(styles),
    server.onDidChangeState(all),
    vscode.window.onDidChangeVisibleTextEditors(all),
    vscode.workspace.onDidChangeTextDocument(({ document }) => {
      schedule(vscode.window.visibleTextEditors.filter((editor) => editor.document === document));
    }),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration(`${SECTION}.decorations`)) {
        all();
      }
    }),
    new vscode.Disposable(() => {
      waiting.forEach(clearTimeout);
    }),
  );
}

function style(part: string): vscode.TextEditorDecorationType {
  return vscode.window.createTextEditorDecorationType({ color: new vscode.ThemeColor(`claimlens.${part}Foreground`) });
}

type Ranges = Record<'header' | 'payload' | 'signature', vscode.Range[]>;

/** Return what to colour; undefined to leave everything as it is, because the document has changed meanwhile. */
async function rangesIn(document: vscode.TextDocument, server: Server): Promise<Ranges | undefined> {
  const ranges: Ranges = { header: [], payload: [], signature: [] };
  const enabled = vscode.workspace.getConfiguration(SECTION, document).get<boolean>('decorations.enabled');
  if (enabled !== true || !isServed(document) || server.state.kind !== 'running') {
    return ranges;
  }
  const { version } = document;
  const client = await server.ready();
  const textDocument = client?.code2ProtocolConverter.asTextDocumentIdentifier(document);
  const found = textDocument && (await client?.sendRequest(tokens, { textDocument }).catch(() => undefined));
  if (client === undefined || !found || document.version !== version) {
    return undefined;
  }
  for (const { role, range } of found.flatMap((token) => token.segments)) {
    ranges[partOf(role)].push(client.protocol2CodeConverter.asRange(range));
  }
  return ranges;
}

/** The parts of an encrypted token fall into the same three groups: how, what, and proof. */
function partOf(role: string): keyof Ranges {
  switch (role) {
    case 'header':
      return 'header';
    case 'payload':
    case 'ciphertext':
    case 'disclosure':
      return 'payload';
    default:
      return 'signature';
  }
}
