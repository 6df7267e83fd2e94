// What the extension promises, as a user would see it. They run in this order, in one window.
import assert from 'node:assert/strict';
import fs from 'node:fs';

import { examples } from './examples.mjs';
import { BEARER, expired, live } from './folder.mjs';
import { names } from './names.mjs';
import { rejections } from './rejections.mjs';
import { policies } from './policies.mjs';
import { snippets } from './snippets.mjs';
import { until } from './workbench.mjs';

export const scenarios = {
  'nothing runs while no document holds a token': async ({ bench, processes }) => {
    await bench.open('plain.txt');
    await bench.page.waitForTimeout(1_500);
    assert.deepEqual(processes(), []);
  },

  'a live token in a request gets a squiggle and a hover': async ({ bench, processes }) => {
    await bench.open('request.http');
    await bench.squiggle('warning');
    const hover = await bench.hover('eyJhdWQi', 'access token');
    await bench.screenshot('hover-request');
    for (const words of ['access token', 'api://orders', 'Orders.Read', 'Ada Example']) {
      assert.ok(hover.includes(words), `the hover does not say ${words}: ${hover}`);
    }
    assert.equal(processes().length, 1);
  },

  'the Problems panel names the rule': async ({ bench }) => {
    await bench.run('View: Focus Problems');
    const row = bench.page.locator('.markers-panel .monaco-list-row', { hasText: 'jwt-live-token' }).first();
    await row.waitFor({ timeout: 30_000 });
    await bench.screenshot('problems');
    await bench.run('View: Toggle Problems');
  },

  'a quick fix redacts the token': async ({ bench }) => {
    await bench.open('request.http');
    await bench.goTo(2, 40);
    const menu = await bench.fixes();
    await menu.locator('.monaco-list-row', { hasText: 'Redact' }).first().waitFor();
    await bench.screenshot('quick-fix');
    await bench.page.keyboard.press('Escape');
    await bench.fix('Redact this token');
    await until('the token is gone', async () => !(await bench.text()).includes(live.slice(0, 60)));
    await bench.noSquiggle();
    await bench.screenshot('redacted');
  },

  'a token in a log is explained': async ({ bench }) => {
    await bench.open('service.log');
    const hover = await bench.hover('eyJ', 'Entra');
    assert.match(hover, /expired/);
    assert.match(hover, /login\.microsoftonline\.com|Entra/);
    await bench.screenshot('hover-log');
  },

  'the palette decodes the token at the cursor into a report': async ({ bench }) => {
    await bench.open('service.log');
    await bench.goTo(2, 80);
    await bench.run('Claimlens: Decode Token at Cursor');
    const report = await bench.preview();
    await bench.screenshot('report');
    assert.match(report, /api:\/\/orders/);
    assert.match(report, /Orders\.Read/);
    assert.ok(!report.includes(expired), 'the report holds the token itself');
  },

  'the palette copies the claims': async ({ bench }) => {
    await bench.open('service.log');
    await bench.goTo(2, 80);
    await bench.run('Claimlens: Copy Claims as JSON');
    await until('the claims are copied', async () => JSON.parse(await bench.clipboard()).aud === 'api://orders');
  },

  'the palette decodes the clipboard': async ({ bench }) => {
    await bench.page.evaluate((text) => navigator.clipboard.writeText(text), expired);
    await bench.run('View: Close All Editors');
    await bench.run('Claimlens: Decode Token from Clipboard');
    assert.match(await bench.preview(), /Ada Example/);
    await bench.run('View: Close All Editors');
  },

  'the palette verifies a token against its issuer, and the verdict changes with one byte': async (tools) => {
    const { bench, issued } = tools;
    await bench.open('issued.http');
    await bench.goTo(2, 40);
    await bench.run('Claimlens: Verify Token Against Issuer');
    await bench.press('Always for This Workspace', 'verify-question');
    const valid = await bench.preview();
    await bench.screenshot('verify-valid');
    assert.match(valid, /Verification: valid/);
    assert.match(valid, /Verified with the key ES256-1/);
    await bench.run('View: Close Editor');
    await bench.open('issued.http');
    assert.match(
      await bench.hover('eyJhbGci', 'signature verified'),
      /signature verified against localhost:\d+, key ES256-1/,
    );
    await bench.codeLens('signature verified');
    await bench.screenshot('verify-lens');

    const middle = issued.lastIndexOf('.') + 40;
    await bench.goTo(2, BEARER.length + middle + 1);
    await bench.page.keyboard.press('Shift+ArrowRight');
    await bench.page.keyboard.insertText(issued[middle] === 'A' ? 'B' : 'A');
    await bench.codeLensGone('signature verified');
    await bench.run('Claimlens: Verify Token Against Issuer');
    const invalid = await bench.preview();
    await bench.screenshot('verify-invalid');
    assert.match(invalid, /Verification: invalid/);
    await bench.run('View: Close Editor');
    await bench.open('issued.http');
    await bench.codeLens('signature invalid');
    assert.match(
      await bench.hover('eyJhbGci', 'Signature invalid'),
      /Signature invalid: The signature was not made with the key/,
    );
    await bench.screenshot('verify-squiggle');
    await bench.run('View: Close All Editors');
  },

  'the palette shows the metadata of the issuer': async ({ bench, issued }) => {
    await bench.run('View: Close All Editors');
    await bench.page.evaluate((text) => navigator.clipboard.writeText(text), issued);
    await bench.run('Claimlens: Show Issuer Metadata');
    await until('the metadata is shown', async () => /"jwks_uri"/.test(await bench.text()));
    await bench.screenshot('metadata');
    await bench.run('Claimlens: Clear Metadata Cache');
    await bench.run('View: Close All Editors');
  },

  ...policies,
  ...names,

  ...rejections,

  ...snippets,

  'an untitled document of any language is served': async ({ bench }) => {
    await bench.run('File: New Untitled Text File');
    await bench.page.keyboard.insertText(`token: ${expired}`);
    assert.match(await bench.hover('eyJhdWQi', 'api://orders'), /api:\/\/orders/);
  },

  'the whole file is redacted': async ({ bench }) => {
    await bench.run('Claimlens: Redact All Tokens in File');
    await until('the token is gone', async () => !(await bench.text()).includes(expired.slice(0, 60)));
  },

  'a server that crashes comes back by itself': async ({ bench, processes }) => {
    const [before] = processes();
    process.kill(before, 'SIGKILL');
    await until('another server runs', async () => processes().length === 1 && processes()[0] !== before);
    await bench.open('service.log');
    await until('it answers', async () => /expired/.test(await bench.hover('eyJ')), 60_000);
  },

  'the restart command starts another server': async ({ bench, processes }) => {
    const [before] = processes();
    await bench.run('Claimlens: Restart Server');
    await until('another server runs', async () => processes().length === 1 && processes()[0] !== before);
    await until('it answers', async () => /expired/.test(await bench.hover('eyJ')), 60_000);
  },

  'the output says which Python runs the server, and holds no token': async ({ bench, logText }) => {
    await bench.run('Claimlens: Show Output');
    await bench.page
      .locator('.part.panel .view-line', { hasText: 'Starting the server with Python 3.' })
      .first()
      .waitFor();
    await bench.screenshot('output');
    const log = logText();
    assert.match(log, /Not used: .*\.venv\/bin\/python3? .*lies in an opened folder/);
    for (const token of [live, expired]) {
      for (const part of token.split('.')) {
        assert.ok(!log.includes(part), 'a part of a token is in the log');
      }
    }
  },

  'diagnostic information can be copied': async ({ bench }) => {
    await bench.run('Claimlens: Copy Diagnostic Information');
    await until('it is copied', async () => /Started with: Python 3\./.test(await bench.clipboard()));
  },

  'no notification was shown': async ({ bench }) => {
    assert.deepEqual(await bench.notifications(), []);
  },

  'nothing that lies in the folder has run': async ({ sentinel }) => {
    assert.equal(fs.existsSync(sentinel) ? fs.readFileSync(sentinel, 'utf8') : '', '');
  },

  ...examples,

  // docs/images/hover.png is a copy of what this leaves in the artefacts.
  'the picture for the README': async ({ showExamples }) => {
    const bench = await showExamples({ width: 1100, height: 640 });
    try {
      await bench.open('orders.http');
      await bench.page.keyboard.press('Control+B');
      await bench.squiggle('warning');
      const hover = await bench.hover('eyJhdWQi', 'access token');
      await bench.screenshot('readme');
      assert.match(hover, /access token/);
    } finally {
      await bench.close();
    }
  },
};
