/** Shows on the lines of a policy what became of a token there, until the text changes. */

import * as vscode from 'vscode';

import type { PolicyMark } from './server/protocol';

type Reached = PolicyMark['reached'];

/** The marks of the last test of each document. */
export class PolicyMarks implements vscode.Disposable {
  readonly #styles: Record<Reached, vscode.TextEditorDecorationType> = {
    passed: style('✓', 'testing.iconPassed', vscode.l10n.t('passed')),
    failed: style('✗', 'testing.iconFailed', vscode.l10n.t('failed here')),
    open: style('?', 'testing.iconUnset', vscode.l10n.t('not decided')),
    'not reached': vscode.window.createTextEditorDecorationType({ opacity: '0.45' }),
  };
  readonly #marks = new Map<string, readonly PolicyMark[]>();
  readonly #subscription = vscode.Disposable.from(
    vscode.window.onDidChangeVisibleTextEditors((editors) => {
      editors.forEach((editor) => {
        this.#draw(editor);
      });
    }),
    vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      if (contentChanges.length > 0) {
        this.#forget(document);
      }
    }),
    vscode.workspace.onDidCloseTextDocument((document) => {
      this.#forget(document);
    }),
  );

  /** Show the marks of a document in place of those it had. */
  show(uri: vscode.Uri, marks: readonly PolicyMark[]): void {
    this.#marks.set(uri.toString(), marks);
    vscode.window.visibleTextEditors.forEach((editor) => {
      this.#draw(editor);
    });
  }

  dispose(): void {
    vscode.Disposable.from(this.#subscription, ...Object.values(this.#styles)).dispose();
  }

  #forget(document: vscode.TextDocument): void {
    if (this.#marks.delete(document.uri.toString())) {
      vscode.window.visibleTextEditors
        .filter((editor) => editor.document === document)
        .forEach((editor) => {
          this.#draw(editor);
        });
    }
  }

  #draw(editor: vscode.TextEditor): void {
    const marks = this.#marks.get(editor.document.uri.toString()) ?? [];
    for (const [reached, type] of Object.entries(this.#styles)) {
      const shown = marks.filter((mark) => mark.reached === reached);
      editor.setDecorations(type, shown.map(decoration));
    }
  }
}

function decoration({ range: { start, end }, detail }: PolicyMark): vscode.DecorationOptions {
  // Its detail holds values of the token: it is shown as text, never as Markdown.
  const hover = new vscode.MarkdownString().appendText(detail);
  return {
    range: new vscode.Range(start.line, start.character, end.line, end.character),
    ...(detail === '' ? {} : { hoverMessage: hover }),
  };
}

function style(sign: string, colour: string, words: string): vscode.TextEditorDecorationType {
  return vscode.window.createTextEditorDecorationType({
    after: {
      contentText: `${sign} ${words}`,
      color: new vscode.ThemeColor(colour),
      margin: '0 0 0 1.5em',
    },
  });
}
