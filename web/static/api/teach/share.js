// @ts-check
/**
 * Sharing what was taught. A head goes to the host that this page is from, which keeps it for whoever has its link, and comes back from there.
 * Nothing else is ever sent. web/share.go is the other end.
 */
import { siteFolder } from '../../common/site.js';
import { badWeights, cancelled, ResiduaError } from '../errors.js';
import { hashOf } from './picture.js';
import { describe, maxHeader, nameFault, renamed } from './sharefile.js';

/** @typedef {{ maxBytes: number, days: number, maxLabel: number }} Limits  what a host takes, and for how long: bytes of a file, days, characters of a name */
/**
 * @typedef {object} Shared
 * @property {string} url  the link, at which this page asks whether to load it
 * @property {string} id
 * @property {number} bytes
 * @property {string[]} classes
 * @property {Date} expires
 * @property {boolean} fresh  false: the same head was shared before, and has the same link
 */

/** Beside the site's other files, in whatever folder of the host they are. */
const api = new URL('api/', siteFolder);

/** No share is larger, in bytes, whatever a host sends. */
const maxShare = 4 << 20;

/** @param {string} id */
export const isShareID = id => /^[0-9a-f]{32}$/.test(id);

/** Where a share's link leads. @param {string} id */
export const linkOf = id => new URL(`#share=${id}`, siteFolder).href;

/**
 * What this host takes.
 * @param {{ signal?: AbortSignal }} [options]
 * @returns {Promise<Limits | null>} null: it has no API
 */
export async function limitsOfHost({ signal } = {}) {
  const response = await ask('health', { cache: 'no-store', signal });
  if (response.status >= 500) throw httpError(response);
  const { maxBytes, days, maxLabel } = (await jsonOf(response))?.share ?? {};
  return response.ok && [maxBytes, days, maxLabel].every(Number.isInteger) ? { maxBytes, days, maxLabel } : null;
}

/**
 * What of a head this host would refuse.
 * @param {import('./sharefile.js').Described} head
 * @param {Limits} limits
 * @returns {{ why: 'too-large' | 'too-long' | '', names: { at: number, name: string, why: import('./sharefile.js').NameFault }[] }}
 *   why: what is wrong with all of it; names: which names, and why
 */
export function refusalOf({ bytes, header, classes }, { maxBytes, maxLabel }) {
  const names = classes.flatMap((name, at) => {
    const why = nameFault(name, maxLabel);
    return why ? [{ at, name, why }] : [];
  });
  return { why: bytes > maxBytes ? 'too-large' : header > maxHeader && names.length === 0 ? 'too-long' : '', names };
}

/**
 * Shares a head.
 * @param {Blob} head  as teacher.export gives it
 * @param {{ names?: string[], signal?: AbortSignal }} [options]  names: what the classes shall be called in the link; by default as they were taught
 * @returns {Promise<Shared>}
 */
export async function share(head, { names, signal } = {}) {
  const file = names ? await renamed(head, names) : head;
  const response = await ask('share', { method: 'POST', headers: { 'Content-Type': 'application/octet-stream' }, body: file, signal });
  const answer = await jsonOf(response);
  if (answer?.error) throw refusedBy(answer.error, response);
  if (!response.ok || !isShareID(answer?.id)) throw httpError(response);
  const { classes } = await describe(file);
  return { url: linkOf(answer.id), id: answer.id, bytes: Number(answer.bytes), classes, expires: new Date(answer.expires), fresh: response.status === 201 };
}

/**
 * Fetches a share: a head's file for teacher.import, which checks it. It is at least what was shared, for its name is its hash.
 * @param {string} id  out of a link
 * @param {{ signal?: AbortSignal }} [options]
 * @returns {Promise<Blob>}
 */
export async function fetchShare(id, { signal } = {}) {
  if (!isShareID(id)) throw noShare(id);
  const response = await ask(`share/${id}`, { redirect: 'error', signal });
  if (response.status === 404) throw noShare(id);
  if (!response.ok) throw httpError(response);
  const file = await readBounded(response, signal);
  if (!(await hashOf(file)).startsWith(id)) {
    throw new ResiduaError('corrupt-download', `${response.url} arrived damaged and was thrown away. Try again.`, { file: response.url });
  }
  return file;
}

/**
 * A body, but no more than a share may have.
 * @param {Response} response
 * @param {AbortSignal} [signal]
 */
async function readBounded(response, signal) {
  /** @type {BlobPart[]} */
  const parts = [];
  let size = 0;
  try {
    for (const reader = response.body?.getReader(); reader;) {
      const { done, value } = await reader.read();
      if (done) break;
      size += value.length;
      if (size > maxShare) {
        void reader.cancel();
        throw badWeights('the file is larger than a share can be');
      }
      parts.push(value);
    }
  } catch (error) {
    throw error instanceof ResiduaError ? error : cutOff(response.url, signal);
  }
  return new Blob(parts);
}

/**
 * @param {string} path
 * @param {RequestInit} init
 */
async function ask(path, init) {
  const url = new URL(path, api);
  try {
    return await fetch(url, { credentials: 'omit', ...init, signal: init.signal ?? null });
  } catch {
    throw cutOff(url.href, init.signal ?? undefined);
  }
}

/** @param {Response} response  @returns {Promise<any>} null: it is no JSON */
const jsonOf = response => response.json().catch(() => null);

/**
 * @param {string} file
 * @param {AbortSignal} [signal]
 */
function cutOff(file, signal) {
  if (signal?.aborted) return cancelled();
  return new ResiduaError('offline', `${file} did not come through: there is no connection. Check that this device is online, then try again.`, { file });
}

/** @param {Response} response */
const httpError = ({ status, url }) => new ResiduaError('http', `The server answered ${status} for ${url}. Try again in a moment.`, { status: String(status), file: url });

/** @param {string} id */
const noShare = id => new ResiduaError('no-share', 'There is no such share, or no longer: hosts keep them for a time. Ask whoever shared it for a new link.', { id });

/**
 * @param {{ code: string, message: string }} error  the host's
 * @param {Response} response
 */
function refusedBy({ code, message }, { headers }) {
  const at = code === 'bad-label' && /class (\d+)/.exec(message);
  const seconds = Number(headers.get('Retry-After'));
  return new ResiduaError('cannot-share', message, {
    why: String(code), reason: String(message), ...(at ? { class: String(Number(at[1]) - 1) } : {}), ...(seconds > 0 ? { seconds: String(seconds) } : {}),
  });
}
