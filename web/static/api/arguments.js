// @ts-check
/**
 * Checks what callers give to the public API, before anything is done with it: a wrong type, a value that an option
 * does not have, and an option that a method does not have, which is most often a misspelt one. Each is a ResiduaError
 * with the code `bad-argument` that says what would be right. signatures.js has the tables.
 */
import { badArgument } from './errors.js';

/**
 * What an argument must be, as a phrase that follows "must be", and as a test. Options that are undefined have their
 * defaults and are not tested, unless they are required.
 * @typedef {{ what: string, is: (value: any) => boolean, required?: boolean }} Kind
 */
/**
 * What a method takes: its arguments, each with its name, and then an object with options. sync: it returns its result,
 * and so throws, while the others return promises, which reject.
 * @typedef {{ takes?: [name: string, kind: Kind][], options?: Record<string, Kind>, sync?: boolean }} Signature
 */

/** @param {string} what  @param {Kind['is']} is  @returns {Kind} */
const kind = (what, is) => ({ what, is });
/** @param {Kind} kind  @returns {Kind} the same, or null, which stands for nothing as undefined does */
const orNull = ({ what, is }) => kind(what, value => value === null || is(value));

/** Checked elsewhere. */
export const anything = kind('anything', () => true);
export const text = kind('a text', value => typeof value === 'string');
export const texts = kind('a list of texts', value => Array.isArray(value) && value.every(text.is));
export const flag = kind('true or false', value => typeof value === 'boolean');
export const callback = orNull(kind('a function', value => typeof value === 'function'));
export const blob = kind('a File or Blob', value => value instanceof Blob);
export const blobs = kind('a list of Files or Blobs', value => Array.isArray(value) && value.every(blob.is));
export const port = kind('a MessagePort', value => value instanceof MessagePort);
export const object = kind('an object', value => typeof value === 'object' && value !== null);
export const iterable = kind('a list', value => value !== null && typeof value?.[Symbol.iterator] === 'function' &&
  !text.is(value));
export const positive = kind('a number above 0', value => Number.isFinite(value) && value > 0);
/** Signals of other windows are none of this one's class. */
export const signal = orNull(kind('an AbortSignal',
  value => typeof value?.aborted === 'boolean' && typeof value.addEventListener === 'function'));
export const modelName = kind('a model\'s name', value => text.is(value) && /^[\w.-]+$/.test(value));

/** @param {number} least  @returns {Kind} */
export const wholeFrom = least =>
  kind(`a whole number from ${least}`, value => Number.isSafeInteger(value) && value >= least);

/** Blocks of the network, by their indices. Whether they exist is checked by whoever knows the network. */
export const blockList = kind('a list of blocks\' indices', value => Array.isArray(value) && value.every(at =>
  Number.isSafeInteger(at) && at >= 0));

/** @param {number} low  @param {number} high  @returns {Kind} */
export const between = (low, high) =>
  kind(`a number from ${low} to ${high}`, value => Number.isFinite(value) && value >= low && value <= high);

/** @param {...string} values  @returns {Kind} */
export const someOf = (...values) => kind(`a list of ${listed(values.map(value => `"${value}"`), 'and')}`,
  value => Array.isArray(value) && value.every(one => values.includes(one)));

/** @param {...string} values  @returns {Kind} */
export const oneOf = (...values) =>
  kind(listed(values.map(value => `"${value}"`), 'or'), value => values.includes(value));

/** An address, relative to the page or absolute. */
export const address = kind('an address', value => {
  if (!(value instanceof URL) && (!text.is(value) || value === '')) return false;
  try {
    return Boolean(new URL(value, globalThis.document?.baseURI ?? 'http://localhost/'));
  } catch {
    return false;
  }
});

const ablations = ['residual', 'shortcut'];
export const ablate = orNull(kind('an object that maps blocks\' indices to "residual" or "shortcut"', value =>
  isOptions(value) && Object.entries(value).every(([block, part]) => /^\d{1,9}$/.test(block)
    && ablations.includes(/** @type {any} */ (part)))));

