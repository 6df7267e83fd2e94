// A certified OpenID provider (oidc-provider) on loopback that obeys commands on standard input, over TLS or, without
// arguments, over plain HTTP:
// node provider.mjs [CERTIFICATE.pem KEY.pem CA.pem]
// Each line in is {"command": …}, each line out its answer; the first line out is {"issuer": …}.
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import readline from 'node:readline';

import { exportJWK, generateKeyPair } from 'jose';
import { Provider } from 'oidc-provider';

const [cert, key, ca] = process.argv.slice(2, 5).map((file) => fs.readFileSync(file));
const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA'];
const CLIENT = { client_id: 'orders', client_secret: 'a secret of the tests alone' };

let generation = 0;
let handle;
let fault = null;
const requests = {};

/** What goes wrong, by the name of the fault; each takes the place of the key set. */
const FAULTS = {
  status: (response) => response.writeHead(500).end('{}'),
  html: (response) => response.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html><p>Sign in'),
  empty: (response) => response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"keys":[]}'),
  redirect: (response) => response.writeHead(302, { Location: 'http://169.254.169.254/' }).end(),
  truncated: (response) => {
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': '5000' });
    response.write('{"keys":[', () => response.destroy());
  },
};

const web = cert === undefined ? http : https;
const server = web.createServer({ cert, key }, (request, response) => {
  const [path] = request.url.split('?');
  requests[path] = (requests[path] ?? 0) + 1;
  if (fault !== null && path === '/jwks') {
    FAULTS[fault](response);
  } else {
    handle(request, response);
  }
});
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
const { port } = server.address();
const issuer = `${cert === undefined ? 'http' : 'https'}://localhost:${port}`;
await rotate();
answer({ issuer });

for await (const line of readline.createInterface({ input: process.stdin })) {
  const order = JSON.parse(line);
  try {
    answer(await COMMANDS()[order.command](order));
  } catch (error) {
    answer({ error: String(error) });
  }
}
process.exit(0);

function COMMANDS() {
  return {
    token: async ({ algorithm }) => ({ token: await issue(algorithm) }),
    rotate: async () => rotate().then(() => ({})),
    fault: ({ name }) => {
      fault = name;
      return {};
    },
    requests: () => requests,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
      return {};
    },
  };
}

/** Put a provider with new keys in the place of the one that answers now. */
async function rotate() {
  generation += 1;
  const keys = await Promise.all(
    ALGORITHMS.map(async (alg) => {
      const { privateKey } = await generateKeyPair(alg, { extractable: true });
      return { ...(await exportJWK(privateKey)), alg, use: 'sig', kid: `${alg}-${generation}` };
    }),
  );
  const provider = new Provider(issuer, {
    clients: [{ ...CLIENT, grant_types: ['client_credentials'], redirect_uris: [], response_types: [] }],
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (context, resource) => ({
          scope: 'Orders.Read',
          audience: 'api://orders',
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: resource.split(':').at(-1) } },
        }),
      },
    },
    ttl: { ClientCredentials: 3600 },
    jwks: { keys },
  });
  handle = provider.callback();
}

/** Ask the token endpoint as a client would, for an access token signed by an algorithm. */
async function issue(algorithm) {
  const form = { ...CLIENT, grant_type: 'client_credentials', scope: 'Orders.Read', resource: `urn:api:${algorithm}` };
  const body = new URLSearchParams(form).toString();
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded', 'Content-Length': Buffer.byteLength(body) };
  const options = { method: 'POST', host: 'localhost', port, path: '/token', ca, headers, agent: false };
  const text = await new Promise((done, failed) => {
    const request = web.request({ ...options, lookup: toLoopback }, (response) => {
      let received = '';
      response.on('data', (chunk) => (received += chunk));
      response.on('end', () => done(received));
    });
    request.on('error', failed).end(body);
  });
  const { access_token: token, ...rest } = JSON.parse(text);
  if (token === undefined) {
    throw new Error(JSON.stringify(rest));
  }
  return token;
}

function toLoopback(name, options, done) {
  return options.all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4);
}

function answer(value) {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
