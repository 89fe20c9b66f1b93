// @ts-check
/**
 * Shares heads: uploads a head to the host of this page, which keeps it for whoever has its link, and downloads it
 * again. Nothing else is ever uploaded. web/share.go is the other end.
 */
import { siteFolder } from '../../common/site.js';
import { badWeights, cancelled, ResiduaError } from '../errors.js';
import { hashOf } from './picture.js';
import { describe, maxHeader, nameFault, renameClasses } from './sharefile.js';
import { isShareID, shareIDIn } from './shareid.js';

export { isShareID, shareIDIn } from './shareid.js';

/**
 * What a host accepts.
 * @typedef {object} Limits
 * @property {number} maxBytes  of a file
 * @property {number} days  for which a share is kept
 * @property {number} maxLabel  characters of a class's name
 */
/**
 * @typedef {object} Shared
 * @property {string} url  the link: opened in a browser, this page asks whether to load the head
 * @property {string} id
 * @property {number} bytes
 * @property {string[]} classes
 * @property {Date} expires
 * @property {boolean} isNew  false: the same head was shared before, under the same link
 */

/** The API is beside the site's files, whose folder on the host is unknown. */
const api = () => new URL('api/', siteFolder);

/** The most that is read of a share, in bytes, whatever the host's limits are. */
const maxShareBytes = 4 << 20;

/** The link of a share. @param {string} id */
export const linkOf = id => new URL(`#share=${id}`, siteFolder).href;

/**
 * What the host of this page accepts.
 * @param {{ signal?: AbortSignal }} [options]
 * @returns {Promise<Limits | null>} null: it is a static host without an API. It rejects with `http` if the server
 *   fails, `offline` and `cancelled`.
 */
export async function limitsOfHost({ signal } = {}) {
  const response = await ask('health', { cache: 'no-store', signal });
  if (response.status >= 500) throw httpError(response);
  const { maxBytes, days, maxLabel } = (await jsonOf(response))?.share ?? {};
  return response.ok && [maxBytes, days, maxLabel].every(Number.isInteger) ? { maxBytes, days, maxLabel } : null;
}

/**
 * What a host would refuse of a head.
 * @typedef {object} Refusal
 * @property {'too-large' | 'too-long' | ''} why  the file as a whole: it is too large, or its names are too long
 *   together
 * @property {{ at: number, name: string, why: import('./sharefile.js').NameFault }[]} names  at: the class's index
 */

/**
 * Checks a head against a host's limits before it is sent.
 * @param {import('./sharefile.js').Described} head
 * @param {Limits} limits
 * @returns {Refusal}
 */
export function refusalOf({ bytes, header, classes }, { maxBytes, maxLabel }) {
  const names = classes.flatMap((name, at) => {
    const why = nameFault(name, maxLabel);
    return why ? [{ at, name, why }] : [];
  });
  const tooLong = header > maxHeader && names.length === 0;
  return { why: bytes > maxBytes ? 'too-large' : tooLong ? 'too-long' : '', names };
}

/**
 * Uploads a head.
 * @param {Blob} head  from teacher.export('head')
 * @param {object} [options]
 * @param {string[]} [options.names]  the classes' names in the shared file; by default as they were taught
 * @param {AbortSignal} [options.signal]
 * @returns {Promise<Shared>} It rejects with `cannot-share` if the host refuses the head, `bad-weights` if the file is
 *   not a head, and `http`, `offline` or `cancelled`.
 */
export async function share(head, { names, signal } = {}) {
  const file = names ? await renameClasses(head, names) : head;
  const headers = { 'Content-Type': 'application/octet-stream' };
  const response = await ask('share', { method: 'POST', headers, body: file, signal });
  const answer = await jsonOf(response);
  if (answer?.error) throw refusedBy(answer.error, response);
  if ([404, 405, 501].includes(response.status)) throw noHost(response);
  if (!response.ok || !isShareID(answer?.id)) throw httpError(response);
  const { id, bytes, expires } = answer;
  const { classes } = await describe(file);
  const isNew = response.status === 201;
  return { url: linkOf(id), id, bytes: Number(bytes), classes, expires: new Date(expires), isNew };
}

/**
 * Downloads a shared head. This checks its hash, which is its id, but not its content; teacher.import does that.
 * @param {string | URL} link  a link, with whatever a messenger put behind it, or its ID. The file comes from the host
 *   of this page, whatever host the link names
 * @param {{ signal?: AbortSignal }} [options]
 * @returns {Promise<Blob>} It rejects with `no-share`, `bad-weights` if the file is too large, `corrupt-download`,
 *   `http`, `offline` or `cancelled`.
 */
export async function fetchShare(link, { signal } = {}) {
  const id = shareIDIn(link) ?? String(link);
  if (!isShareID(id)) throw noShare(id);
  const response = await ask(`share/${id}`, { redirect: 'error', signal });
  if (response.status === 404) throw noShare(id);
  if (!response.ok) throw httpError(response);
  const file = await readBounded(response, signal);
  if (!(await hashOf(file)).startsWith(id)) {
    const { url } = response;
    throw new ResiduaError('corrupt-download', `${url} arrived damaged and was thrown away. Try again.`, { file: url });
  }
  return file;
}

/**
 * Reads a response's body, up to maxShareBytes.
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
      if (size > maxShareBytes) {
        void reader.cancel();
        throw badWeights('the file is larger than a share can be', 'too-large', {
          largest: `${Math.floor(maxShareBytes / 1e6)} MB`,
        });
      }
      parts.push(value);
    }
  } catch (error) {
    throw error instanceof ResiduaError ? error : connectionError(response.url, signal);
  }
  return new Blob(parts);
}

/**
 * @param {string} path
 * @param {RequestInit} init
 */
async function ask(path, init) {
  const url = new URL(path, api());
  try {
    return await fetch(url, { credentials: 'omit', ...init, signal: init.signal ?? null });
  } catch {
    throw connectionError(url.href, init.signal ?? undefined);
  }
}

/** @param {Response} response  @returns {Promise<any>} null: it is not JSON */
const jsonOf = response => response.json().catch(() => null);

/**
 * @param {string} file
 * @param {AbortSignal} [signal]
 */
function connectionError(file, signal) {
  if (signal?.aborted) return cancelled();
  return new ResiduaError('offline', `${file} did not come through: there is no connection. ` +
    'Check that this device is online, then try again.', { file });
}

/** @param {Response} response */
const httpError = ({ status, url }) => new ResiduaError('http',
  `The server answered ${status} for ${url}. Try again in a moment.`, { status: String(status), file: url });

/** A static host has nothing at the address. @param {Response} response */
const noHost = ({ status, url }) => new ResiduaError('http', `This host keeps no shares: it answered ${status} for ` +
  `${url}. Residua's own server and its Worker have the API for that.`, { status: String(status), file: url });

/** @param {string} id */
const noShare = id => new ResiduaError('no-share',
  'There is no such share, or no longer: hosts keep them for a time. Ask whoever shared it for a new link.', { id });

/**
 * The host's refusal as an error. The details have the host's code as why, and where they are known the class's index
 * and the seconds after which to try again.
 * @param {{ code: string, message: string }} error  the host's
 * @param {Response} response
 */
function refusedBy({ code, message }, { headers }) {
  const label = code === 'bad-label' && /class (\d+)/.exec(message);
  const seconds = Number(headers.get('Retry-After'));
  return new ResiduaError('cannot-share', message, {
    why: String(code),
    reason: String(message),
    ...(label ? { class: String(Number(label[1]) - 1) } : {}),
    ...(seconds > 0 ? { seconds: String(seconds) } : {}),
  });
}