/** @param {Kind} kind  @returns {Kind} */
export const required = kind => ({ ...kind, required: true });

/**
 * The whole address of a folder, with a slash at its end.
 * @param {string} what  the argument's name
 * @param {string | URL} given  with the slash or without
 */
export function folderAt(what, given) {
  const url = new URL(given, document.baseURI);
  if (url.search || url.hash) throw badArgument(`${what} must be the address of a folder, and ${url} is none`);
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return url.href;
}

/**
 * A function of the API that checks its arguments first.
 * @template {(...args: any[]) => any} F
 * @param {string} name
 * @param {F} act
 * @param {Signature} signature
 * @returns {F}
 */
export function guarded(name, act, { takes = [], options = {}, sync = false }) {
  return /** @type {F} */ (function (/** @type {any[]} */ ...args) {
    try {
      takes.forEach(([what, kind], at) => check(`${what} of ${name}`, args[at], { ...kind, required: true }));
      checkOptions(name, args[takes.length], options);
    } catch (error) {
      if (sync) throw error;
      return Promise.reject(error);
    }
    // @ts-expect-error a method's this is the caller's
    return act.apply(this, args);
  });
}

/**
 * Has the methods of a class check their arguments, and that they are called on what they belong to.
 * @param {any} target  the class, for its static methods, or its prototype
 * @param {Record<string, Signature>} signatures
 * @param {(self: any, name: string) => string | undefined} [fault]  why a method cannot be called on something;
 *   undefined: it can be
 */
export function guard(target, signatures, fault = () => undefined) {
  for (const [name, signature] of Object.entries(signatures)) {
    const act = target[name];
    const checked = guarded(name, act, signature);
    const value = function (/** @type {any[]} */ ...args) {
      // @ts-expect-error a method's this is the caller's
      const reason = fault(this, name);
      if (reason && signature.sync) throw badArgument(reason);
      if (reason) return Promise.reject(badArgument(reason));
      // @ts-expect-error as above
      return checked.apply(this, args);
    };
    Object.defineProperty(target, name, { value, writable: true, configurable: true });
  }
}

/**
 * @param {string} name  of the method
 * @param {unknown} given
 * @param {Record<string, Kind>} known
 */
function checkOptions(name, given, known) {
  const names = Object.keys(known);
  if (given !== undefined && names.length > 0 && !isOptions(given)) {
    throw badArgument(`the options of ${name} must be an object with ${listed(names, 'or')}, and not ${shown(given)}`);
  }
  const options = /** @type {Record<string, unknown>} */ (names.length > 0 && given || {});
  for (const option in options) { // those that it inherits too, as destructuring reads them
    if (Object.hasOwn(known, option)) continue;
    throw badArgument(`${name} has no option "${option}"; it has ${listed(names, 'and')}`);
  }
  for (const [option, kind] of Object.entries(known)) check(`${option} of ${name}`, options[option], kind);
}

/**
 * @param {string} subject  what the value is, for the message
 * @param {unknown} value
 * @param {Kind} kind
 */
export function check(subject, value, { what, is, required = false }) {
  if (value === undefined && !required) return;
  if (!is(value)) throw badArgument(`${subject} must be ${what}, and not ${shown(value)}`);
}

/** Whether a value is a plain object and no File, list or event. @param {any} value */
const isOptions = value => Object.prototype.toString.call(value) === '[object Object]';

/** @param {string[]} items  @param {'and' | 'or'} word */
const listed = (items, word) =>
  (items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} ${word} ${items.at(-1)}`);

/** A value in a message. @param {any} value */
function shown(value) {
  if (typeof value === 'string') return value.length > 60 ? `"${value.slice(0, 60)}…"` : `"${value}"`;
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null) return String(value);
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  if (tag === 'Array') return 'this list';
  return tag === 'Object' ? 'this object' : `${/^[AEIO]/.test(tag) ? 'an' : 'a'} ${tag}`;
}
