// The ways through the four rooms that a person clicks, for commands that look at the page after each: shifts.mjs and
// states.mjs. Nothing is found by its words, for the page is walked in both languages.

import { rmSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { alp, barn } from './fixtures.mjs';
import { headFile, headParts, soundHead, tensor } from './head.mjs';

/** @typedef {import('playwright-core').Page} Page */
/**
 * leave: on to the next step, after the state was looked at
 * @typedef {{ name: string, go: (page: Page) => Promise<unknown>, leave?: (page: Page) => Promise<unknown> }} Step
 */

/** What the browser needs for the walk: a camera, which shows a ball. */
export const cameraSwitches = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];

const slow = { timeout: 120_000 };

/** @param {Page} page @param {string} selector @param {number} [n] which of those that are seen */
const click = (page, selector, n = 0) => page.locator(`${selector}:visible`).nth(n).click(slow);

/** @param {Page} page @param {string} selector */
const shows = (page, selector) => page.locator(`${selector}:visible`).first().waitFor(slow);

/** @param {Page} page */
const answered = page => page.waitForFunction(() =>
  document.querySelector('#answer')?.ariaBusy === 'false' && document.querySelector('#answer .guesses li'), null, slow);

/** A button, an option or a link by the key of its text. @param {string} key */
const by = key => `[data-i18n="${key}"]`;

/**
 * @param {Page} page
 * @param {string} selector of the button that opens the file chooser
 * @param {Parameters<import('playwright-core').FileChooser['setFiles']>[0]} files
 */
async function chooseFiles(page, selector, files) {
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), click(page, selector)]);
  await chooser.setFiles(files);
}

/** @param {Page} page */
const escape = page => page.keyboard.press('Escape');

/** @param {Page} page */
async function choosePhoto(page) {
  await chooseFiles(page, ':is(#drop, #another, #choose)', [barn]);
  await page.locator('.photo-name', { hasText: 'dust-bowl-home.jpg' }).waitFor(slow);
  await answered(page);
}

const noPicture = { name: 'report.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.7') };

/** A folder whose subfolders are called as classes. */
async function labelledFolder() {
  const scratch = await mkdtemp(join(tmpdir(), 'residua-rooms-'));
  process.once('exit', () => rmSync(scratch, { recursive: true, force: true }));
  const folder = join(scratch, 'photos');
  for (const [name, photo] of [['barn', barn], ['alp', alp], ['zebra', alp]]) {
    await mkdir(join(folder, name), { recursive: true });
    await copyFile(photo, join(folder, name, `${name}.jpg`));
  }
  return folder;
}

/** The features of the network that the page has: 2,048 of ResNet-50, 256 of the tests'. @param {Page} page */
const featuresOf = page => page.evaluate(async () =>
  (await (await fetch('models/resnet50/manifest.json')).json()).size > 1e7 ? 2048 : 256);

/**
 * A classifier to which everything is strange: nothing is within its limit, and no class is likely.
 * @param {number} d features
 */
function strangeHead(d) {
  const { card, tensors } = headParts({ classes: ['alp', 'barn'], d });
  tensors[2] = tensor('head.weight', [2, d], () => 0);
  tensors[3] = tensor('head.bias', [2], i => 0.5 * i);
  tensors[4] = tensor('threshold.means', [2, d], () => 1 / Math.sqrt(d));
  return headFile({ card: { ...card, limit: 0, keep: 59 / 60, n: 59 }, tensors });
}

/** A phone has some parts folded. @param {Page} page @param {string} selector of a <details> */
async function unfold(page, selector) {
  if (!await page.locator(`${selector}[open]`).count()) await click(page, `${selector} > summary`);
}

/** Only the first pictures of each class of a starter set: enough to see the room. @param {Page} page */
export async function shortenStarters(page) {
  await page.route('**/starters/starters.json', async route => {
    const sets = await (await route.fetch()).json();
    for (const set of sets) {
      set.classes = set.classes.slice(0, 2)
        .map((/** @type {any} */ one) => ({ ...one, pictures: one.pictures.slice(0, 5) }));
    }
    await route.fulfill({ json: sets });
  });
}

