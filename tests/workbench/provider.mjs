// The OpenID provider of tests/provider, over plain HTTP, as a process of its own.
import { spawn } from 'node:child_process';
import readline from 'node:readline';

/** Start a provider; `token` has it issue an access token signed by an algorithm. */
export async function startProvider() {
  const child = spawn(process.execPath, ['tests/provider/provider.mjs'], { stdio: ['pipe', 'pipe', 'ignore'] });
  const answers = readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => JSON.parse((await answers.next()).value);
  const { issuer } = await next();
  const token = async (algorithm) => {
    child.stdin.write(`${JSON.stringify({ command: 'token', algorithm })}\n`);
    return (await next()).token;
  };
  return { issuer, token, stop: () => child.stdin.end() };
}
