/** Starts the server for the first open document that holds a candidate; until then nothing runs. */

import * as vscode from 'vscode';

import { holdsCandidate } from './candidates';
import { isServed } from './server/documents';

/** Watch the open documents and call `start` once. Dispose to stop watching. */
export function startWhenNeeded(start: () => void): vscode.Disposable {
  const subscriptions: vscode.Disposable[] = [];
  const watch = new vscode.Disposable(() => {
    vscode.Disposable.from(...subscriptions.splice(0)).dispose();
  });
  const decide = (document: vscode.TextDocument, text: () => string): boolean => {
    const needed = isServed(document) && holdsCandidate(text());
    if (needed) {
      watch.dispose();
      start();
    }
    return needed;
  };
  if (vscode.workspace.textDocuments.some((document) => decide(document, () => document.getText()))) {
    return watch;
  }
  subscriptions.push(
    vscode.workspace.onDidOpenTextDocument((document) => decide(document, () => document.getText())),
    vscode.workspace.onDidChangeTextDocument((event) =>
      event.contentChanges.some((change) => decide(event.document, () => touchedLines(event.document, change))),
    ),
  );
  return watch;
}

/** The lines that an edit has touched, whole: a token may be typed or pasted piece by piece. */
function touchedLines(document: vscode.TextDocument, change: vscode.TextDocumentContentChangeEvent): string {
  const first = change.range.start.line;
  const last = first + change.text.split('\n').length;
  return document.getText(new vscode.Range(first, 0, last, 0));
}
