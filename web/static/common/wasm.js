// @ts-check

/**
 * Compiles a WebAssembly file. Some hosts do not know its type, without which a browser does not compile while it loads.
 * @param {Response} response
 * @returns {Promise<WebAssembly.Module>}
 */
export async function compileWasm(response) {
  if (response.headers.get('content-type') === 'application/wasm') return WebAssembly.compileStreaming(response);
  return WebAssembly.compile(await response.arrayBuffer());
}
