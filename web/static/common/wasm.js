// @ts-check

/**
 * Compiles a WebAssembly file. Browsers compile while they download only if the host sends the right content type,
 * which some hosts do not know.
 * @param {Response} response
 * @returns {Promise<WebAssembly.Module>}
 */
export async function compileWasm(response) {
  if (response.headers.get('content-type') === 'application/wasm') return WebAssembly.compileStreaming(response);
  return WebAssembly.compile(await response.arrayBuffer());
}
