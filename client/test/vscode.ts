/** Stands in for the parts of the editor's interface that unit tests need; the rest is tested in a real workbench. */

export class Uri {
  private constructor(
    readonly scheme: string,
    readonly path: string,
  ) {}

  static parse(text: string): Uri {
    const { protocol, pathname } = new URL(text);
    return new Uri(protocol.slice(0, -1), decodeURIComponent(pathname));
  }
}

/** The opened folders; a test sets them. */
export const workspace: { workspaceFolders: readonly { readonly uri: Uri }[] | undefined } = {
  workspaceFolders: undefined,
};
