// Starter sets for people without pictures at hand: renderings to learn from, drawings of the same things to test on.

import { make } from '../dom.js';
import { alertLine, button, localized } from '../elements.js';
import { duration } from '../format.js';
import { say, text } from '../i18n.js';

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

/** The domain of a set's pictures. */
const domains = { train: 'rendering', test: 'drawing' };

/**
 * The whole lesson, from the first click to the comparison, takes at most about as long as so many passes of the
 * network. On a machine that had other work, 1,540 were measured in Firefox and 950 in Chromium.
 */
const passes = 1500;

const base = new URL('starters/', document.baseURI);

/** @param {string} file */
async function fetchFile(file) {
  const answer = await fetch(new URL(file, base));
  if (!answer.ok) throw new Error(`${file}: ${answer.status}`);
  return answer;
}

/** @param {string} file */
const fetchPicture = async file =>
  ({ blob: await (await fetchFile(file)).blob(), name: file.split('/').at(-1) ?? file });

/**
 * The sets with their classes' names in the page's language, all at once: both sets have the same classes.
 * @param {StarterSet[]} sets
 */
const translated = sets => sets.map(({ role, classes }) => ({
  role,
  classes: classes.map(({ name, pictures }) => ({ name: text(`teach.starters.class.${name}`) ?? name, pictures })),
}));

/** @param {StarterSet} set */
function creditOf({ title, credit, license, licenseUrl, source }) {
  const link = (/** @type {string} */ label, /** @type {string} */ href) =>
    Object.assign(make('a', '', label), { href, target: '_blank', rel: 'noreferrer' });
  return [link(title, source), `: ${credit}, `, link(license, licenseUrl)];
}

/**
 * @param {import('./context.js').TeachContext} context
 * @param {{ additions: import('./additions.js').Additions, onLoaded: () => void }} options
 *   onLoaded: all pictures are there
 */
export function createStarters(context, { additions, onLoaded }) {
  const start = button('teach.starters.start', 'plain', () => void load());
  const fault = alertLine();
  const credits = make('p', 'teach-credits hint');
  const about = localized('p', 'teach.starters.text', 'hint');
  const element = make('div', 'teach-starters', start, about, fault);
  /** @type {Promise<StarterSet[]> | undefined} */
  let listing;

  /** @returns {Promise<StarterSet[]>} */
  function list() {
    return (listing ??= fetchFile('starters.json').then(answer => answer.json()).catch(error => {
      listing = undefined;
      throw error;
    }));
  }

  /** @param {'' | 'teaching'} lesson  what comes next */
  function end(lesson) {
    context.lesson = lesson;
    start.disabled = false;
    context.show();
  }

  async function load() {
    start.disabled = true;
    context.lesson = 'filling';
    context.show();
    fault.textContent = '';
    try {
      for (const { role, classes } of translated(await list())) {
        for (const { name, pictures } of classes) {
          const files = await Promise.all(pictures.map(fetchPicture));
          await additions.addClasses([{ name, files }], { domain: domains[role], test: role === 'test' });
        }
      }
      end('teaching');
      onLoaded();
    } catch {
      end('');
      say(fault, 'teach.starters.failed');
    }
  }

  return {
    element,
    credits,

    /**
     * Measures how long the lesson takes on this device, and says it.
     * @param {import('../../residua.js').Residua} net
     * @param {() => boolean} isCurrent  whether the network is still the one that is used
     */
    async estimate(net, isCurrent) {
      try {
        const { ms } = await net.profile({ runs: 3 });
        if (isCurrent()) say(about, 'teach.starters.text.time', () => ({ time: duration(passes * ms / 1000) }));
      } catch (error) {
        console.warn(error); // an engine fault is reported by whoever needs the engine next
      }
    },

    /** Shows the credits while there are pictures of the sets. */
    async show() {
      const starterDomains = Object.values(domains);
      const isUsed = context.teacher?.classes.some(({ pictures }) =>
        pictures.some(({ domain }) => starterDomains.includes(domain))) ?? false;
      credits.hidden = !isUsed;
      if (!isUsed || credits.childElementCount > 0) return;
      const sets = await list().catch(() => []);
      credits.replaceChildren(...sets.flatMap((set, i) => [...(i > 0 ? [' · '] : []), ...creditOf(set)]));
      credits.lang = 'en';
    },
  };
}
