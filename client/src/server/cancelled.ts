/** Requests that the user cancels are no failures. */

import { LSPErrorCodes, ResponseError } from 'vscode-languageclient/node';

/** Return the answer, or undefined if the request was cancelled. */
export async function unlessCancelled<Result>(answer: Promise<Result>): Promise<Result | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ResponseError && error.code === LSPErrorCodes.RequestCancelled) {
      return undefined;
    }
    throw error;
  }
}
