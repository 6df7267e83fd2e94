// A running workbench in a browser, with the words that scenarios are written in.
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

import { chromium } from 'playwright-core';

import { installation } from './place.mjs';

/** How long the workbench and the first answer of the server may take on a machine that does other things too. */
const SLOW = 60_000;
const QUICK = 20_000;

const USER_SETTINGS = {
  'chat.disableAIFeatures': true,
  'editor.hover.delay': 100,
  'editor.minimap.enabled': false,
  'editor.wordWrap': 'on',
  'extensions.autoCheckUpdates': false,
  'git.enabled': false,
  'security.workspace.trust.enabled': false,
  'terminal.integrated.gpuAcceleration': 'off', // draws text that can be read
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'window.commandCenter': false,
  'workbench.colorTheme': 'Default Dark Modern',
  'workbench.enableExperiments': false,
  'workbench.layoutControl.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
};

/** Start code-server with the extension installed; `url` names the page of a folder. */
export async function startServer({ vsix, artifacts, profile = '', machineSettings = {} }) {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'claimlens-workbench-'));
  const userData = path.join(home, 'data');
  for (const [scope, settings] of Object.entries({ User: USER_SETTINGS, Machine: machineSettings })) {
    fs.mkdirSync(path.join(userData, scope), { recursive: true });
    fs.writeFileSync(path.join(userData, scope, 'settings.json'), JSON.stringify(settings));
  }
  // A home of its own: nothing of this user's shell or editor is read.
  const env = {
    ...process.env,
    HOME: home,
    XDG_CONFIG_HOME: home,
    XDG_DATA_HOME: home,
    XDG_CACHE_HOME: home,
  };
  delete env.VSCODE_IPC_HOOK_CLI;
  fs.writeFileSync(path.join(home, '.profile'), profile); // the workbench takes its PATH from a login shell
  const common = [installation.entry, '--user-data-dir', userData, '--extensions-dir', path.join(home, 'extensions')];
  execFileSync(installation.node, [...common, '--install-extension', vsix], { env, stdio: 'ignore' });

  const port = await freePort();
  const quiet = ['--disable-telemetry', '--disable-update-check', '--disable-getting-started-override'];
  const log = fs.openSync(path.join(artifacts, 'code-server.log'), 'w');
  const server = spawn(
    installation.node,
    [...common, '--auth', 'none', '--bind-addr', `127.0.0.1:${port}`, '--disable-workspace-trust', ...quiet],
    { env, cwd: home, stdio: ['ignore', log, log] },
  );
  const url = (folder) => `http://127.0.0.1:${port}/?folder=${encodeURIComponent(folder)}`;
  const stop = async () => {
    if (server.exitCode === null) {
      server.kill('SIGTERM');
      await new Promise((done) => server.once('exit', done));
    }
    fs.rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  };
  await until('the workbench server answers', async () => (await fetch(`http://127.0.0.1:${port}/healthz`)).ok, SLOW);
  return { home, url, stop };
}

