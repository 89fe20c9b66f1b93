// A project file that the page writes, what it reads in one, and what that should be.

/** @typedef {import('playwright-core').Page} Page */

/** The bytes of the project file of what is in the store. @param {Page} page @param {object} [options] */
export async function write(page, options) {
  return Buffer.from(await page.evaluate(async options => {
    const { lab } = /** @type {any} */ (globalThis);
    const { header: head, pictures } = await lab.store.load();
    const blob = await lab.writeProject(lab.store, head, pictures, options);
    if (blob.type !== 'application/zip') throw new Error(`its type is ${blob.type}`);
    return btoa(Array.from(await lab.contentOf(blob), byte => String.fromCharCode(byte)).join(''));
  }, options), 'base64');
}

/**
 * What the page reads in a project file: all of it, or its refusal.
 * @param {Page} page
 * @param {Buffer} zip
 */
export const read = (page, zip) => page.evaluate(async base64 => {
  const { lab } = /** @type {any} */ (globalThis);
  const blob = new Blob([Uint8Array.from(atob(base64), sign => sign.charCodeAt(0))]);
  return lab.readAll(blob).catch((/** @type {any} */ error) => ({
    name: error.name,
    code: error.code,
    message: error.message,
    details: error.details,
    stack: error.stack,
  }));
}, zip.toString('base64'));

/** What the good file of the tests should give. @param {Page} page @param {{ inputs?: boolean }} [options] */
export const expected = (page, { inputs = true } = {}) => page.evaluate(async inputs => {
  const { lab } = /** @type {any} */ (globalThis);
  const pictures = [];
  for (const i of [0, 1, 2]) {
    const { record, content } = await lab.picture(i, i === 1 ? { features: 0 } : {});
    pictures.push({
      record,
      type: 'image/png',
      hash: record.hash,
      features: content.features && [...content.features],
      small: content.small && await lab.sha256(content.small),
      input: inputs && content.input ? [...content.input] : null,
      blocks: content.blocks && [...content.blocks],
    });
  }
  return {
    head: lab.head(),
    total: 3,
    pictures,
    weights: [['head', [1, 2, 3]], ['last-block', [4, 5]]],
    faults: /** @type {any[]} */ ([]),
  };
}, inputs);
