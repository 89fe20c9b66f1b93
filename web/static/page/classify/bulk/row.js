// A row of the table.

/**
 * A picture of the table. Of its file only the handle is kept, and of its answer the first guesses.
 * @typedef {object} Row
 * @property {number} id  its place in the order of arrival
 * @property {string} path  with the folders that it lies in
 * @property {(signal?: AbortSignal) => Promise<Blob>} open
 * @property {{ index: number, probability: number }[]} [guesses]  the most probable first
 * @property {boolean} [none]  whether a taught classifier says that it is none of its classes
 * @property {Fault} [fault]  why there is no answer
 * @property {number} truth  the right class, -1 where nobody knows it
 */
/**
 * What an error says, without its stack.
 * @typedef {{ name: string, code: string, message: string, details: any }} Fault
 */
export {};
