// The emoji of the site, as a set of pictures with two domains: renderings and drawings of the same things.

import { LabFault } from './faults.js';

/** @typedef {import('./types.js').Picture} Picture */
/** @typedef {{ role: 'train' | 'test', classes: { name: string, pictures: string[] }[] }} StarterSet */

const base = new URL('starters/', document.baseURI);

/** @param {string} file */
async function fetched(file) {
  const answer = await fetch(new URL(file, base)).catch(() => undefined);
  if (!answer?.ok) throw new LabFault('skiplab.error.emoji');
  return answer;
}

/** @returns {Promise<{ classes: string[], domains: string[], pictures: Picture[] }>} */
export async function emojiPictures() {
  /** @type {StarterSet[]} */
  const sets = await (await fetched('starters.json')).json();
  const classes = [...new Set(sets.flatMap(set => set.classes.map(({ name }) => name)))];
  const listed = sets.flatMap(({ role, classes: all }) => all.flatMap(({ name, pictures }) => pictures.map(file =>
    ({ file, label: classes.indexOf(name), domain: role === 'train' ? 0 : 1 }))));
  const pictures = await Promise.all(listed.map(async ({ file, ...picture }) =>
    ({ ...picture, image: await (await fetched(file)).blob() })));
  return { classes, domains: ['rendered', 'drawn'], pictures };
}
