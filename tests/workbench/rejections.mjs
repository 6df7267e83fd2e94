// What the extension says of rejected tokens: why, what an error means, what a policy makes of a token.
import assert from 'node:assert/strict';

import { BEARER, live } from './folder.mjs';
import { until } from './workbench.mjs';

function assertMasked(text) {
  for (const part of live.split('.')) {
    assert.ok(!text.includes(part), 'a part of the token is shown');
  }
}

async function passes(bench) {
  return /The request passes the policies/.test(await bench.preview());
}

export const rejections = {
  'an error in a log is explained by its hover, the values side by side': async ({ bench }) => {
    await bench.open('errors.log');
    const hover = await bench.hover('IDX10214', 'api://billing');
    await bench.screenshot('hover-error');
    for (const words of ['another audience', 'Wrong audience', 'found', 'api://orders', 'expected', 'api://billing']) {
      assert.ok(hover.includes(words), `the hover does not say ${words}: ${hover}`);
    }
  },

  'the palette explains why a token is rejected, with links to the evidence': async ({ bench }) => {
    await bench.open('rejected.log');
    await bench.goTo(3, 30);
    await bench.run('Claimlens: Explain Why This Token Is Rejected');
    const report = await bench.preview();
    await bench.screenshot('explain');
    assert.match(report, /Why this token is rejected/);
    assert.match(report, /audience/);
    assert.match(report, /api:\/\/billing/);
    assertMasked(report);
    await bench.followLink('rejected.log, line 3');
    await bench.page.locator('.tab.active', { hasText: 'rejected.log' }).waitFor();
    await until('the line of the evidence is shown', async () => /IDX10214/.test(await bench.text()));
    await bench.run('View: Close All Editors');
  },

  'a code action explains an error': async ({ bench }) => {
    await bench.open('rejected.log');
    await bench.goTo(3, 30);
    await bench.fix('Explain this error');
    assert.match(await bench.preview(), /Why this token is rejected/);
    await bench.run('View: Close All Editors');
  },

  'a policy is tested with a token: a report, and marks until the text changes': async ({ bench }) => {
    await bench.open('rejected.log');
    await bench.open('orders-policy.xml');
    await bench.pressLens('Test with a token');
    await bench.choose('rejected.log');
    const report = await bench.preview();
    await bench.screenshot('policy-report');
    assert.match(report, /The request is refused with status 401: TokenClaimValueNotAllowed/);
    assert.match(report, /Orders\.Write/);
    assertMasked(report);
    await bench.run('View: Close Editor');
    for (const words of ['passed', 'failed here', 'not decided']) {
      await bench.drawn(words);
    }
    await bench.screenshot('policy-marks');
    await bench.goTo(1, 11);
    await bench.page.keyboard.insertText(' ');
    await until('the marks are gone', async () => !(await bench.isDrawn('failed here')));
    await bench.run('Undo');
    await bench.run('View: Close All Editors');
  },

  'the palette tests a token against a policy': async ({ bench }) => {
    await bench.open('rejected.log');
    await bench.run('Claimlens: Test Token Against Policy');
    await bench.choose('validate-jwt');
    await bench.choose('rejected.log');
    assert.match(await bench.preview(), /Would this token pass/);
    await bench.run('View: Close All Editors');
  },

  'the report of a policy offers to check the signature, with the keys of the issuer': async ({ bench, issued }) => {
    await bench.open('issued.http');
    await bench.run('Notifications: Clear All Notifications');
    await bench.page.keyboard.press('Control+A'); // another scenario may have changed it
    await bench.page.keyboard.insertText(`GET https://api.contoso.com/orders\n${BEARER}${issued}\n`);
    await bench.open('issued-policy.xml');
    await bench.pressLens('Test with a token');
    await bench.choose('issued.http');
    assert.match(await bench.preview(), /not every check could be made/);
    await bench.press('Check the Signature', 'policy-offer-keys');
    const once = bench.page.locator('.notification-toast .monaco-button', { hasText: 'Once' });
    await until('the keys are fetched', async () => {
      if (await once.isVisible()) {
        await once.click(); // unless another scenario has allowed the host
      }
      return (await bench.page.locator('.tab', { hasText: 'Policy Test' }).count()) > 0 && passes(bench);
    });
    await bench.screenshot('policy-keys');
    await bench.run('View: Close All Editors');
  },

  'the palette compares two tokens': async ({ bench }) => {
    await bench.open('service.log');
    await bench.open('rejected.log');
    await bench.run('Claimlens: Compare Two Tokens');
    await bench.choose('rejected.log');
    await bench.choose('service.log');
    const report = await bench.preview();
    await bench.screenshot('compare');
    assert.match(report, /the second expired/);
    assertMasked(report);
    await bench.run('View: Close All Editors');
  },
};
