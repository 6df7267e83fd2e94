// The folder that the tests open: requests and logs with tokens, and everything a hostile folder would try.
import fs from 'node:fs';
import path from 'node:path';

import { service } from './names.mjs';
import { unfinished } from './policies.mjs';

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token that looks right; its signature is no signature. */
export function makeToken(claims, header = {}) {
  const signature = Buffer.alloc(256, 7).toString('base64url');
  return `${encode({ typ: 'JWT', alg: 'RS256', kid: 'sample', ...header })}.${encode(claims)}.${signature}`;
}

/** What stands before a token in a request. */
export const BEARER = 'Authorization: Bearer ';

const TENANT = '11111111-2222-4333-8444-555555555555';
const now = Math.floor(Date.now() / 1000);

const delegated = {
  aud: 'api://orders',
  iss: `https://login.microsoftonline.com/${TENANT}/v2.0`,
  azp: '99999999-8888-4777-8666-555555555555',
  name: 'Ada Example',
  oid: '77777777-6666-4555-8444-333333333333',
  scp: 'Orders.Read',
  sub: 'pairwise-subject',
  tid: TENANT,
  ver: '2.0',
};

export const live = makeToken({ ...delegated, iat: now, nbf: now, exp: now + 7200 });
export const expired = makeToken({ ...delegated, iat: 1_700_000_000, nbf: 1_700_000_000, exp: 1_700_003_600 });

/** A policy that the tokens pass but for the last check: it wants a scope that they do not have. */
const policy = `<policies>
  <inbound>
    <validate-jwt header-name="Authorization" failed-validation-httpcode="401">
      <openid-config url="https://login.microsoftonline.com/${TENANT}/v2.0/.well-known/openid-configuration" />
      <audiences>
        <audience>api://orders</audience>
      </audiences>
      <issuers>
        <issuer>https://login.microsoftonline.com/${TENANT}/v2.0</issuer>
      </issuers>
      <required-claims>
        <claim name="scp" match="all" separator=" ">
          <value>Orders.Write</value>
        </claim>
      </required-claims>
    </validate-jwt>
    <set-header name="x-caller" exists-action="override">
      <value>orders</value>
    </set-header>
  </inbound>
</policies>
`;

/** A policy that names the issuer of a token that was really issued. */
function policyFor(issued) {
  const { iss } = JSON.parse(Buffer.from(issued.split('.')[1], 'base64url').toString());
  return `<policies>
  <inbound>
    <validate-jwt header-name="Authorization" require-scheme="Bearer">
      <openid-config url="${iss}/.well-known/openid-configuration" />
      <audiences>
        <audience>api://orders</audience>
      </audiences>
    </validate-jwt>
  </inbound>
</policies>
`;
}

/** Write the folder with a token that was really `issued`; any code of it that runs appends to the file `sentinel`. */
export function writeFolder(folder, sentinel, issued) {
  const files = {
    'plain.txt': 'Nothing to see here.\n',
    'request.http': `GET https://api.contoso.com/orders\nAuthorization: Bearer ${live}\nAccept: application/json\n`,
    'service.log': [
      '2026-01-05T09:12:01Z INFO  GET /orders 200',
      `2026-01-05T09:12:07Z WARN  401 for authorization="Bearer ${expired}" from 203.0.113.9`,
      '2026-01-05T09:12:09Z INFO  GET /orders 200',
      '',
    ].join('\n'),
    'issued.http': `GET https://api.contoso.com/orders\n${BEARER}${issued}\n`,
    'issued-policy.xml': policyFor(issued),
    'errors.log': "ERROR IDX10214: Audience validation failed. Audiences: 'api://orders'. ".concat(
      "Did not match: validationParameters.ValidAudience: 'api://billing'.\n",
    ),
    'rejected.log': [
      '2026-01-05T09:12:07Z INFO  GET /orders',
      `2026-01-05T09:12:07Z WARN  401 for authorization="Bearer ${live}"`,
      "2026-01-05T09:12:07Z ERROR IDX10214: Audience validation failed. Audiences: 'api://orders'. " +
        "Did not match: validationParameters.ValidAudience: 'api://billing'.",
      '2026-01-05T09:12:09Z INFO  GET /health 200',
      '',
    ].join('\n'),
    'orders-policy.xml': policy,
    'for-clipboard.txt': `${expired}\n`,
    'unfinished.xml': unfinished,
    ...service,
    ...hostile(sentinel),
  };
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(folder, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text, { mode: name.includes('bin/') ? 0o755 : 0o644 });
  }
}

function hostile(sentinel) {
  const python = `open(${JSON.stringify(sentinel)}, "a").write(__name__ + " ran\\n")\n`;
  const program = `#!/bin/sh\necho "$0 ran" >> '${sentinel}'\nexit 1\n`;
  const modules = ['jwt', 'json', 'sitecustomize', 'usercustomize', 'attr', 'claimlens', 'pygls', 'asyncio'];
  const settings = {
    'claimlens.server.path': '${workspaceFolder}/.venv/bin/python',
    'claimlens.server.interpreter': '.venv/bin/python',
    'python.defaultInterpreterPath': '.venv/bin/python',
    'claimlens.network.allowedHosts': ['attacker.example'],
  };
  return {
    ...Object.fromEntries(modules.map((name) => [`${name}.py`, python])),
    '.venv/bin/python': program,
    '.venv/bin/python3': program,
    '.venv/pyvenv.cfg': 'home = /usr/bin\n',
    '.vscode/settings.json': JSON.stringify(settings),
  };
}
