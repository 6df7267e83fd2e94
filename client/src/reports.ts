/** Shows reports as read-only documents. They hold claims, so they are kept in memory only, while they are open. */

import * as vscode from 'vscode';

const SCHEME = 'claimlens';

/** The documents of scheme `claimlens:`. */
export class Reports implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #texts = new Map<string, string>();
  readonly #subscription: vscode.Disposable;
  #count = 0;

  constructor() {
    this.#subscription = vscode.Disposable.from(
      vscode.workspace.registerTextDocumentContentProvider(SCHEME, this),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => this.#texts.delete(uri.toString())),
    );
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.#texts.get(uri.toString()) ?? vscode.l10n.t('This report is no longer available.');
  }

  /** Show Markdown, rendered where the editor can. `name` is ours, never a value of a token. */
  async show(name: string, markdown: string): Promise<void> {
    this.#count += 1;
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${name}.md`, query: String(this.#count) });
    this.#texts.set(uri.toString(), markdown);
    try {
      await vscode.commands.executeCommand('markdown.showPreview', uri);
    } catch {
      await vscode.window.showTextDocument(uri, { preview: true });
    }
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#texts.clear();
  }
}
