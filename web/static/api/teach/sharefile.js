// @ts-check
/**
 * The file of a shared head: reads and changes its description without an engine, and checks its classes' names. The
 * host has the last word on names (web/head.go, web/label.go); checking them here tells the user before anything is
 * sent.
 */
import { badArgument, badWeights } from '../errors.js';

/** The longest header that a host accepts, in bytes. */
export const maxHeader = 16 << 10;
/** The longest header that is read, in bytes: the limit of Go package weights. */
const maxReadHeader = 1 << 20;
/** The most characters of a class's name, unless the host has another limit. */
const maxName = 64;

/** The key of a head's description in the safetensors metadata. */
const key = 'residua.taught';

/**
 * What is wrong with a name: it is too long, contains < or >, contains control characters, contains characters that
 * were lost in a conversion, or has nothing visible.
 * @typedef {'long' | 'markup' | 'control' | 'lost' | 'invisible'} NameFault
 */
/**
 * What a head's file says of itself.
 * @typedef {object} Described
 * @property {string} model
 * @property {string[]} classes
 * @property {number} bytes  of the file
 * @property {number} header  bytes of the file's header
 */

/** Control characters, among them those that change the direction of writing. */
const control = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/u;
/** Lone surrogates and replacement characters. */
const lost = /[\p{Cs}\ufffd]/u;
const visible = /[\p{L}\p{M}\p{N}\p{P}\p{S}]/u;
const allUnsound = new RegExp(`${control.source}|${lost.source}`, 'gu');

/**
 * Why a class's name cannot be shared.
 * @param {string} name
 * @param {number} [maxLength]  in characters
 * @returns {NameFault | undefined} undefined: it can be shared
 */
export function nameFault(name, maxLength = maxName) {
  if (lost.test(name)) return 'lost';
  if ([...name].length > maxLength) return 'long';
  if (/[<>]/.test(name)) return 'markup';
  if (control.test(name)) return 'control';
  return visible.test(name) ? undefined : 'invisible';
}

/**
 * A class's name from an untrusted file, made safe to show: not too long, visible, and without characters that affect
 * the text around it. Markup stays, because the page shows names as text.
 * @param {string} name
 * @param {number} at  the class's index, from 0
 */
export function sanitizeName(name, at) {
  const codeOf = (/** @type {string} */ one) => one.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0');
  const plain = name.replace(allUnsound, one => `[U+${codeOf(one)}]`);
  if (!visible.test(plain)) return `#${at + 1}`;
  const characters = [...plain];
  return characters.length > maxName ? `${characters.slice(0, maxName - 1).join('')}…` : plain;
}

/**
 * Reads what a head's file says of itself.
 * @param {Blob} file
 * @param {number} [maxHeaderBytes]  the longest header to read
 * @returns {Promise<Described>} It rejects with `bad-weights` if the file is not a head.
 */
export async function describe(file, maxHeaderBytes) {
  const { card: { model, classes }, header } = await parse(file, maxHeaderBytes);
  return { model, classes, bytes: file.size, header };
}

/**
 * The same head with other names for its classes.
 * @param {Blob} file
 * @param {string[]} classes  one name for each class
 * @returns {Promise<Blob>} It rejects with `bad-weights` if the file is not a head, or has another number of classes.
 */
export async function renameClasses(file, classes) {
  const { json, card, body } = await parse(file);
  if (classes.length !== card.classes.length) {
    throw badArgument(`there are ${card.classes.length} classes, and the names given are ${classes.length}`);
  }
  json.__metadata__[key] = JSON.stringify({ ...card, classes });
  const text = new TextEncoder().encode(JSON.stringify(json));
  const padding = ' '.repeat(-text.length & 7); // the tensors begin at a multiple of eight
  const length = new DataView(new ArrayBuffer(8));
  length.setBigUint64(0, BigInt(text.length + padding.length), true);
  return new Blob([length, text, padding, body]);
}

/**
 * Splits a head's file into its parts. This checks the header only; the engine checks the weights.
 * @param {Blob} file
 * @param {number} [maxHeaderBytes]
 * @returns {Promise<{ json: any, card: { model: string, classes: string[] }, header: number, body: Blob }>}
 */
async function parse(file, maxHeaderBytes = maxReadHeader) {
  if (file.size < 8) throw badWeights('it is cut off', 'cut-off');
  const header = Number(new DataView(await file.slice(0, 8).arrayBuffer()).getBigUint64(0, true));
  if (header > Math.min(maxHeaderBytes, file.size - 8)) throw badWeights('its header is longer than it can be');
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(await file.slice(8, 8 + header).arrayBuffer());
    const json = JSON.parse(text);
    const card = JSON.parse(json.__metadata__[key]);
    const { model, classes } = card;
    const isText = (/** @type {unknown} */ value) => typeof value === 'string';
    const isSound = isText(model) && /^[\w.-]{1,64}$/.test(model) && Array.isArray(classes) && classes.every(isText);
    if (isSound) return { json, card, header, body: file.slice(8 + header) };
  } catch {
    // The header is not that of a head.
  }
  throw badWeights('it is none that was taught here', 'not-taught');
}
