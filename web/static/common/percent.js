// How a probability is written: the same on the page and on the canvas, which is a document of its own.

/**
 * A probability. What rounds to nothing is said to be small, and what rounds to everything is not said to be sure.
 * @param {string} language
 * @param {number} probability 0…1
 */
export function percentIn(language, probability) {
  const { format } = new Intl.NumberFormat(language, { style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 });
  if (probability < 0.0005) return `< ${format(0.001)}`;
  if (probability >= 0.9995) return `> ${format(0.999)}`;
  return format(probability);
}
