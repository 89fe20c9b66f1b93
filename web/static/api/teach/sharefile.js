// @ts-check
/**
 * A head's file as it is shared: what it says of itself, read without an engine, and what its classes may be called. What a host takes is for
 * the host to say (web/head.go, web/label.go); that it would refuse a name is better known before anything is sent.
 */
import { badWeights } from '../errors.js';

/** The longest header that a host takes, in bytes. */
export const maxHeader = 16 << 10;
/** The longest header that is read, in bytes, as package weights has it. */
const maxRead = 1 << 20;
/** The most characters of a class's name, where no host says another number. */
const maxName = 64;

/** Where a head's description stands in the metadata. */
const key = 'residua.taught';

/** @typedef {'long' | 'markup' | 'control' | 'lost' | 'invisible'} NameFault */
/** @typedef {{ model: string, classes: string[], bytes: number, header: number }} Described  bytes: of the file; header: those of its header */

/** Characters that do something rather than being something to see; among them those that turn the direction of writing. */
const control = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/u;
/** What is left of characters that were lost on the way. */
const lost = /[\p{Cs}\ufffd]/u;
const visible = /[\p{L}\p{M}\p{N}\p{P}\p{S}]/u;
const allUnsound = new RegExp(`${control.source}|${lost.source}`, 'gu');

/**
 * Why a class's name cannot be shared.
 * @param {string} name
 * @param {number} [most] characters
 * @returns {NameFault | undefined} undefined: it can
 */
export function nameFault(name, most = maxName) {
  if (lost.test(name)) return 'lost';
  if ([...name].length > most) return 'long';
  if (/[<>]/.test(name)) return 'markup';
  if (control.test(name)) return 'control';
  return visible.test(name) ? undefined : 'invisible';
}

/**
 * A stranger's name as it is shown and used here: short, with something to see in it, and with nothing that acts on the words around it. Tags
 * stay: the page shows them as the text that they are.
 * @param {string} name
 * @param {number} at which of the classes it is, from 0
 */
export function inert(name, at) {
  const plain = name.replace(allUnsound, one => `[U+${one.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')}]`);
  if (!visible.test(plain)) return `#${at + 1}`;
  const characters = [...plain];
  return characters.length > maxName ? `${characters.slice(0, maxName - 1).join('')}…` : plain;
}

/**
 * What a head's file says of itself.
 * @param {Blob} file
 * @param {number} [most] bytes of its header
 * @returns {Promise<Described>}
 */
export async function describe(file, most) {
  const { card: { model, classes }, header } = await takeApart(file, most);
  return { model, classes, bytes: file.size, header };
}

/**
 * The same head with other names for its classes.
 * @param {Blob} file
 * @param {string[]} classes
 */
export async function renamed(file, classes) {
  const { json, card, body } = await takeApart(file);
  if (classes.length !== card.classes.length) throw badWeights(`it has ${card.classes.length} classes, and there are ${classes.length} names`);
  json.__metadata__[key] = JSON.stringify({ ...card, classes });
  const text = new TextEncoder().encode(JSON.stringify(json));
  const padding = ' '.repeat(-text.length & 7); // the tensors begin at a multiple of eight
  const length = new DataView(new ArrayBuffer(8));
  length.setBigUint64(0, BigInt(text.length + padding.length), true);
  return new Blob([length, text, padding, body]);
}

/**
 * A head's file in its parts. Only what is said here is checked: whether the weights are sound, the engine looks.
 * @param {Blob} file
 * @param {number} [most] bytes of its header
 * @returns {Promise<{ json: any, card: { model: string, classes: string[] }, header: number, body: Blob }>}
 */
async function takeApart(file, most = maxRead) {
  if (file.size < 8) throw badWeights('it is cut off');
  const header = Number(new DataView(await file.slice(0, 8).arrayBuffer()).getBigUint64(0, true));
  if (header > Math.min(most, file.size - 8)) throw badWeights('its header is longer than it can be');
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(await file.slice(8, 8 + header).arrayBuffer());
    const json = JSON.parse(text);
    const card = JSON.parse(json.__metadata__[key]);
    const { model, classes } = card;
    const isText = (/** @type {unknown} */ value) => typeof value === 'string';
    if (isText(model) && /^[\w.-]{1,64}$/.test(model) && Array.isArray(classes) && classes.every(isText)) return { json, card, header, body: file.slice(8 + header) };
  } catch {
    // It is none.
  }
  throw badWeights('it is none that was taught here');
}
