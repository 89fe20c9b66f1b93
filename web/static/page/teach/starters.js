// Starter sets, for those who have no pictures at hand: renderings to learn from, and drawings of the same things as a second domain to be judged by.

import { make } from '../dom.js';
import { duration } from '../format.js';
import { say } from '../i18n.js';
import { button, words } from './parts.js';

/**
 * @typedef {object} StarterSet  as weights/starters writes it
 * @property {string} id
 * @property {'train' | 'test'} role
 * @property {string} title
 * @property {string} credit
 * @property {string} license
 * @property {string} licenseUrl
 * @property {string} source
 * @property {{ name: string, pictures: string[] }[]} classes
 */

/** What kind of pictures a set has. */
const domains = { train: 'rendering', test: 'drawing' };

/**
 * From the first click to the comparison the lesson takes as long as so many passes of the network, and rather less: 1,540 were measured in Firefox,
 * 950 in Chromium, on a machine that had other work.
 */
const passes = 1500;

const base = new URL('starters/', document.baseURI);

/** @param {string} file */
async function fetched(file) {
  const answer = await fetch(new URL(file, base));
  if (!answer.ok) throw new Error(`${file}: ${answer.status}`);
  return answer;
}

/**
 * @param {import('./parts.js').Desk} desk
 * @param {{ adding: ReturnType<typeof import('./adding.js').createAdding>, onLoaded: () => void }} parts onLoaded: all pictures are there
 */
export function createStarters(desk, { adding, onLoaded }) {
  const start = button('teach.starters.start', 'plain', () => void load());
  const fault = make('p', 'task-fault');
  fault.role = 'alert';
  const credits = make('p', 'teach-credits hint');
  const about = words('p', 'teach.starters.text', 'hint');
  const element = make('div', 'teach-starters', start, about, fault);
  /** @type {Promise<StarterSet[]> | undefined} */
  let listed;
  /** @returns {Promise<StarterSet[]>} */
  const list = () => (listed ??= fetched('starters.json').then(answer => answer.json()).catch(error => {
    listed = undefined;
    throw error;
  }));

  async function load() {
    start.disabled = true;
    fault.textContent = '';
    try {
      const sets = await list();
      for (const { role, classes } of sets) {
        for (const { name, pictures } of classes) {
          const files = await Promise.all(pictures.map(async file => ({ blob: await (await fetched(file)).blob(), name: file.split('/').at(-1) ?? file })));
          await adding.addClasses([{ name, files }], { domain: domains[role], test: role === 'test' });
        }
      }
      onLoaded();
    } catch {
      say(fault, 'teach.starters.failed');
    }
    start.disabled = false;
  }

  return {
    element,
    credits,
    /** Says how long it takes here. @param {number} ms  of one pass of the network on this device */
    expect(ms) {
      say(about, 'teach.starters.text.time', () => ({ time: duration(passes * ms / 1000) }));
    },
    /** Tells whose pictures they are, when there are any of them. */
    async show() {
      const used = desk.teacher?.classes.some(({ pictures }) => pictures.some(({ domain }) => Object.values(domains).includes(domain))) ?? false;
      credits.hidden = !used;
      if (!used || credits.childElementCount > 0) return;
      const sets = await list().catch(() => []);
      credits.replaceChildren(...sets.flatMap(({ title, credit, license, licenseUrl, source }, i) => {
        const link = (/** @type {string} */ words, /** @type {string} */ href) => Object.assign(make('a', '', words), { href, target: '_blank', rel: 'noreferrer' });
        return [...(i > 0 ? [' · '] : []), link(title, source), `: ${credit}, `, link(license, licenseUrl)];
      }));
      credits.lang = 'en';
    },
  };
}
