// @ts-check
/** A reason without a full stop: the sentence that it goes into has its own. @param {unknown} reason */
export const clause = reason => String(reason).replace(/[.。\s]+$/u, '');
