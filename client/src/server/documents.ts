/** Which documents the server gets to see. */

import type * as vscode from 'vscode';

/** Our own reports, and the small inputs of the editor that are documents too. */
const PRIVATE_SCHEMES: ReadonlySet<string> = new Set(['claimlens', 'comment', 'vscode-scm']);

/**
 * Tell whether a document is served: any language and any scheme, so files, `untitled:`, output panels and virtual
 * workspaces. Our own log is left out, since serving it would write to it.
 */
export function isServed(document: Pick<vscode.TextDocument, 'uri'>): boolean {
  const { scheme, path } = document.uri;
  return !PRIVATE_SCHEMES.has(scheme) && !(scheme === 'output' && /claimlens/i.test(path));
}
