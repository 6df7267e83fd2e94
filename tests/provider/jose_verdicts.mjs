// What the npm package jose says of signatures: reads [{"jws", "keys"}] and writes a list of booleans.
import fs from 'node:fs';

import { compactVerify, decodeProtectedHeader, importJWK } from 'jose';

const cases = JSON.parse(fs.readFileSync(0, 'utf8'));
const verdicts = [];
for (const { jws, keys } of cases) {
  verdicts.push(await accepts(jws, keys));
}
process.stdout.write(JSON.stringify(verdicts));

/** Tell whether one of the keys verifies; jose refuses a key that says another alg, use or operation by itself. */
async function accepts(jws, keys) {
  for (const key of keys) {
    try {
      const { alg } = decodeProtectedHeader(jws);
      await compactVerify(jws, await importJWK(key, key.alg ?? alg));
      return true;
    } catch {
      continue;
    }
  }
  return false;
}