/** In the order of a visit: each begins where the one before ends. @type {Step[]} */
export const steps = [
  {
    name: 'open, and the example is answered',
    async go(page) {
      await page.locator('#model[data-state="ready"]').waitFor(slow);
      await answered(page);
      await page.locator('.samples .card:enabled').nth(7).waitFor(slow);
    },
  },
  {
    name: 'another sample',
    async go(page) {
      await click(page, '.samples .card', 1);
      await page.waitForFunction(() => document.querySelector('.photo img'), null, slow);
      await answered(page);
    },
  },
  {
    name: 'a link that somebody shared',
    async go(page) {
      const { origin } = new URL(page.url());
      const { id } = await (await fetch(`${origin}/api/share`, {
        method: 'POST', headers: { 'Content-Type': 'application/octet-stream' }, body: new Uint8Array(soundHead()),
      })).json();
      await page.evaluate(id => { location.hash = `share=${id}`; }, id);
      await shows(page, by('shared.load'));
    },
    leave: escape,
  },
  {
    name: 'live camera',
    async go(page) {
      await click(page, '#live');
      await shows(page, '#live-freeze:enabled');
      await answered(page);
    },
    async leave(page) {
      await click(page, '#live-freeze');
      await shows(page, '#photo .mount');
    },
  },
  {
    name: 'a file that is no picture',
    async go(page) {
      await chooseFiles(page, ':is(#drop, #another, #choose)', [noPicture]);
      await shows(page, '#notices .notice');
    },
  },
  {
    name: 'a folder becomes a table',
    async go(page) {
      await chooseFiles(page, '#folder', await labelledFolder());
      await shows(page, `.bulk-progress-words${by('bulk.done.all')}`);
    },
  },
  {
    name: 'a photo of the table',
    async go(page) {
      await click(page, '#bulk [role=row][id]');
      await answered(page);
    },
    leave: page => click(page, by('bulk.back')),
  },
  {
    name: 'a question before the table goes',
    async go(page) {
      await click(page, by('bulk.close'));
      await shows(page, 'dialog.question');
    },
    leave: page => click(page, '.question-answers .main'),
  },
  { name: 'a photo is chosen', go: choosePhoto },
  { name: 'timings', go: page => click(page, '.timings summary') },
  {
    name: 'Look inside',
    async go(page) {
      await click(page, '#tab-look');
      await page.locator('#numbers tr').nth(16).waitFor({ state: 'attached', ...slow });
      await page.locator('#look-preparing').waitFor({ state: 'hidden', ...slow });
    },
  },
  {
    name: 'where it looked',
    async go(page) {
      await click(page, '#where-show');
      await shows(page, 'canvas.heat');
    },
  },
  {
    name: 'a block is opened',
    async go(page) {
      await page.selectOption('#look-scene', 'block');
      await shows(page, '#look-whole');
    },
    leave: page => click(page, '#look-whole'),
  },
  {
    name: 'guided look',
    async go(page) {
      await click(page, '#tour-start');
      await click(page, '#tour-next');
    },
    leave: page => click(page, '#tour-stop'),
  },
  {
    name: 'block lab',
    async go(page) {
      await unfold(page, '#lab-part');
      await click(page, '#lab button');
      await shows(page, '#lab-whole');
      await click(page, '#lab-sweep');
      await page.locator('#sweep-strip button').nth(15).waitFor(slow);
      await page.locator('#sweep-task').filter({ hasText: /\d/ }).waitFor({ state: 'hidden', ...slow });
    },
  },
  { name: 'in numbers', go: page => unfold(page, '#numbers-part') },
  {
    name: 'live camera in Look inside',
    async go(page) {
      await click(page, '#live');
      await shows(page, '#look-live');
      await answered(page);
    },
    async leave(page) {
      await click(page, '#live-freeze');
      await page.locator('#look-live').waitFor({ state: 'hidden', ...slow });
    },
  },
  {
    name: 'Teach',
    async go(page) {
      await click(page, '#tab-teach');
      await shows(page, '.teach-welcome');
    },
  },
  {
    name: 'starters, and training',
    async go(page) {
      await click(page, '.teach-starters button');
      await shows(page, '.teach-judged');
      await page.locator('.teach-plot .point').first().waitFor({ state: 'attached', ...slow });
    },
  },
  { name: 'the comparison', go: page => shows(page, '.teach-compared') },
  {
    name: 'all details of Teach',
    async go(page) {
      const closed = page.locator('#teach details:not([open]) > summary:visible');
      while (await closed.count() > 0) await closed.first().click(slow);
    },
  },
  {
    name: 'a picture is tried',
    async go(page) {
      await chooseFiles(page, by('teach.try.choose'), [alp]);
      await shows(page, '.teach-answer li');
    },
  },
  {
    name: 'a file that is no picture, in Teach',
    async go(page) {
      await chooseFiles(page, '[data-i18n-label="teach.add.to"]', [noPicture]);
      await shows(page, '#teach .notice');
    },
    leave: page => click(page, '#teach .notice > button'),
  },
  {
    name: 'across domains',
    async go(page) {
      for (const question of ['probes', 'distance']) {
        await click(page, by(`domains.${question}.start`));
        await shows(page, `.domains-panel:has(${by(`domains.${question}.start`)}) .domains-result`);
      }
    },
  },
  {
    name: 'before a link is made',
    async go(page) {
      await click(page, by('share.make'));
      await shows(page, by('share.go'));
    },
    leave: page => click(page, by('share.cancel')),
  },
  {
    name: 'whose classes, in Look inside',
    async go(page) {
      await click(page, '#tab-look');
      await click(page, '.look-whose button');
      await shows(page, `.look-whose ${by('look.whose')}`);
      await page.locator('#look-preparing').waitFor({ state: 'hidden', ...slow });
    },
  },
  {
    name: 'unlike anything it was shown',
    async go(page) {
      await click(page, '#tab-teach');
      await click(page, by('teach.keep.over'));
      await click(page, by('teach.keep.yes'));
      const buffer = strangeHead(await featuresOf(page));
      await chooseFiles(page, by('teach.keep.open'), [{ name: 'strange.safetensors', mimeType: '', buffer }]);
      await shows(page, by('teach.state.imported'));
      await click(page, '#tab-classify');
      await click(page, '.teach-mine button', 1);
      await shows(page, '#answer .teach-unlike');
    },
  },
  {
    name: 'Skip lab',
    async go(page) {
      await click(page, '#tab-lab');
      await shows(page, '.skiplab-said li');
    },
  },
  {
    name: 'a lesson is trained',
    async go(page) {
      await click(page, '.skiplab-lesson');
      await shows(page, '.skiplab-said li');
      await click(page, '.skiplab-go');
      await page.waitForFunction(() =>
        Number(document.querySelector('.skiplab-run progress')?.getAttribute('value')) > 2, null, slow);
      await click(page, '.skiplab-go');
    },
  },
  {
    name: 'an analysis of the lesson',
    async go(page) {
      await click(page, by('skiplab.scene.paths'));
      await click(page, by('skiplab.compute.paths'));
      await shows(page, '.skiplab-said [data-i18n^="skiplab.paths."]');
    },
  },
  {
    name: 'models',
    async go(page) {
      await click(page, '#model-name');
      await shows(page, '#models');
    },
    leave: escape,
  },
  {
    name: 'keys',
    async go(page) {
      await page.keyboard.press('?');
      await shows(page, 'dialog.keys');
    },
    leave: escape,
  },
  {
    name: 'language and theme',
    async go(page) {
      for (let i = 0; i < 2; i++) {
        const before = await page.evaluate(() => document.documentElement.lang);
        await click(page, '#language');
        await page.waitForFunction(before => document.documentElement.lang !== before, before, slow);
      }
      await click(page, '#theme');
      await click(page, '#theme');
    },
  },
];
