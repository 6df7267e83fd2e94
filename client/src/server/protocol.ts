/** The server's own requests; docs/protocol.md describes them. */

import { NotificationType, RequestType } from 'vscode-languageclient/node';
import type { Position, Range, TextDocumentIdentifier, WorkspaceEdit } from 'vscode-languageclient/node';

/** A token by its place in an open document, or the first one in a text. */
export type TokenParams =
  { readonly textDocument: TextDocumentIdentifier; readonly position: Position } | { readonly text: string };

export type DecodeParams = TokenParams & { readonly format?: 'markdown' | 'plaintext' };

export interface DecodeResult {
  readonly title: string;
  readonly kind: string;
  readonly state: string;
  readonly report: string;
}

export type ClaimsParams = TokenParams &
  ({ readonly part: 'header' | 'payload' } | { readonly part: 'claim'; readonly claim: string });

export interface ClaimsResult {
  readonly text: string;
}

export type RedactParams = ({ readonly textDocument: TextDocumentIdentifier } | TokenParams) & {
  readonly keepClaims?: boolean;
};

export interface FoundToken {
  readonly segments: readonly { readonly role: string; readonly range: Range }[];
}

export interface RedactResult {
  readonly count: number;
  readonly edit?: WorkspaceEdit;
}

export interface StatusResult {
  readonly version: string;
  readonly python: string;
  readonly documents: number;
  readonly tokens: number;
  readonly notes: readonly string[];
}

export const decode = new RequestType<DecodeParams, DecodeResult | null, void>('claimlens/decode');
export const claims = new RequestType<ClaimsParams, ClaimsResult | null, void>('claimlens/claims');
export const tokens = new RequestType<{ textDocument: TextDocumentIdentifier }, FoundToken[] | null, void>(
  'claimlens/tokens',
);
export const redact = new RequestType<RedactParams, RedactResult | null, void>('claimlens/redact');
export const status = new RequestType<{ textDocument?: TextDocumentIdentifier }, StatusResult, void>(
  'claimlens/status',
);
export const didChangeUserSettings = new NotificationType<{ network: Record<string, unknown> }>(
  'claimlens/didChangeUserSettings',
);