/** Show a page of the server in a browser. */
export async function show(url, artifacts, viewport = { width: 1280, height: 800 }) {
  const browser = await chromium.launch({
    executablePath: browserProgram(),
    args: ['--no-sandbox', '--disable-gpu', '--force-device-scale-factor=1'],
  });
  const context = await browser.newContext({
    viewport,
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const page = await context.newPage();
  await page.goto(url, { waitUntil: 'domcontentloaded', timeout: SLOW });
  await page.waitForSelector('.explorer-folders-view .monaco-list-row', { timeout: SLOW });
  return new Workbench(browser, page, artifacts);
}

/** What a user does, and what a user sees. */
export class Workbench {
  constructor(browser, page, artifacts) {
    this.browser = browser;
    this.page = page;
    this.artifacts = artifacts;
  }

  async close() {
    await this.browser.close();
  }

  /** Open a file of the folder by its name, and put the cursor into it. */
  async open(name) {
    const tab = this.page.locator('.tab.active', { hasText: name });
    for (let attempt = 0; attempt < 3 && (attempt === 0 || !(await appears(tab))); attempt += 1) {
      // What a slow search finds moves the rows under the cursor, and then Enter opens another file.
      await this.#pick('Control+P', name);
    }
    await tab.waitFor({ timeout: QUICK });
    await this.page.locator('.editor-instance .view-line').first().waitFor({ timeout: QUICK });
  }

  /** Run a command of the palette. */
  async run(title) {
    await this.#pick('F1', title);
  }

  /** Press keys that open the quick input; what takes the focus at that moment closes it again, so press once more. */
  async #summon(keys) {
    const input = this.page.locator('.quick-input-widget input').first();
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await this.page.keyboard.press(keys);
      if (await appears(input)) {
        return input;
      }
    }
    await input.waitFor({ timeout: QUICK / 4 });
    return input;
  }

  async #pick(keys, wanted) {
    const input = await this.#summon(keys);
    const asked = await input.getAttribute('placeholder');
    await this.page.keyboard.insertText(wanted);
    await this.#choose(this.page.locator('.quick-input-list'), wanted);
    // The command may ask a question of its own at once, in the same place.
    const hasMovedOn = async () => !(await input.isVisible()) || (await input.getAttribute('placeholder')) !== asked;
    await until(`${wanted} is chosen`, hasMovedOn);
  }

  /** Walk a list by keyboard to the row with a text, and press Enter: it cannot be clicked while it opens. */
  async #choose(list, wanted) {
    await list.locator('.monaco-list-row', { hasText: wanted }).first().waitFor({ timeout: QUICK });
    const chosen = list.locator('.monaco-list-row.focused', { hasText: wanted });
    for (let step = 0; step < 30 && (await chosen.count()) === 0; step += 1) {
      await this.page.keyboard.press('ArrowDown');
    }
    await this.page.keyboard.press('Enter');
  }

  /** Put the cursor onto a line (from 1) and column. */
  async goTo(line, column) {
    const input = await this.#summon('Control+G');
    await this.page.keyboard.insertText(`${line}:${column}`);
    await this.page.keyboard.press('Enter');
    await input.waitFor({ state: 'hidden', timeout: QUICK });
  }

  /** Wait for a squiggle of a severity: error, warning, info or hint. */
  async squiggle(severity = 'warning', timeout = SLOW) {
    const found = this.page.locator(`.editor-instance .squiggly-${severity}`).first();
    await found.waitFor({ state: 'attached', timeout });
    return found;
  }

  async noSquiggle() {
    await until('no squiggle is left', async () => (await this.page.locator('[class*=squiggly-]').count()) === 0);
  }

  /** Move the mouse onto a text in the editor and return what the hover says, once it holds the words wanted. */
  async hover(text, wanted = '') {
    const hover = this.page.locator('.monaco-hover:visible').first();
    for (let attempt = 1; ; attempt += 1) {
      await this.page.mouse.move(5, 5);
      const place = await this.#placeOf(text);
      await this.page.mouse.move(place.x, place.y, { steps: 4 });
      try {
        await hover.waitFor({ timeout: 5_000 });
        // It fills in parts: what stands in the Problems panel first, what the server says later.
        const said = async () => (await hover.innerText()).replace(/\s+/g, ' ');
        const isComplete = (text) => text.includes(wanted) && !text.includes('Loading...');
        await until(`the hover says ${wanted}`, async () => isComplete(await said()));
        return await said();
      } catch (error) {
        if (attempt === 4) {
          throw error;
        }
      }
    }
  }

  /** A point on the first appearance of a text in the editor, which draws blanks as no-break spaces. */
  async #placeOf(text) {
    const find = (wanted) => {
      for (const line of document.querySelectorAll('.editor-instance .view-line')) {
        const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
        for (let node = walker.nextNode(); node; node = walker.nextNode()) {
          const at = node.data.replaceAll('\u00a0', ' ').indexOf(wanted);
          if (at >= 0) {
            const range = document.createRange();
            range.setStart(node, at);
            range.setEnd(node, at + wanted.length);
            const { x, y, width, height } = range.getClientRects()[0];
            return { x: x + Math.min(width / 2, 12), y: y + height / 2 };
          }
        }
      }
      return null;
    };
    const place = await this.page.waitForFunction(find, text, { timeout: QUICK });
    return place.jsonValue();
  }

  /** Open the menu of quick fixes at the cursor, and return it. On a busy machine the first try may show nothing. */
  async fixes() {
    const menu = this.page.locator('.action-widget:visible');
    for (let attempt = 1; ; attempt += 1) {
      await this.page.keyboard.press('Control+.');
      try {
        await menu.waitFor({ timeout: 5_000 });
        return menu;
      } catch (error) {
        if (attempt === 4) {
          throw error;
        }
      }
    }
  }

  /** Choose a quick fix at the cursor. */
  async fix(title) {
    const menu = await this.fixes();
    await this.#choose(menu, title);
    await menu.waitFor({ state: 'hidden', timeout: QUICK });
  }

  /** All text that is visible in the editor. */
  async text() {
    const lines = await this.page.locator('.editor-instance .view-line').allInnerTexts();
    return lines.join('\n').replaceAll('\u00a0', ' ');
  }

  /** The text of a rendered Markdown document, which lies two frames deep. */
  async preview() {
    const body = this.page.frameLocator('iframe.webview').frameLocator('iframe').locator('body');
    await body.locator('h1, h2, h3, table').first().waitFor({ timeout: QUICK });
    return body.innerText();
  }

  /** Follow a link of a rendered Markdown document. */
  async followLink(words) {
    const body = this.page.frameLocator('iframe.webview').frameLocator('iframe').locator('body');
    await body.locator('a', { hasText: words }).first().click();
  }

  /** Close the panel below the editor, if it is open. */
  async closePanel() {
    const panel = this.page.locator('.part.panel');
    if (await panel.isVisible()) {
      await this.page.keyboard.press('Control+J');
      await panel.waitFor({ state: 'hidden', timeout: QUICK });
    }
  }

  /** Press a button of a notification, of which a picture is kept. */
  async press(title, name) {
    const button = this.page.locator('.notification-toast .monaco-button', { hasText: title });
    await button.waitFor({ timeout: SLOW });
    await this.screenshot(name);
    await button.click();
  }

  /** Wait for a code lens with these words. */
  async codeLens(words) {
    await this.#lens(words).waitFor({ timeout: SLOW });
  }

  /** Press a code lens. */
  async pressLens(words) {
    await this.codeLens(words);
    await this.#lens(words).locator('a', { hasText: words }).first().click();
  }

  /** Choose from the list that a command has opened. */
  async choose(words) {
    const list = this.page.locator('.quick-input-list');
    await list.locator('.monaco-list-row', { hasText: words }).first().waitFor({ timeout: SLOW });
    await this.#choose(list, words);
  }

  /** Wait for words that an extension draws into the text. */
  async drawn(words) {
    await until(`${words} is drawn`, () => this.isDrawn(words));
  }

  async isDrawn(words) {
    const find = (wanted) =>
      [...document.querySelectorAll('.editor-instance .view-line span')].some((place) =>
        getComputedStyle(place, '::after').content.includes(wanted),
      );
    return this.page.evaluate(find, words);
  }

  /** Wait until no code lens has these words. */
  async codeLensGone(words) {
    await this.#lens(words).waitFor({ state: 'detached', timeout: SLOW });
  }

  #lens(words) {
    return this.page.locator('.codelens-decoration', { hasText: words }).first();
  }

  /** All text that is visible in the terminal, without its line breaks. */
  async terminal() {
    const rows = await this.page.locator('.xterm-rows > div').allInnerTexts();
    return rows.join('').replaceAll('\u00a0', ' ');
  }

  async clipboard() {
    return this.page.evaluate(() => navigator.clipboard.readText());
  }

  async notifications() {
    return this.page.locator('.notification-toast').allInnerTexts();
  }

  async screenshot(name) {
    await this.page.screenshot({ path: path.join(this.artifacts, `${name}.png`) });
  }
}

/** Whether something is shown within a quarter of the time that a wait may take. */
async function appears(locator) {
  return locator.waitFor({ timeout: QUICK / 4 }).then(
    () => true,
    () => false,
  );
}

/** Wait until `condition` holds; errors in it count as no. */
export async function until(what, condition, timeout = QUICK) {
  const end = Date.now() + timeout;
  for (;;) {
    if (await condition().catch(() => false)) {
      return;
    }
    if (Date.now() > end) {
      throw new Error(`waited in vain until ${what}`);
    }
    await new Promise((done) => setTimeout(done, 100));
  }
}

function browserProgram() {
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
  const programs = names.flatMap((name) => folders.map((folder) => path.join(folder, name)));
  const found = programs.find((program) => fs.existsSync(program));
  if (found === undefined) {
    throw new Error('Chromium is not installed');
  }
  return found;
}

async function freePort() {
  return new Promise((done) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}
