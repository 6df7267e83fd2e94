// The sample workspace of examples/: from a token to the line of another file that refuses it, and its policy's answer.
import assert from 'node:assert/strict';

import { until } from './workbench.mjs';

/** The line of orders.http with a token of version 1.0; the policy reads the metadata of version 2.0. */
const OTHER_VERSION = 19;

export const examples = {
  'a token of the examples leads to the line of the policy that refuses it': async ({ showExamples }) => {
    const bench = await showExamples();
    try {
      await bench.open('orders.http');
      await bench.squiggle('warning');
      await bench.run('View: Focus Problems');
      const mismatch = bench.page.locator('.markers-panel .monaco-list-row', { hasText: 'config-issuer-mismatch' });
      await mismatch.first().waitFor({ timeout: 30_000 });
      await bench.closePanel();
      await bench.goTo(OTHER_VERSION, 200);
      const hover = bench.page.locator('.monaco-hover:visible').first();
      const link = hover.locator('a', { hasText: 'policy.xml' }).first();
      // Diagnostics that come in at that moment close a hover.
      for (let attempt = 0; attempt < 4 && !(await link.isVisible()); attempt += 1) {
        await bench.run('Show or Focus Hover');
        await link.waitFor({ timeout: 8_000 }).catch(() => {});
      }
      await bench.screenshot('example-mismatch');
      assert.match(await hover.innerText(), /The issuer is 'https:\/\/sts\.windows\.net\//);
      await link.click();
      await bench.page.locator('.tab.active', { hasText: 'policy.xml' }).waitFor();
      await bench.page.locator('.statusbar-item', { hasText: /Ln 5,/ }).waitFor();
      await bench.screenshot('example-related');

      await bench.pressLens('Test with a token');
      await bench.choose('api://8c2b7f10');
      const report = await bench.preview();
      await bench.screenshot('example-report');
      assert.match(report, /Would this token pass/);
      assert.match(report, /context\.LastError/);
      const offer = bench.page.locator('.notification-toast', { hasText: 'The signature was not checked' });
      await offer.waitFor({ timeout: 20_000 });
      assert.match(await offer.innerText(), /login\.microsoftonline\.com\? The token is not sent/);
      await bench.page.keyboard.press('Escape');
      await bench.run('View: Close Editor');
      await bench.drawn('failed here');
      await bench.drawn('not decided');
      await until('the policy is in view', async () => /validate-jwt/.test(await bench.text()));
      await bench.screenshot('example-marks');
    } finally {
      await bench.close();
    }
  },
};
