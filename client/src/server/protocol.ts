/** The server's own requests; docs/protocol.md describes them. */

import { NotificationType, RequestType, RequestType0 } from 'vscode-languageclient/node';
import type { Position, Range, TextDocumentIdentifier, WorkspaceEdit } from 'vscode-languageclient/node';

/** What only the user's own settings and answers say. */
export interface UserSettings {
  readonly network: Record<string, unknown>;
  readonly trusted: boolean;
}

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
  readonly everything?: boolean;
};

export interface FoundToken {
  readonly segments: readonly { readonly role: string; readonly range: Range }[];
}

export interface RedactResult {
  readonly count: number;
  readonly edit?: WorkspaceEdit;
}

export type VerifyParams = TokenParams & { readonly key?: string; readonly keyName?: string; readonly secret?: string };

export interface VerifyResult {
  readonly verdict: string;
  readonly signature: string;
  readonly summary: string;
  readonly report: string;
}

export type MetadataParams = TokenParams | { readonly issuer: string };

export interface MetadataResult {
  readonly text?: string;
  readonly failure?: { readonly kind: string; readonly message: string };
}

/** A place in an open document, and a token that is added to what is there. */
export interface ExplainParams {
  readonly textDocument: TextDocumentIdentifier;
  readonly position: Position;
  readonly text?: string;
}

export interface ExplainResult {
  readonly verdict: string;
  readonly causes: readonly { readonly code: string; readonly confidence: string }[];
  readonly hasToken: boolean;
  readonly report: string;
}

/** A token or a policy of an open document, to choose from. */
export interface Choosable {
  readonly textDocument: TextDocumentIdentifier;
  readonly position: Position;
  readonly label: string;
  readonly name: string;
}

export interface SimulateParams {
  readonly textDocument: TextDocumentIdentifier;
  readonly position: Position;
  readonly token: TokenParams;
  /** Whether the metadata and keys that the policy names may be fetched; only because the user asked for it. */
  readonly online?: boolean;
}

/** A place in a policy and what became of it. */
export interface PolicyMark {
  readonly range: Range;
  readonly reached: 'passed' | 'failed' | 'open' | 'not reached';
  readonly detail: string;
}

export interface SimulateResult {
  readonly outcome: string;
  readonly summary: string;
  readonly report: string;
  /** The hosts whose keys would decide what is open. */
  readonly keysFrom: readonly string[];
  readonly marks: readonly PolicyMark[];
}

export interface CompareParams {
  readonly left: TokenParams;
  readonly right: TokenParams;
}

export type SnippetParams = TokenParams & { readonly target?: string };

export interface SnippetTarget {
  readonly name: string;
  readonly title: string;
  readonly group: 'validate' | 'obtain' | 'logs';
}

/** One line for the prompt of a shell. */
export interface SnippetCommand {
  readonly title: string;
  readonly text: string;
}

/** `targets` where none was named, else the snippet or why there is none. */
export interface SnippetResult {
  readonly targets?: readonly SnippetTarget[];
  readonly text?: string;
  readonly language?: string;
  readonly commands?: readonly SnippetCommand[];
  readonly refusal?: string;
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
export const verify = new RequestType<VerifyParams, VerifyResult | null, void>('claimlens/verify');
export const metadata = new RequestType<MetadataParams, MetadataResult | null, void>('claimlens/metadata');
export const clearMetadata = new RequestType0<null, void>('claimlens/clearMetadata');
export const snippet = new RequestType<SnippetParams, SnippetResult | null, void>('claimlens/snippet');
export const explain = new RequestType<ExplainParams, ExplainResult | null, void>('claimlens/explain');
export const openTokens = new RequestType<null, Choosable[], void>('claimlens/openTokens');
export const openPolicies = new RequestType<null, Choosable[], void>('claimlens/openPolicies');
export const simulate = new RequestType<SimulateParams, SimulateResult | null, void>('claimlens/simulate');
export const compare = new RequestType<CompareParams, { readonly report: string } | null, void>('claimlens/compare');
export const status = new RequestType<{ textDocument?: TextDocumentIdentifier }, StatusResult, void>(
  'claimlens/status',
);
/** What closes the tag whose end was typed at a position of a policy, or null. */
export const closeTag = new RequestType<
  { textDocument: TextDocumentIdentifier; position: Position },
  { readonly text: string } | null,
  void
>('claimlens/closeTag');
export const didChangeUserSettings = new NotificationType<UserSettings>('claimlens/didChangeUserSettings');
/** From the server: the user allowed a host for this workspace for good. */
export const hostAllowed = new NotificationType<{ readonly host: string }>('claimlens/hostAllowed');
