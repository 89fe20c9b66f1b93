// @ts-check
/** The ID of a share: what it looks like, and where it is in what people paste. */

/** Whether a text is an ID as hosts give it, and nothing else. @param {string} id */
export const isShareID = id => /^[0-9a-f]{32}$/.test(id);

/**
 * The ID in a link, in the hash of an address, or in an ID that was pasted. Messengers and people put all kinds of
 * things behind a link: a full stop, a bracket, an invisible space, words, parameters of their own. Some write it in
 * capitals, or encode it. An ID is the first 32 hexadecimal digits after `share=`, and all else is no part of it.
 * @param {string | URL} link
 * @returns {string | null} null: this is neither a link of a share nor an ID. What follows `share=` comes back as it
 *   is, perhaps empty, if it is no ID: the link was cut off, or somebody made it up.
 */
export function shareIDIn(link) {
  const text = decoded(String(link)).replace(/\p{Cf}/gu, ''); // invisible marks, the soft hyphen among them
  const named = /(?:^|[^a-z0-9])share(?:[=/]([^]*)|$)/i.exec(text);
  const id = /^[^a-z0-9]*([0-9a-f]{32})/i.exec(named?.[1] ?? text);
  if (id) return id[1].toLowerCase();
  return named ? named[1] ?? '' : null;
}

/** Some programs encode the `=` of a link, or all of it. @param {string} text */
function decoded(text) {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, bytes => {
    try {
      return decodeURIComponent(bytes);
    } catch {
      return bytes; // it is no UTF-8, and so no part of an ID
    }
  });
}
